"""Invoice a shipment: what is in a parcel that has left is billed, once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.invoicing import service as invoicing
from backend.invoicing.errors import NothingToInvoice
from backend.invoicing.service import FullInvoice
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.shipping import service as shipping
from backend.shipping.service import Parcel
from backend.workflows.issue_invoice import Leaving, issue_invoice


def invoice_parcel(session: Session, found: FullOrder, parcel: Parcel, who: str) -> FullInvoice | None:
    """The invoice of a parcel of the (locked) order that just left; None when all of it was billed before it left.

    Records: as `issue_invoice`.
    Raises: SeriesUsedUp, PeriodClosed.
    """
    cause = f"shipment:{parcel.shipment.number}"
    known = invoicing.of_cause(session, cause)
    if known is not None:
        return known
    lines = orders.lines(session, [line.order_line_id for line in parcel.lines])
    billed = invoicing.invoiced(session, list(lines))
    leaving = []
    for inside in parcel.lines:
        line = lines[inside.order_line_id]
        quantity = min(inside.quantity, line.base_quantity - billed[line.id])
        if quantity > 0:
            leaving.append(Leaving(line, quantity))
    return issue_invoice(session, found, leaving, cause, who) if leaving else None


def invoice_shipment(session: Session, number: str, who: str) -> FullInvoice:
    """The invoice of the parcel of this number, for one that has none yet; asked for again, the same one.

    Records: as `issue_invoice`.
    Raises: ShipmentNotFound, NothingToInvoice for a parcel that has not left or was billed before, SeriesUsedUp,
    PeriodClosed.
    """
    seen = shipping.find(session, number)
    found = orders.by_id(session, seen.order_id, lock=True)
    parcel = next(one for one in shipping.of_order(session, seen.order_id) if one.shipment.id == seen.id)
    issued = invoice_parcel(session, found, parcel, who) if parcel.shipment.status != "packed" else None
    if issued is None:
        raise NothingToInvoice(number=found.order.number)
    return issued
