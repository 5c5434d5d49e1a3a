"""Changing a placed order: what it would become is shown, and done after a yes, until someone begins to pick it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from actions import wording
from actions.message import Message
from actions.order_wishes import Wish, as_saved, speaks_of_more, speaks_of_order, wishes
from actions.parcels import place, status
from actions.questions import (
    Answer,
    Chosen,
    Kind,
    Narrowed,
    No,
    Option,
    Question,
    Said,
    Yes,
    question_kind,
    read_yes_no,
)
from actions.skills import say_refusal, skill
from actions.sums import beneath, delivery
from actions.turn import Turn
from actions.variants import take_away
from actions.which_order import LISTED, ask_which, order_act, order_number, say_none
from actions.words import covers, fold
from backend.schemas.carts import CartChange
from backend.schemas.catalog import LineToResolve
from backend.schemas.orders import ChangeOrder, Order
from backend.schemas.orders import OrderLine as PlacedLine
from kernel.errors import ComandaError

MOST_OFFERED = 6
_QUESTIONS = ("order_change", "order_change_what", "order_change_item", "order_change_address")
_THE_LAST = re.compile(r"\b(ultim[oa]|reciente|acabo de|last|latest|recent|just)\b")
_ABOUT_ADDRESS = re.compile(r"\b(direccion|domicilio|address)\b")
# What a person has to arrange.
_NOT_OURS = re.compile(
    r"\b(hora|fecha|dia|manana|mas tarde|sabado|reprogram\w*|aplaz\w*|pospon\w*|adelant\w*|pago|pagar|"
    r"nombre|otra persona|time|date|day|tomorrow|later|saturday|reschedule|postpone|payment|pay|someone else)\b"
)


@skill("order_change")
async def order_change(turn: Turn) -> None:
    """The order that was named, or the one that can still be changed, or a choice of these."""
    message = turn.message
    number = order_number(message) or _number_asked(turn)
    if number:
        await _change(turn, await turn.oms.order(number), message)
        return
    orders = await turn.oms.orders(limit=LISTED)
    changeable = [order for order in orders if _is_changeable(order)]
    if len(changeable) > 1 and not _THE_LAST.search(fold(message.text)):
        kept = {"wishes": as_saved(wishes(message)), "text": message.text, "address": message.text_entity("address")}
        await ask_which(turn, changeable, act="change", **kept)
    elif changeable:
        await _change(turn, changeable[0], message)
    elif not (await turn.oms.cart()).is_empty:
        turn.say("cart_change_what")
    elif orders:
        _say_not_changeable(turn, orders[0])
    else:
        await say_none(turn)


async def is_served(turn: Turn) -> bool:
    """Serve a wish for goods that is meant for a placed order; False when it is one for the cart.

    It is for an order when it names one, while a change of one is being talked about, and, with nothing in the cart,
    when it says "the order", "one more" or corrects what was ordered.
    """
    message = turn.message
    found = wishes(message)
    if not found:
        return False
    number = order_number(message) or _number_asked(turn)
    order = await turn.oms.order(number) if number else await _order_meant(turn, found)
    if order is None:
        return False
    await _wish(turn, order, found)
    return True


async def _order_meant(turn: Turn, found: Sequence[Wish]) -> Order | None:
    message = turn.message
    is_of_order = speaks_of_order(message)
    is_new = all(wish.verb == "add" for wish in found) and not speaks_of_more(message)
    if turn.focus_sku or (is_new and not is_of_order) or not (await turn.oms.cart()).is_empty:
        return None
    orders = await turn.oms.orders(limit=LISTED)
    latest = next((order for order in orders if _is_changeable(order)), None)
    if latest is None:
        return None
    is_in_it = all(wish.is_bare or _named(latest, wish.line.old_text or wish.line.text) for wish in found)
    return latest if is_of_order or is_in_it else None


def _number_asked(turn: Turn) -> str | None:
    """The order whose change is being talked about."""
    question = next((question for question in reversed(turn.questions) if question.kind in _QUESTIONS), None)
    return question.context["number"] if question else None


def _is_changeable(order: Order) -> bool:
    """Worth asking the OMS, which decides."""
    return order.status in ("on_hold", "confirmed") and order.fulfillment_status in ("none", "unfulfilled")


@order_act("change")
async def _change_chosen(turn: Turn, order: Order, context: Mapping[str, Any]) -> None:
    await _serve(
        turn, order, [Wish.remembered(saved) for saved in context["wishes"]], context["text"], context["address"]
    )


async def _change(turn: Turn, order: Order, message: Message) -> None:
    await _serve(turn, order, wishes(message), message.text, message.text_entity("address"))


async def _serve(turn: Turn, order: Order, found: Sequence[Wish], text: str, address: str | None) -> None:
    said = fold(text)
    if not _is_changeable(order):
        _say_not_changeable(turn, order)
    elif address:
        await _propose(turn, order.number, _changes_asked(turn, order.number), address)
    elif _ABOUT_ADDRESS.search(said):
        turn.withdraw(*_QUESTIONS)
        turn.ask("order_change_address", number=order.number)
    elif _NOT_OURS.search(said) and not any(wish.line.quantity_given for wish in found):
        turn.say("order_change_by_person", number=order.number, buttons=[turn.button("button_person", "human_request")])
    else:
        await _wish(turn, order, found)


async def _wish(turn: Turn, order: Order, found: Sequence[Wish], done: Sequence[CartChange] | None = None) -> None:
    """Find out which goods are meant, ask about the first that is not clear, then show what the order would become."""
    if not _is_changeable(order):
        _say_not_changeable(turn, order)
        return
    changes = list(_changes_asked(turn, order.number) if done is None else done)
    for position, wish in enumerate(found):
        settled = await _settle(turn, order, wish)
        if isinstance(settled, Which):
            turn.withdraw(*_QUESTIONS)
            turn.ask(
                "order_change_item",
                settled.options,
                number=order.number,
                wish=wish.to_remember(),
                rest=as_saved(found[position + 1 :]),
                changes=_to_remember(changes),
            )
            return
        changes += settled
    if changes:
        await _propose(turn, order.number, changes)
    else:
        turn.withdraw("order_change_what")
        turn.ask("order_change_what", number=order.number)


@dataclass(frozen=True, slots=True)
class Which:
    """The products that a wish may mean."""

    options: tuple[Option, ...]


async def _settle(turn: Turn, order: Order, wish: Wish) -> list[CartChange] | Which:
    """The changes that a wish means; none when it cannot be told, which is said."""
    line = wish.line
    if line.old_text:
        old = _named(order, line.old_text)
        if len(old) != 1:
            turn.say("order_change_not_there", text=line.old_text, number=order.number)
            return []
        mine: list[PlacedLine] = []
    else:
        mine = _lines(order) if wish.is_bare else _named(order, line.text)
    candidates: list[Option] = []
    if not mine:
        answer = (await turn.oms.resolve([LineToResolve(text=line.text)], turn.language)).lines[0]
        known = [] if answer.status == "none" else answer.candidates
        skus = {candidate.sku for candidate in known}
        mine = [] if line.old_text else [item for item in _lines(order) if item.sku in skus]
        candidates = [wording.product_option(candidate, turn.language) for candidate in known if candidate.available]
    if len(mine) > 1:
        return Which(tuple(wording.product_option(item, turn.language) for item in mine))
    if mine:
        return _of_line(turn, mine[0], wish)
    if wish.verb == "remove":
        turn.say("order_change_not_there", text=line.text, number=order.number)
        return []
    if len(candidates) > 1:
        return Which(tuple(candidates))
    if not candidates:
        turn.say("variant_unknown", text=line.text)
        return []
    return _of_new(order, candidates[0].value, wish)


def _of_line(turn: Turn, item: PlacedLine, wish: Wish) -> list[CartChange]:
    """What a wish makes of a line that the order has."""
    line = wish.line
    unit = line.unit or item.unit
    if wish.verb == "add":
        return [CartChange(op="add", sku=item.sku, quantity=line.quantity, unit=unit)]
    if wish.verb == "remove":
        return [take_away(item, line)]
    if not line.quantity_given:
        turn.say("order_change_how_many", name=wording.words(item.names, turn.language))
        return []
    return [CartChange(op="set", sku=item.sku, quantity=line.quantity, unit=unit)]


def _of_new(order: Order, sku: str, wish: Wish) -> list[CartChange]:
    """A product that comes into the order, perhaps in place of another and then as much of it as there was."""
    line = wish.line
    if not line.old_text:
        return [CartChange(op="add", sku=sku, quantity=line.quantity, unit=line.unit)]
    old = _named(order, line.old_text)[0]
    quantity, unit = (line.quantity, line.unit) if line.quantity_given else (old.quantity, old.unit)
    return [
        CartChange(op="remove", sku=old.sku),
        CartChange(op="add", sku=sku, quantity=quantity, unit=unit),
    ]


def _lines(order: Order) -> list[PlacedLine]:
    """One for each product."""
    return list({line.sku: line for line in order.lines}.values())


def _named(order: Order, text: str) -> list[PlacedLine]:
    return [item for item in _lines(order) if covers(text, f"{item.names.es} {item.names.en}")]


# what it would become, and the yes to it


def _changes_asked(turn: Turn, number: str) -> list[CartChange]:
    """What was shown already and not yet said yes to: the next wish comes on top of it."""
    asked = next((question for question in turn.questions if question.kind == "order_change"), None)
    if asked is None or asked.context["number"] != number:
        return []
    return _remembered(asked.context["changes"])


def _to_remember(changes: Sequence[CartChange]) -> list[dict[str, Any]]:
    return [change.model_dump(mode="json", exclude_none=True) for change in changes]


def _remembered(saved: Sequence[dict[str, Any]]) -> list[CartChange]:
    return [CartChange(**change) for change in saved]


async def _propose(turn: Turn, number: str, changes: Sequence[CartChange], address: str | None = None) -> None:
    """Show what the order would become, and ask for the yes to just that."""
    change = ChangeOrder(changes=list(changes), address_text=address)
    try:
        preview = await turn.oms.propose_order_change(number, change, key=turn.key("order_change"))
    except ComandaError as refusal:
        await _say_refused(turn, number, refusal)
        return
    turn.withdraw(*_QUESTIONS)
    shop = await turn.shop()
    was, now = (wording.money(total, shop, turn.language) for total in (preview.old_total, preview.new_total))
    amount = preview.difference.amount_minor
    kind = "same" if amount == 0 else "more" if amount > 0 else "less"
    difference = preview.difference.model_copy(update={"amount_minor": abs(amount)})
    turn.say(
        "order_change_preview",
        number=number,
        lines=wording.lines(preview.lines, shop, turn.language),
        sums=beneath(turn, preview, shop),
        delivery_fee=""
        if preview.is_pickup
        else "\n" + turn.text("checkout_fee", fee=delivery(turn, preview.delivery_fee, shop)),
        place=place(turn, preview.address, is_pickup=preview.is_pickup),
        was=was,
        total=now,
        difference=turn.text(
            f"order_change_{kind}",
            amount=wording.money(difference, shop, turn.language),
        ),
    )
    turn.ask(
        "order_change",
        number=number,
        confirmation=preview.confirmation,
        changes=_to_remember(changes),
        address=address,
    )


async def _say_refused(turn: Turn, number: str, refusal: ComandaError) -> None:
    match refusal.code:
        case "order_not_changeable":
            _say_not_changeable(turn, await turn.oms.order(number))
        case "order_would_be_empty":
            say_refusal(turn, refusal)
            turn.withdraw(*_QUESTIONS, "order_cancel")
            turn.ask("order_cancel", number=number)
        case "nothing_to_change" | "out_of_stock":
            say_refusal(turn, refusal)
        case _:
            raise refusal


def _say_not_changeable(turn: Turn, order: Order) -> None:
    turn.withdraw(*_QUESTIONS)
    turn.say(
        "order_not_changeable",
        number=order.number,
        status=status(turn, order),
        buttons=[turn.button("button_person", "human_request")],
    )


@question_kind("order_change")
class ReallyChange(Kind):
    """Shall the order be changed as it was shown?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        if message.intent == "checkout_start":
            return Yes()
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "order_change_confirm",
            number=question.context["number"],
            buttons=[
                turn.button("button_yes_change", "affirm", question=question.id),
                turn.button("button_no", "deny", question=question.id),
            ],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        context = question.context
        number = context["number"]
        if not isinstance(answer, Yes):
            turn.say("order_left_as_it_is", number=number)
            return
        try:
            order = await turn.oms.apply_order_change(number, context["confirmation"], key=turn.key("order_changed"))
        except ComandaError as refusal:
            if refusal.code == "change_stale":
                say_refusal(turn, refusal)
                await _propose(turn, number, _remembered(context["changes"]), context["address"])
            else:
                await _say_refused(turn, number, refusal)
            return
        shop = await turn.shop()
        turn.say(
            "order_changed_held" if order.status == "on_hold" else "order_changed",
            number=number,
            total=wording.money(order.total, shop, turn.language),
        )


