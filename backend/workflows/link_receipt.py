"""Link to the receipt of a refund: whoever has the link sees it, as long as the money is back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend.payments import refunds
from backend.payments.errors import ReceiptLinkOver
from backend.payments.models import Refund
from backend.workflows.print_refund import is_receipted, print_refund
from kernel import clock, links

PURPOSE = "refund_receipt"
PATH = "f/receipt"
LASTS = timedelta(days=60)


def link_receipt(session: Session, refund: Refund) -> str | None:
    """A link to the receipt, good for LASTS; None where there is none, or nobody would open it."""
    made_by = links.carried(session)
    if made_by is None or not is_receipted(refund):
        return None
    return made_by.make(PURPOSE, PATH, refund.id, clock.now() + LASTS)


def open_receipt(session: Session, token: str) -> bytes:
    """The receipt that a link opens, as a PDF.

    Raises: ReceiptLinkOver, also of a refund that came back after all.
    """
    reader = links.carried(session)
    link = reader.read(PURPOSE, token) if reader else None
    if link is None or link.is_over:
        raise ReceiptLinkOver()
    refund = refunds.by_id(session, link.id)
    if not is_receipted(refund):
        raise ReceiptLinkOver()
    return print_refund(session, refund)
