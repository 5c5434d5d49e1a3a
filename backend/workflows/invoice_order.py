"""Invoice an order: where the shop bills what is prepaid when it is paid, all that is not billed of it, at once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.invoicing import service as invoicing
from backend.invoicing.service import FullInvoice
from backend.orders.service import FullOrder
from backend.workflows.issue_invoice import Leaving, issue_invoice


def invoice_order(session: Session, found: FullOrder, cause: str, who: str) -> FullInvoice | None:
    """The invoice of a (locked) order that was just paid in full, for the same `cause` the same one.

    None where the shop bills with each parcel instead (`invoice_on`), and when all is billed.

    Records: as `issue_invoice`.
    Raises: SeriesUsedUp, PeriodClosed.
    """
    if shop(session).invoice_on != "payment":
        return None
    known = invoicing.of_cause(session, cause)
    if known is not None:
        return known
    billed = invoicing.invoiced(session, [line.id for line in found.lines])
    open_lines = [Leaving(line, line.base_quantity - billed[line.id]) for line in found.lines]
    leaving = [each for each in open_lines if each.quantity > 0]
    return issue_invoice(session, found, leaving, cause, who) if leaving else None
