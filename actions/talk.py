"""Small talk: greeting, thanks, help, which language we speak, which messages we may send."""

from __future__ import annotations

from actions.skills import skill
from actions.turn import Button, Turn


@skill("greet")
async def greet(turn: Turn) -> None:
    """A hello; an order left half-way waits in the OMS and is mentioned."""
    if turn.questions:
        turn.say("greet_again")
        return
    cart = await turn.oms.cart()
    if cart.is_empty:
        shop = await turn.shop()
        turn.say("greet", shop=shop.name, buttons=_starts(turn))
    else:
        buttons = [turn.button("button_checkout", "checkout_start"), turn.button("button_cart", "cart_show")]
        turn.say("greet_half_way", count=len(cart.lines), buttons=buttons)


@skill("goodbye")
async def goodbye(turn: Turn) -> None:
    turn.say("goodbye")
    turn.is_over = True


@skill("thanks")
async def thanks(turn: Turn) -> None:
    turn.say("thanks")


@skill("help")
async def help_(turn: Turn) -> None:
    turn.say("what_can_i_do", buttons=[] if turn.questions else _starts(turn))


@skill("bot_challenge")
async def bot_challenge(turn: Turn) -> None:
    turn.say("bot_challenge", buttons=[turn.button("button_person", "human_request")])


@skill("language_switch")
async def language_switch(turn: Turn) -> None:
    """The turn already speaks the language that was asked for."""
    turn.say("language_switched" if turn.message.text_entity("language") in ("es", "en") else "language_offer")


@skill("opt_in")
async def opt_in(turn: Turn) -> None:
    """News of orders again. Advertising is another thing, and not meant by it."""
    await turn.oms.change_preferences(order_updates=True, key=turn.key("preferences"))
    turn.say("opt_in")


@skill("opt_out")
async def opt_out(turn: Turn) -> None:
    await turn.oms.change_preferences(order_updates=False, marketing=False, key=turn.key("preferences"))
    turn.say("opt_out")


def _starts(turn: Turn) -> list[Button]:
    return [turn.button("button_browse", "catalog_browse"), turn.button("button_track", "order_track")]
