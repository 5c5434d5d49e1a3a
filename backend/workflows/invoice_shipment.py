"""Invoice a shipment: what is in a parcel that has left is billed, once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.invoicing.errors import NothingToInvoice
from backend.invoicing.service import FullInvoice
from backend.orders import service as orders
from backend.shipping import service as shipping
from backend.workflows.issue_invoice import Leaving, issue_invoice


def invoice_shipment(session: Session, number: str, who: str) -> FullInvoice:
    """The invoice of the parcel of this number; asked for again, the same one.

    Records: as `issue_invoice`.
    Raises: ShipmentNotFound, NothingToInvoice for a parcel that has not left, SeriesUsedUp, PeriodClosed.
    """
    seen = shipping.find(session, number)
    found = orders.by_id(session, seen.order_id, lock=True)
    parcel = next(one for one in shipping.of_order(session, seen.order_id) if one.shipment.id == seen.id)
    if parcel.shipment.status == "packed":
        raise NothingToInvoice(number=found.order.number)
    lines = orders.lines(session, [line.order_line_id for line in parcel.lines])
    leaving = [Leaving(lines[line.order_line_id], line.quantity) for line in parcel.lines]
    return issue_invoice(session, found, leaving, f"shipment:{seen.number}", who)