# what is still to be said of a change


@question_kind("order_change_what")
class WhatToChange(Kind):
    """What shall I change in the order?"""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        if message.intent == "deny":
            return No()
        is_wish = message.intent in ("cart_add", "cart_change", "cart_remove", "order_change", "nlu_fallback")
        return Said(message.text) if is_wish and wishes(message) else None

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say("order_change_what", number=question.context["number"])

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if isinstance(answer, Said):
            await _change(turn, await turn.oms.order(question.context["number"]), turn.message)
        else:
            turn.say("order_left_as_it_is", number=question.context["number"])


@question_kind("order_change_item")
class WhichItem(Kind):
    """Which of several products is meant?"""

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "order_change_which",
            choices=wording.numbered(question.options[:MOST_OFFERED], {}),
            buttons=[*turn.choices(question), turn.button("button_none", "deny", question=question.id)],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        context = question.context
        match answer:
            case Chosen(option):
                order = await turn.oms.order(context["number"])
                wish = Wish.remembered(context["wish"])
                mine = next((item for item in _lines(order) if item.sku == option.value), None)
                is_of_line = mine is not None and not wish.line.old_text
                chosen = _of_line(turn, mine, wish) if mine and is_of_line else _of_new(order, option.value, wish)
                rest = [Wish.remembered(saved) for saved in context["rest"]]
                await _wish(turn, order, rest, [*_remembered(context["changes"]), *chosen])
            case Narrowed(options):
                if len(options) == len(question.options):
                    turn.misunderstood()
                turn.ask("order_change_item", options, **context)
            case _:
                turn.say("order_left_as_it_is", number=context["number"])


@question_kind("order_change_address")
class WhereTo(Kind):
    """Where shall the order go instead?"""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        address = message.text_entity("address")
        if address and not message.is_button:
            return Said(address)
        return No() if message.intent == "deny" else None

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say("order_change_address", number=question.context["number"])

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        number = question.context["number"]
        if isinstance(answer, Said):
            await _propose(turn, number, [], answer.text)
        else:
            turn.say("order_left_as_it_is", number=number)
