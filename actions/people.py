"""When the assistant is not enough: it says so honestly and asks for a person."""

from __future__ import annotations

from collections.abc import Sequence

from actions import wording
from actions.parcels import status
from actions.skills import SKILLS, skill
from actions.turn import Turn
from actions.which_order import order_number
from backend.schemas.orders import Order
from kernel.config import get_settings
from kernel.errors import NotFound

_ORDER, _TOLD_MOST = "PED-", 2


@skill("human_request")
async def human_request(turn: Turn) -> None:
    turn.say("handoff_requested")
    turn.hand_off("requested")


@skill("handed_back")
async def handed_back(turn: Turn) -> None:
    """A person gives the conversation back: say how the orders stand that it was about, and go on where it was."""
    await _say_what_became(turn, turn.message.handed_back.get("numbers") or ())
    if turn.questions:
        # It is asked again at the end of the turn.
        turn.say("handed_back_question")
        return
    cart = await turn.oms.cart()
    if cart.is_empty:
        turn.say("handed_back")
        return
    buttons = [turn.button("button_checkout", "checkout_start"), turn.button("button_cart", "cart_show")]
    total = wording.money(cart.total, await turn.shop(), turn.language)
    turn.say("handed_back_cart", total=total, buttons=buttons)


async def _say_what_became(turn: Turn, numbers: Sequence[str]) -> None:
    """As the OMS has them: whatever the person promised, it is what there is now."""
    for number in [each for each in numbers if each.startswith(_ORDER)][:_TOLD_MOST]:
        try:
            order = await turn.oms.order(number)
        except NotFound:
            continue  # a number was written that is not theirs
        total = wording.money(order.total, await turn.shop(), turn.language)
        turn.say("handed_back_order", number=order.number, status=status(turn, order), total=total)


def look_at_large(turn: Turn, order: Order) -> None:
    """An order of so much that a person goes on from here, if the shop has named an amount."""
    most = get_settings().handoff_over_minor
    if most and order.total.amount_minor >= most:
        turn.say("handoff_large_amount")
        turn.hand_off("large_amount")


@skill("complaint")
async def complaint(turn: Turn) -> None:
    turn.say("handoff_complaint")
    turn.hand_off("complaint")


@skill("out_of_scope")
async def out_of_scope(turn: Turn) -> None:
    turn.misunderstood()
    turn.say("out_of_scope", buttons=[turn.button("button_person", "human_request")])


@skill("nlu_fallback")
async def nlu_fallback(turn: Turn) -> None:
    if order_number(turn.message):
        # Whatever was said about it: an order is named, so tell how it stands.
        await SKILLS["order_track"](turn)
        return
    turn.misunderstood()
    if turn.questions:
        turn.say("not_understood_question")
    else:
        turn.say("not_understood", buttons=[turn.button("button_person", "human_request")])
