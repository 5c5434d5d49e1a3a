"""After a delivery: did it arrive all right? A no opens a claim of the kind that is said, and brings a person."""

from __future__ import annotations

from actions import wording
from actions.message import Message
from actions.questions import (
    Answer,
    Chosen,
    Kind,
    No,
    Option,
    Question,
    Said,
    Yes,
    question_kind,
    read_choice,
    read_yes_no,
)
from actions.returns import heard
from actions.skills import skill
from actions.turn import Button, Turn, payload
from actions.which_order import order_number
from actions.words import fold
from backend.schemas.claims import ClaimKind

FEEDBACK, CLAIM = "delivery_feedback", "claim_kind"
KINDS: tuple[ClaimKind, ...] = ("missing", "wrong", "faulty", "unknown")
# "No", "no gracias", "not really": that something is wrong, and nothing of what.
_BARE = 2
_YES = frozenset({"si", "sip", "claro", "yes", "yeah", "yep"})
_NO = frozenset({"no", "nop", "nope"})
# "Sí, gracias, todo bien": what else a yes may hold.
_KIND_WORDS = frozenset(
    {"all", "arrived", "bien", "did", "excelente", "fine", "good", "gracias", "great", "it", "llego", "muchas", "much"}
    | {"muy", "perfecto", "thank", "thanks", "todo", "very", "well", "you"}
)
_BUT = frozenset({"but", "pero"})


@skill(FEEDBACK)
async def delivery_feedback(turn: Turn) -> None:
    """The button under the bot's own question (bot/notices/words.py)."""
    number = order_number(turn.message)
    if not number:
        turn.say("choice_stale")
        return
    turn.withdraw(FEEDBACK)
    await _settle(turn, number, is_well=turn.message.first("ok") is True)


async def _settle(turn: Turn, number: str, *, is_well: bool) -> None:
    said = "" if turn.message.is_button else turn.message.text
    if is_well:
        turn.say("feedback_thanks")
    elif heard.claim(said) or len(fold(said).split()) > _BARE:
        await _claim(turn, number, heard.claim(said) or "unknown", said)
    else:
        kinds = [Option(kind, turn.text(f"claim_{kind}"), turn.text(f"claim_also_{kind}")) for kind in KINDS]
        turn.withdraw(CLAIM)
        turn.ask("claim_kind", kinds, order_number=number)


async def _claim(turn: Turn, number: str, kind: ClaimKind, note: str) -> None:
    await turn.oms.open_claim(number, note or None, kind, key=turn.key("claim"))
    turn.say("feedback_claim", number=number)
    turn.hand_off("claim")


@question_kind(FEEDBACK)
class ArrivedWell(Kind):
    """Asked by the bot; dropped when the customer talks about something else."""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        if not message.is_button and (said := fold(message.text).split()):
            if said[0] in _NO or _BUT & set(said):
                return No()
            if said[0] in _YES and not set(said) - _YES - _KIND_WORDS:
                return Yes()
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        number = str(question.context["order_number"])
        buttons = [
            Button(turn.text("button_arrived"), payload(FEEDBACK, order_number=number, ok=True)),
            Button(turn.text("button_not_arrived"), payload(FEEDBACK, order_number=number, ok=False)),
        ]
        turn.say("feedback_ask", number=number, buttons=buttons)

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        await _settle(turn, str(question.context["order_number"]), is_well=not isinstance(answer, No))


@question_kind(CLAIM)
class WhatIsWrong(Kind):
    """What was wrong with the delivery? Whatever is said of it, a person hears it."""

    def read(self, message: Message, question: Question) -> Answer | None:
        if not message.is_button and (kind := heard.claim(message.text)):
            return Chosen(next(option for option in question.options if option.value == kind))
        answer = read_choice(message, question.options)
        if answer is None and heard.is_about_it(message) and message.text:
            return Said(message.text)
        return answer

    async def ask(self, turn: Turn, question: Question) -> None:
        number = question.context["order_number"]
        choices = wording.numbered(question.options, {})
        turn.say("claim_ask", number=number, choices=choices, buttons=turn.choices(question))

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        kinds: dict[str, ClaimKind] = {kind: kind for kind in KINDS}
        kind = kinds[answer.option.value] if isinstance(answer, Chosen) else "unknown"
        note = "" if turn.message.is_button else turn.message.text
        await _claim(turn, str(question.context["order_number"]), kind, note)
