"""The end of a return before its time: its customer keeps the goods, or does not take no for an answer."""

from __future__ import annotations

from collections.abc import Sequence

from actions import wording
from actions.message import Message
from actions.questions import Answer, Chosen, Kind, Narrowed, Option, Question, Yes, question_kind, read_yes_no
from actions.returns import heard
from actions.returns.standing import CANCELLABLE, return_number
from actions.skills import say_refusal, skill
from actions.turn import Turn
from actions.which_order import order_number
from backend.schemas.returns import Return
from kernel.errors import ComandaError

_ARRIVED = frozenset({"partially_delivered", "delivered"})


@skill("return_cancel")
async def return_cancel(turn: Turn) -> None:
    """The one that is being asked for, else one that was asked for and of which nothing came."""
    if any(question.kind == "return" for question in turn.questions):
        turn.withdraw("return")
        turn.say("return_left_alone")
        return
    number = return_number(turn.message)
    mine = [each for each in await turn.oms.my_returns() if number in (None, each.number)]
    open_ones = [each for each in mine if each.status in CANCELLABLE and each.settled_at is None]
    turn.withdraw("return_cancel", "return_which")
    if not open_ones:
        turn.say("return_none_to_cancel", buttons=[turn.button("button_person", "human_request")])
    elif len(open_ones) == 1:
        turn.ask("return_cancel", number=open_ones[0].number, what=_what(turn, open_ones[0]))
    else:
        turn.ask("return_which", _options(turn, open_ones))


@skill("return_appeal")
async def return_appeal(turn: Turn) -> None:
    """A person looks at what was rejected, or at an order of which the assistant would take nothing back."""
    number, order = return_number(turn.message), order_number(turn.message)
    note = turn.message.text if not turn.message.is_button else None
    rejected = [
        each
        for each in await turn.oms.my_returns()
        if each.status == "rejected" and number in (None, each.number) and order in (None, each.order_number)
    ]
    if rejected:
        await turn.oms.appeal_return(rejected[0].number, note, key=turn.key("appeal"))
        turn.say("return_appealed", number=rejected[0].number)
    else:
        arrived = [each.number for each in await turn.oms.orders() if each.fulfillment_status in _ARRIVED]
        about = order or (arrived[0] if len(arrived) == 1 else None)
        if about is not None:
            await turn.oms.open_claim(about, note, heard.claim(note or "") or "unknown", key=turn.key("claim"))
        turn.say("return_looked_at_again")
    turn.withdraw("return")
    turn.hand_off("return_appeal")


def _what(turn: Turn, each: Return) -> str:
    return ", ".join(f"{line.quantity} × {wording.words(line.names, turn.language)}" for line in each.lines)


def _options(turn: Turn, returns: Sequence[Return]) -> list[Option]:
    return [
        Option(each.number, f"{each.number} · {_what(turn, each)}", each.number.rpartition("-")[2]) for each in returns
    ]


@question_kind("return_which")
class WhichReturn(Kind):
    """Which of your returns shall be cancelled?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        number = return_number(message)
        named = next((option for option in question.options if option.value == number), None)
        return Chosen(named) if named else super().read(message, question)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say("return_which", choices=wording.numbered(question.options, {}), buttons=turn.choices(question))

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                turn.ask("return_cancel", number=option.value, what=option.title.partition(" · ")[2])
            case Narrowed():
                turn.misunderstood()
                turn.questions.append(question)
            case _:
                turn.say("return_goes_on")


@question_kind("return_cancel")
class ReallyKeep(Kind):
    """Shall this return really be cancelled?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        if message.intent == "return_cancel" and return_number(message) in (None, question.context["number"]):
            return Yes()
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "return_cancel_confirm",
            **question.context,
            buttons=[
                turn.button("button_yes_cancel", "affirm", question=question.id),
                turn.button("button_no", "deny", question=question.id),
            ],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        number = question.context["number"]
        if not isinstance(answer, Yes):
            turn.say("return_goes_on")
            return
        try:
            await turn.oms.cancel_return(number, key=turn.key("return_cancel"))
        except ComandaError as refusal:
            if refusal.status >= 500:
                raise
            # It came, or was settled, meanwhile.
            say_refusal(turn, refusal)
            return
        turn.say("return_cancelled", number=number)
