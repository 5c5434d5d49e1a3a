"""Take back a parcel that its carrier could not deliver: its goods come back, and its customer is asked what now."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.pricing import share
from backend.returns import service as returns
from backend.returns.errors import ReturnSettled, ReturnStepIllegal
from backend.returns.policy import policy
from backend.returns.service import FullReturn, NewLine, NewReturn
from backend.shipping.models import ShipmentLine
from backend.workflows.lock_return import lock_return, tell, working_day_in

REASON = "undelivered"
# What may be asked for what was never delivered: send it again, or give the money back.
WISHES = ("replacement", "refund", "store_credit")
_OPEN = ("in_transit", "partly_received", "received", "inspected")


def take_back_parcel(
    session: Session, found: FullOrder, shipment_id: str, inside: Sequence[ShipmentLine], who: str
) -> FullReturn:
    """The return of a parcel that just came back to its origin; it is on its way to whoever unpacks it.

    Records: Return, ReturnLine rows, a ReturnEntry, an OrderEntry, the event `return.bounced`.
    """
    lines = orders.lines(session, [each.order_line_id for each in inside])
    value_minor = 0
    for each in inside:
        line = lines[each.order_line_id]
        value_minor += share(line.total_minor, line.base_quantity, 0, min(each.quantity, line.base_quantity))
    full = returns.open_return(
        session,
        NewReturn(
            kind="bounced",
            order_id=found.order.id,
            customer_id=found.order.customer_id,
            shipment_id=shipment_id,
            status="in_transit",
            wish=None,
            way="carrier",
            needs_goods=True,
            refund_when="inspection",
            currency=found.order.currency,
            value_minor=value_minor,
            answer_by=working_day_in(session, policy(session).answer_days),
        ),
        [NewLine(each.order_line_id, each.sku, each.quantity, REASON, None, []) for each in inside],
    )
    tell(session, found.order, full, "bounced", who)
    return full


def choose_for_parcel(
    session: Session, number: str, wish: str, who: str, *, customer_id: str | None = None
) -> FullReturn:
    """What the customer wants for what was not delivered: that it is sent again, or their money.

    Records: the wish, a ReturnEntry, an OrderEntry, the event `return.wish_chosen`.
    Raises: ReturnNotFound, ReturnStepIllegal for a return of another kind, or one that is over.
    """
    found, full = lock_return(session, number, customer_id=customer_id)
    rma = full.rma
    if rma.settled_at is not None:
        raise ReturnSettled(number=rma.number)
    if rma.kind != "bounced" or rma.status not in _OPEN:
        raise ReturnStepIllegal(number=rma.number, status=rma.status, step="wish_chosen")
    rma.wish = wish
    session.flush()
    tell(session, found.order, full, "wish_chosen", who)
    return full
