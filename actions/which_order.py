"""Which of the customer's orders is meant? Each act on an order says here what is done with the one that is chosen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from actions import wording
from actions.identities import offer_number
from actions.message import Message
from actions.parcels import status
from actions.questions import Answer, Chosen, Kind, Narrowed, Option, Question, question_kind
from actions.turn import Turn
from backend.schemas.orders import Order

LISTED = 5

Act = Callable[[Turn, Order, Mapping[str, Any]], Awaitable[None]]
_ACTS: dict[str, Act] = {}


def order_act(name: str) -> Callable[[Act], Act]:
    """Register what is done with an order; it is given what `ask_which` was told besides."""

    def register(act: Act) -> Act:
        assert name not in _ACTS, f"two acts are called {name}"
        _ACTS[name] = act
        return act

    return register


def order_number(message: Message) -> str | None:
    number = message.text_entity("order_number")
    return number.upper() if number else None


async def say_none(turn: Turn) -> None:
    """They have ordered nothing here, as whom they are known."""
    turn.say("order_none")
    await offer_number(turn)


async def ask_which(turn: Turn, orders: Sequence[Order], *, act: str, **context: Any) -> None:
    """Open the question; `context` is kept for the act."""
    shop = await turn.shop()
    turn.withdraw("order")
    notes = {}
    for order in orders:
        placed_at = wording.moment(order.placed_at, shop, turn.language)
        notes[order.number] = f"{placed_at} · {wording.money(order.total, shop, turn.language)} · {status(turn, order)}"
    options = [Option(order.number, order.number, order.number.rpartition("-")[2]) for order in orders]
    turn.ask("order", options, act=act, notes=notes, **context)


@question_kind("order")
class WhichOrder(Kind):
    """Which of your orders?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        number = order_number(message)
        named = next((option for option in question.options if option.value == number), None)
        return Chosen(named) if named else super().read(message, question)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            f"order_which_{question.context['act']}",
            choices=wording.numbered(question.options, question.context["notes"]),
            buttons=turn.choices(question),
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Chosen(option):
                await _ACTS[question.context["act"]](turn, await turn.oms.order(option.value), question.context)
            case Narrowed():
                turn.misunderstood()
                turn.questions.append(question)
            case _:
                turn.say("order_left_alone")
