"""Quotes that the shop sends: accepted by one tap; what costs something else by now is shown first."""

from __future__ import annotations

from actions.skills import say_refusal, skill
from actions.turn import Button, Turn, payload
from actions.wording import locale
from kernel.errors import ComandaError
from kernel.money import Money, format_money


@skill("quote_accept")
async def quote_accept(turn: Turn) -> None:
    """A button under the bot's own notice (bot/notices/words.py), or under what is said here."""
    number, confirmation = turn.message.text_entity("quote_number"), turn.message.text_entity("confirmation")
    if not number or not confirmation:
        turn.say("choice_stale")
        return
    try:
        order = await turn.oms.accept_quote(number, confirmation, key=turn.key("quote_accept"))
    except ComandaError as refusal:
        if refusal.status >= 500:
            raise
        if refusal.code == "quote_repriced":
            await _show_again(turn, number, refusal)
        else:
            say_refusal(turn, refusal)
        return
    shop = await turn.shop()
    total = format_money(order.total.value, locale(shop, turn.language))
    held = "_held" if order.status == "on_hold" else ""
    turn.say(f"quote_accepted{held}", number=order.number, total=total)


async def _show_again(turn: Turn, number: str, refusal: ComandaError) -> None:
    """What it costs now, and a button that stands for just that."""
    params, shop = refusal.params, await turn.shop()
    was, now = (
        format_money(Money(int(str(params[name])), str(params["currency"])), locale(shop, turn.language))
        for name in ("was_minor", "total_minor")
    )
    again = payload("quote_accept", quote_number=number, confirmation=str(params["confirmation"]))
    turn.say(
        "quote_repriced", number=number, was=was, now=now, buttons=[Button(turn.text("button_accept_quote"), again)]
    )
