"""After a delivery: did it arrive all right? A no opens a claim and brings a person."""

from __future__ import annotations

from actions.message import Message
from actions.questions import Answer, Kind, No, Question, Yes, question_kind, read_yes_no
from actions.skills import skill
from actions.turn import Button, Turn, payload
from actions.which_order import order_number
from actions.words import fold

FEEDBACK = "delivery_feedback"
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
    if is_well:
        turn.say("feedback_thanks")
        return
    await turn.oms.open_claim(number, key=turn.key("claim"))
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
