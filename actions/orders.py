"""Placed orders: where they are, cancelling them, ordering the same again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from actions import parcels, wording
from actions.cart import say_cart
from actions.cart_changes import leave_out
from actions.identities import offer_number
from actions.message import Message
from actions.parcels import status
from actions.questions import Answer, Kind, Question, Yes, question_kind, read_yes_no
from actions.shop import delivery_info
from actions.skills import skill
from actions.sums import beneath
from actions.turn import Turn
from actions.variants import ask_for_more
from actions.which_order import LISTED, ask_which, order_act, order_number, say_none
from actions.words import fold
from backend.schemas.orders import Order
from kernel.errors import ComandaError

_OVER = frozenset({"cancelled", "closed"})
_THE_LAST = re.compile(r"\b(ultimo|ultima|reciente|last|latest|recent)\b")


@skill("order_track")
async def order_track(turn: Turn) -> None:
    """The order that was named, the only open one, or a choice of the open ones."""
    number = order_number(turn.message)
    if number:
        try:
            order = await turn.oms.order(number)
        except ComandaError as refusal:
            if refusal.code != "order_not_found":
                raise
            turn.say("error_order_not_found")
            await offer_number(turn)
            return
        await _say_status(turn, order)
        return
    orders = await turn.oms.orders(limit=LISTED)
    running = [order for order in orders if order.status not in _OVER]
    if not orders:
        await say_none(turn)
    elif len(running) > 1 and not _THE_LAST.search(fold(turn.message.text)):
        await ask_which(turn, running, act="track")
    else:
        await _say_status(turn, (running or orders)[0])


@skill("delivery_eta")
async def delivery_eta(turn: Turn) -> None:
    """The promise of the order that was named or runs, else of the cart, else how long the shop takes."""
    number = order_number(turn.message)
    orders = [await turn.oms.order(number)] if number else await turn.oms.orders(limit=LISTED)
    running = [order for order in orders if order.status not in _OVER and order.fulfillment_status != "delivered"]
    if number and not running:
        await _say_status(turn, orders[0])
        return
    for order in reversed(running):
        await _say_arrival(turn, order)
    if running:
        return
    cart = await turn.oms.cart()
    if cart.promised_on:
        shop = await turn.shop()
        turn.say("eta_of_cart", day=wording.day(cart.promised_on, shop, turn.language))
        return
    await delivery_info(turn)


@skill("order_cancel")
async def order_cancel(turn: Turn) -> None:
    number = order_number(turn.message)
    if number:
        _ask_to_cancel(turn, await turn.oms.order(number))
        return
    orders = await turn.oms.orders(limit=LISTED)
    cancellable = [order for order in orders if order.can_cancel]
    if len(cancellable) > 1:
        await ask_which(turn, cancellable, act="cancel")
    elif cancellable:
        _ask_to_cancel(turn, cancellable[0])
    elif not (await turn.oms.cart()).is_empty:
        turn.say("order_none_to_cancel")
        turn.withdraw("cart_clear")
        turn.ask("cart_clear")
    elif orders:
        turn.say("order_not_cancellable", number=orders[0].number, status=status(turn, orders[0]))
    else:
        await say_none(turn)


@skill("order_repeat")
async def order_repeat(turn: Turn) -> None:
    """Put what was ordered into the cart again, without what they said to leave out; what could not come along or
    costs another price is said."""
    number = order_number(turn.message)
    if number is None:
        orders = await turn.oms.orders(limit=1)
        if not orders:
            await say_none(turn)
            return
        number = orders[0].number
    repeated = await turn.oms.repeat_order(number, key=turn.key("repeat"))
    shop = await turn.shop()
    if repeated.cart.is_empty:
        turn.say("order_repeat_nothing", number=number)
        return
    turn.say("order_repeated", number=number)
    for line in repeated.skipped:
        turn.say(f"order_repeat_{line.reason}", name=line.name)
    for change in repeated.repriced:
        was, now = (wording.money(amount, shop, turn.language) for amount in (change.was, change.now))
        turn.say("order_repeat_repriced", name=change.name, was=was, now=now)
    cart = await leave_out(turn, repeated.cart)
    if cart.is_empty:
        turn.say("cart_empty")
        return
    await say_cart(turn, cart)
    ask_for_more(turn)


@order_act("track")
async def _track(turn: Turn, order: Order, _context: Mapping[str, Any]) -> None:
    await _say_status(turn, order)


@order_act("cancel")
async def _cancel(turn: Turn, order: Order, _context: Mapping[str, Any]) -> None:
    _ask_to_cancel(turn, order)


async def _say_status(turn: Turn, order: Order) -> None:
    shop = await turn.shop()
    buttons = (
        [turn.button("button_cancel_order", "order_cancel", order_number=order.number)] if order.can_cancel else []
    )
    turn.say(
        "order_status",
        number=order.number,
        status=status(turn, order),
        arrives=parcels.arrives(turn, order, shop),
        parcels=parcels.parts(turn, order, shop),
        placed_at=wording.moment(order.placed_at, shop, turn.language),
        lines=wording.lines(order.lines, shop, turn.language),
        sums=beneath(turn, order, shop),
        total=wording.money(order.total, shop, turn.language),
        place=parcels.place(turn, order.address, is_pickup=order.pickup is not None),
        buttons=[] if turn.questions else buttons,
    )


async def _say_arrival(turn: Turn, order: Order) -> None:
    """When an order comes; one that is late is not promised once more, a person can look."""
    shop = await turn.shop()
    if order.status == "on_hold" or order.promised_on is None:
        turn.say("eta_unknown", number=order.number, status=status(turn, order))
    elif order.promised_on < wording.today(shop):
        late = wording.full_day(order.promised_on, turn.language)
        person = turn.button("button_person", "human_request")
        turn.say("eta_late", number=order.number, day=late, buttons=[] if turn.questions else [person])
    else:
        day = wording.day(order.promised_on, shop, turn.language)
        turn.say("eta_of_order", number=order.number, day=day, status=status(turn, order))


def _ask_to_cancel(turn: Turn, order: Order) -> None:
    if not order.can_cancel:
        turn.say("order_not_cancellable", number=order.number, status=status(turn, order))
        return
    turn.withdraw("order_cancel", "order")
    turn.ask("order_cancel", number=order.number)


@question_kind("order_cancel")
class ReallyCancel(Kind):
    """Shall this order really be cancelled?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        if message.intent == "order_cancel" and order_number(message) in (None, question.context["number"]):
            return Yes()
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "order_cancel_confirm",
            number=question.context["number"],
            buttons=[
                turn.button("button_yes_cancel", "affirm", question=question.id),
                turn.button("button_no", "deny", question=question.id),
            ],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        number = question.context["number"]
        if not isinstance(answer, Yes):
            turn.say("order_kept", number=number)
            return
        try:
            order = await turn.oms.cancel_order(number, key=turn.key("cancel"))
        except ComandaError as refusal:
            if refusal.code != "order_not_cancellable":
                raise
            turn.say("order_not_cancellable", number=number, status=status(turn, await turn.oms.order(number)))
            return
        turn.say("order_cancelled", number=order.number)
