"""Money on its way back to the customer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from actions import wording
from actions.returns.standing import return_number, tell_returns
from actions.skills import skill
from actions.turn import Turn
from actions.which_order import order_number
from backend.schemas.payments import MyRefund

LISTED = 4
_KEYS = {
    "requested": "refund_requested",
    "approved": "refund_under_way",
    "sent": "refund_under_way",
    "unknown": "refund_under_way",
    "succeeded": "refund_arrived",
    "rejected": "refund_rejected",
    "failed": "refund_failed",
}


@skill("refund_status")
async def refund_status(turn: Turn) -> None:
    """How each return and refund stands, of the order that was named or of all; with none, what of theirs we have."""
    number = order_number(turn.message)
    if number is not None:
        number = (await turn.oms.order(number)).number
    refunds = (await turn.oms.my_refunds()).refunds
    shown = [refund for refund in refunds if number in (None, refund.order_number)]
    person = turn.button("button_person", "human_request")
    rma = return_number(turn.message)
    returns = [
        each
        for each in await turn.oms.my_returns()
        if number in (None, each.order_number) and rma in (None, each.number)
    ]
    repaid = {refund.order_number for refund in refunds if refund.status == "succeeded" and refund.order_number}
    if returns:
        await tell_returns(turn, returns, repaid)
        if not shown:
            return
    if shown:
        zone = ZoneInfo((await turn.shop()).time_zone)
        listed = [await _line(turn, refund, zone) for refund in shown[:LISTED]]
        turn.say("refunds", refunds="\n".join(listed))
        _say_receipt(turn, shown[:LISTED])
        return
    with_us = (await turn.oms.my_balance()).balance
    if number is not None:
        turn.say("refund_none_of", number=number, buttons=[person])
    elif with_us.amount_minor > 0:
        amount = wording.money(with_us, await turn.shop(), turn.language)
        turn.say("refund_none_but_balance", amount=amount, buttons=[person])
    else:
        turn.say("refund_none", buttons=[person])


def _say_receipt(turn: Turn, shown: Sequence[MyRefund]) -> None:
    """Of the newest whose money is back, as a document: it is what is asked about."""
    back = next((refund for refund in shown if refund.receipt_url), None)
    if back is not None:
        turn.say("refund_receipt", number=back.number, url=back.receipt_url)
        turn.enclose(f"{back.number}.pdf", f"{back.receipt_url}/pdf")


async def _line(turn: Turn, refund: MyRefund, zone: ZoneInfo) -> str:
    def day(at: datetime | None) -> str:
        return wording.full_day((at or refund.requested_at).astimezone(zone).date(), turn.language)

    is_reasoned = refund.note and refund.status == "rejected"
    reason = f" {turn.text('refund_because', reason=refund.note)}" if is_reasoned else ""
    return turn.text(
        _KEYS[refund.status],
        number=refund.number,
        order=refund.order_number or "",
        amount=wording.money(refund.amount, await turn.shop(), turn.language),
        asked=day(refund.requested_at),
        ended=day(refund.ended_at),
        reason=reason,
    )
