"""Asking for what an order lacks, one thing after the other. What is chosen so far is kept by the OMS, not here."""

from __future__ import annotations

from actions import order_changes
from actions.checkout.confirming import ask_confirmation, read_confirmation, take_confirmation
from actions.checkout.destination import ask_address, ask_place, read_address, take_address, take_place
from actions.checkout.leading import begin
from actions.checkout.paying import ask_payment, read_payment, take_payment
from actions.checkout.placing import place
from actions.message import Message
from actions.order_wishes import speaks_of_more
from actions.questions import Answer, Kind, Question, question_kind, read_choice
from actions.skills import skill
from actions.turn import Turn
from backend.schemas.carts import CartChange


@skill("checkout_start")
async def checkout_start(turn: Turn) -> None:
    """Asked for again while a wish still waits for an answer, the order goes on without it, and that is said."""
    # Nothing being asked, "una más" looks like the end of an order; it may be one more of what was ordered.
    if speaks_of_more(turn.message) and await order_changes.is_served(turn):
        return
    for question in [question for question in turn.questions if question.context.get("comes_first")]:
        turn.questions.remove(question)
        turn.say("checkout_left_out", text=_wish(question))
    begin(turn)


@skill("affirm")
async def affirm(turn: Turn) -> None:
    """A yes to nothing that is open: an older confirmation, or the order that is waiting in the OMS."""
    pressed = turn.message.text_entity("confirmation")
    if pressed:
        await place(turn, pressed)
        return
    cart = await turn.oms.cart()
    if cart.is_empty and turn.placed_confirmation:
        await place(turn, turn.placed_confirmation)
        return
    if cart.is_empty:
        turn.say("what_can_i_do", buttons=[turn.button("button_browse", "catalog_browse")])
    else:
        begin(turn)


@skill("deny")
async def deny(turn: Turn) -> None:
    turn.say("deny_nothing")


@skill("option_choose")
async def option_choose(turn: Turn) -> None:
    if not (speaks_of_more(turn.message) and await order_changes.is_served(turn)):
        turn.say("choice_nothing")


@question_kind("checkout")
class WhatIsLacking(Kind):
    """The next thing the order lacks. `context.step` is what was asked: address, payment or confirm."""

    async def ask(self, turn: Turn, question: Question) -> None:
        cart = await turn.oms.cart()
        turn.questions.pop()
        if cart.unavailable:
            gone = [CartChange(op="remove", sku=sku) for sku in cart.unavailable]
            turn.say("checkout_unavailable", skus=", ".join(cart.unavailable))
            cart = await turn.oms.change_cart(gone, key=turn.key("unavailable"))
        if cart.is_empty:
            turn.say("checkout_empty")
        elif question.context["step"] == "address" or not cart.checkout.address:
            await ask_address(turn)
        elif question.context["step"] == "pickup":
            await ask_place(turn)
        elif question.context["step"] == "payment" or not cart.checkout.payment_method:
            await ask_payment(turn)
        else:
            await ask_confirmation(turn, question, cart)

    def read(self, message: Message, question: Question) -> Answer | None:
        match question.context["step"]:
            case "address":
                return read_address(message, question)
            case "pickup":
                return read_choice(message, question.options)
            case "payment":
                return read_payment(message, question)
            case "confirm":
                return read_confirmation(message, question)
            case _:
                return None

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match question.context["step"]:
            case "address":
                await take_address(turn, answer)
            case "pickup":
                await take_place(turn, answer)
            case "payment":
                await take_payment(turn, question, answer)
            case _:
                await take_confirmation(turn, question, answer)


def _wish(question: Question) -> str:
    """What the customer called it."""
    line = question.context.get("line")
    return str(line["text"] if line else question.context["name"])
