"""The summary of an order, and its customer's yes."""

from __future__ import annotations

import re

from actions import parcels, shortages, suggestions, wording
from actions.cart import say_cart
from actions.checkout.destination import PICKUP, collect, is_full_address
from actions.checkout.leading import begin
from actions.checkout.placing import place
from actions.message import Message
from actions.questions import Answer, No, Question, Said, Yes, read_yes_no
from actions.sums import delivery, refused, sums
from actions.turn import Button, Turn
from actions.words import fold
from backend.schemas.carts import Cart, WaitingLine
from backend.schemas.shop import Shop
from kernel.errors import ComandaError

# Wishes at the summary that are not a yes or a no.
_ABOUT_ADDRESS = re.compile(r"\b(direccion|domicilio|address|entrega en|deliver to)\b")
_ABOUT_PAYMENT = re.compile(r"\b(pago|pagar|payment|pay)\b")
_CHANGE = re.compile(
    r"\b(cambi\w*|otr[ao]|modific\w*|corrig\w*|corregir|equivoc\w*|change|another|different|edit|wrong)\b"
)


async def ask_confirmation(turn: Turn, question: Question, cart: Cart) -> None:
    """The summary, when it is new; the short question again while nothing in it has changed."""
    shop = await turn.shop()
    if question.context["step"] == "confirm" and question.context.get("version") == cart.version:
        turn.questions.append(question)
        total = wording.money(cart.total, shop, turn.language)
        turn.say("confirm_again", total=total, buttons=_confirmation_buttons(turn, question.context["confirmation"]))
        return
    try:
        bound = await turn.oms.confirm_cart(key=turn.key("confirmation"))
    except ComandaError as refusal:
        if refusal.code != "out_of_stock":
            raise
        if await shortages.ask_in_cart(turn, refusal):
            await shortages.say_in_cart(turn, turn.questions[-1])
            return
        turn.say("error_out_of_stock", **{"name": "", "available": 0, **refusal.params})
        await say_cart(turn, cart)
        return
    offered = await suggestions.offer(turn)
    turn.ask(
        "checkout",
        step="confirm",
        confirmation=bound.confirmation,
        version=bound.cart.version,
        suggestion=offered.id if offered else None,
    )
    promised_on = bound.cart.promised_on
    turn.say(
        "checkout_summary",
        lines=wording.lines(bound.cart.lines, shop, turn.language),
        waiting=_waiting(turn, bound.waiting, shop),
        promised_on=wording.full_day(promised_on, turn.language) if promised_on else turn.text("promise_later"),
        when=turn.text("when_pickup" if bound.cart.checkout.pickup_location else "when_delivery"),
        sums=sums(turn, bound.cart, shop) + refused(turn, bound.cart, shop),
        delivery_fee=""
        if bound.cart.checkout.pickup_location
        else "\n" + turn.text("checkout_fee", fee=delivery(turn, bound.cart.delivery_fee, shop)),
        total=wording.money(bound.cart.total, shop, turn.language),
        place=parcels.place(turn, bound.cart.checkout.address, is_pickup=bool(bound.cart.checkout.pickup_location)),
        payment_method=wording.payment_name(
            shop.payment_methods, bound.cart.checkout.payment_method or "", turn.language
        ),
        buttons=[*_confirmation_buttons(turn, bound.confirmation), *(offered.buttons if offered else ())],
    )


def _waiting(turn: Turn, lines: list[WaitingLine], shop: Shop) -> str:
    """A line for each thing that comes later than the rest, beneath what is ordered."""
    told = [
        turn.text(
            "checkout_waiting",
            amount=wording.amount(line.quantity, line.unit, line.unit_name, turn.language),
            name=wording.words(line.names, turn.language),
            day=wording.day(line.promised_on, shop, turn.language),
        )
        for line in lines
        if line.promised_on
    ]
    return "".join(f"\n{one}" for one in told)


def _confirmation_buttons(turn: Turn, confirmation: str) -> list[Button]:
    return [
        turn.button("button_confirm", "affirm", confirmation=confirmation),
        turn.button("button_change_address", "address_give"),
        turn.button("button_change_payment", "payment_choose"),
        turn.button("button_not_yet", "deny"),
    ]


def read_confirmation(message: Message, question: Question) -> Answer | None:
    pressed = message.text_entity("confirmation")
    if pressed and pressed != question.context["confirmation"]:
        return None
    if message.is_button:
        return read_yes_no(message)
    said = fold(message.text)
    offered = suggestions.read(message, question.context.get("suggestion"))
    if offered is not None:
        return offered
    if PICKUP.search(said) and "?" not in message.text:
        return Said("pickup")
    if _ABOUT_ADDRESS.search(said) and (_CHANGE.search(said) or message.intent in ("address_give", "deny")):
        return Said("address")
    if _ABOUT_PAYMENT.search(said) and (_CHANGE.search(said) or message.intent in ("payment_choose", "deny")):
        return Said("payment")
    if message.intent == "order_cancel" and not message.text_entity("order_number"):
        return No()
    if message.intent == "checkout_start":
        return Yes()
    return read_yes_no(message)


async def take_confirmation(turn: Turn, question: Question, answer: Answer) -> None:
    match answer:
        case Yes():
            await place(turn, question.context["confirmation"])
        case Said(text) if text in suggestions.ANSWERS:
            await suggestions.answer(turn, question.context["suggestion"], is_wanted=text == suggestions.TAKE)
            turn.questions.append(question)
        case Said(text) if text == "pickup":
            await collect(turn)
        case Said(text):
            address = turn.message.text_entity("address")
            if text == "address" and address and is_full_address(address):
                await turn.oms.choose_checkout(address_text=address, key=turn.key("address"))
                begin(turn)
            else:
                begin(turn, step=text)
        case _:
            turn.say(
                "checkout_not_confirmed",
                buttons=[
                    turn.button("button_change_address", "address_give"),
                    turn.button("button_change_payment", "payment_choose"),
                    turn.button("button_cart", "cart_show"),
                ],
            )
