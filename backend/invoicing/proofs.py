"""Proof of submission: that a document arrived, and what its customer answered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.invoicing.models import InvoiceProof
from kernel import clock
from kernel.ids import new_id

_insert = insert(table_of(InvoiceProof))
ANSWERS = ("accepted", "rejected")


def note(session: Session, invoice_id: str, kind: str, who: str, reason: str | None = None) -> None:
    """Records: one InvoiceProof."""
    row = {
        "id": new_id(),
        "invoice_id": invoice_id,
        "kind": kind,
        "reason": reason,
        "who": who,
        "happened_at": clock.now(),
    }
    session.connection().execute(_insert, row)


def of_invoice(session: Session, invoice_id: str) -> Sequence[InvoiceProof]:
    """All that is known, oldest first."""
    query = select(InvoiceProof).where(InvoiceProof.invoice_id == invoice_id).order_by(InvoiceProof.id)
    return session.scalars(query).all()


def answer(session: Session, invoice_id: str) -> InvoiceProof | None:
    """What the customer answered last."""
    answers = [proof for proof in of_invoice(session, invoice_id) if proof.kind in ANSWERS]
    return answers[-1] if answers else None
