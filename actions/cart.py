"""The cart: add products to it, see it, empty it."""

from __future__ import annotations

import re

from actions import order_changes, variants, wording
from actions.message import Message, OrderLine
from actions.questions import Answer, Kind, Question, Said, Yes, question_kind, read_yes_no
from actions.skills import skill
from actions.sums import delivery, refused, sums
from actions.turn import Turn
from actions.words import fold
from backend.schemas.carts import Cart, CartChange

_AGAIN = re.compile(r"\b(mas|otr[ao]s?|more|another)\b")


@skill("cart_add")
async def cart_add(turn: Turn) -> None:
    sku = turn.message.text_entity("sku") if turn.message.is_button else None
    if sku:
        await variants.put(turn, [CartChange(op="add", sku=sku, quantity="1")])
    elif not await order_changes.is_served(turn):
        await variants.add(turn, turn.message.order_lines)


@skill("cart_show")
async def cart_show(turn: Turn) -> None:
    cart = await turn.oms.cart()
    if cart.is_empty:
        turn.say("cart_empty")
        return
    await say_cart(turn, cart)
    variants.ask_for_more(turn)


@skill("cart_clear")
async def cart_clear(turn: Turn) -> None:
    cart = await turn.oms.cart()
    if cart.is_empty:
        turn.say("cart_empty")
    else:
        turn.withdraw("cart_clear")
        turn.ask("cart_clear")


async def say_cart(turn: Turn, cart: Cart) -> None:
    """Every line with its total, the tax inside, the delivery and the sum."""
    shop = await turn.shop()
    turn.say(
        "cart_contents",
        lines=wording.lines(cart.lines, shop, turn.language),
        sums=sums(turn, cart, shop) + refused(turn, cart, shop),
        delivery_fee=delivery(turn, cart.delivery_fee, shop),
        total=wording.money(cart.total, shop, turn.language),
    )


@question_kind("cart_clear")
class EmptyTheCart(Kind):
    """Shall I really empty the cart?"""

    def read(self, message: Message, question: Question) -> Answer | None:
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "cart_clear_confirm",
            buttons=[
                turn.button("button_yes_empty", "affirm", question=question.id),
                turn.button("button_no", "deny", question=question.id),
            ],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        if not isinstance(answer, Yes):
            turn.say("cart_kept")
            return
        await turn.oms.change_cart([CartChange(op="clear")], key=turn.key("cart_clear"))
        turn.questions.clear()
        turn.focus_sku = None
        turn.say("cart_cleared")


@question_kind("more")
class AnythingElse(Kind):
    """Is that all? Asked with the echo of the cart; a plain "no" goes on to the checkout, "one more" adds to it."""

    is_passing = True

    def read(self, message: Message, question: Question) -> Answer | None:
        is_plain = message.intent in ("nlu_fallback", "option_choose", "checkout_start")
        if is_plain and _AGAIN.search(fold(message.text)) and _bare_amounts(message):
            return Said(message.text)
        return read_yes_no(message)

    async def ask(self, turn: Turn, question: Question) -> None:
        turn.say(
            "more",
            buttons=[turn.button("button_checkout", "checkout_start"), turn.button("button_cart", "cart_show")],
        )

    async def take(self, turn: Turn, question: Question, answer: Answer) -> None:
        match answer:
            case Said():
                await variants.add(turn, _bare_amounts(turn.message))
            case Yes():
                turn.say("cart_what")
            case _:
                turn.ask("checkout", step=None)


def _bare_amounts(message: Message) -> list[OrderLine]:
    """The "one more" and "2 más" of a message: amounts of what was spoken of last."""
    return [line for line in message.spoken_lines if line.quantity_given and not line.text]
