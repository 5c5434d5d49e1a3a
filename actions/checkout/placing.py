"""Placing what was confirmed."""

from __future__ import annotations

from actions import emails, people, shortages, wording
from actions.checkout.leading import begin
from actions.sums import discounted
from actions.turn import Turn
from kernel.errors import ComandaError


async def place(turn: Turn, confirmation: str) -> None:
    """Place what was confirmed. Success is said only from the OMS's order."""
    try:
        order = await turn.oms.place_order(confirmation)
    except ComandaError as refusal:
        if refusal.code in ("confirmation_stale", "discount_used_up"):
            turn.say("confirmation_stale")
        elif refusal.code == "out_of_stock" and await shortages.ask_in_cart(turn, refusal):
            return
        elif refusal.code == "out_of_stock":
            turn.say("error_out_of_stock", **{"name": "", "available": 0, **refusal.params})
        else:
            raise
        begin(turn)
        return
    shop = await turn.shop()
    turn.withdraw("checkout", "more")
    turn.focus_sku = None
    if turn.placed_confirmation == confirmation:
        # The OMS repeats its answer of then; how the order stands now is another question.
        order = await turn.oms.order(order.number)
        turn.say("order_already_placed", number=order.number, status=turn.text(f"order_status_{order.status}"))
        return
    turn.placed_confirmation = confirmation
    promised = wording.full_day(order.promised_on, turn.language) if order.promised_on else None
    email = await emails.offer(turn)
    held = "" if order.status == "confirmed" else "_unpaid" if order.pay_by else "_held"
    collected = "_pickup" if order.pickup else ""
    discount = discounted(turn, order, shop)
    turn.say(
        f"order_placed{held}{collected}",
        number=order.number,
        promised_on=promised or turn.text("promise_later"),
        discount=discount + "\n" if discount else "",
        total=wording.money(order.total, shop, turn.language),
        address=order.address,
        payment_method=wording.payment_name(shop.payment_methods, order.payment_method, turn.language),
        email=email.text,
        buttons=[turn.button("button_track", "order_track", order_number=order.number), *email.buttons],
    )
    people.look_at_large(turn, order)
