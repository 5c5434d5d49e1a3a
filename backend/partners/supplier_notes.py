"""Debit notes to suppliers: what went back to them, and how much less we owe them for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend import counters
from backend.base import columns_of
from backend.partners.errors import SupplierNoteNotFound
from backend.partners.models import Partner, SupplierNote, SupplierNoteLine
from kernel import clock
from kernel.ids import new_id

NUMBER_PREFIX = "NP-"


@dataclass(frozen=True, slots=True)
class WentBack:
    """See SupplierNoteLine."""

    sku: str
    name: str
    quantity: int
    cost_minor: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class FullNote:
    note: SupplierNote
    lines: Sequence[SupplierNoteLine]


def issue(
    session: Session,
    partner: Partner,
    lines: Sequence[WentBack],
    *,
    reference: str,
    currency: str,
    issued_on: date,
    who: str,
) -> FullNote:
    """Under the next number. Records: SupplierNote, its SupplierNoteLines."""
    note = SupplierNote(
        id=new_id(),
        number=f"{NUMBER_PREFIX}{counters.next_value(session, 'supplier_note')}",
        partner_id=partner.id,
        partner_name=partner.name,
        reference=reference,
        currency=currency,
        cost_minor=sum(line.cost_minor for line in lines),
        issued_on=issued_on,
        who=who,
        issued_at=clock.now(),
    )
    session.add(note)
    session.flush()
    rows = [SupplierNoteLine(id=new_id(), note_id=note.id, **columns_of(line)) for line in lines]
    session.add_all(rows)
    session.flush()
    return FullNote(note, rows)


def find(session: Session, number: str) -> FullNote:
    """Raises: SupplierNoteNotFound."""
    note = session.scalar(select(SupplierNote).where(SupplierNote.number == number.strip().upper()))
    if note is None:
        raise SupplierNoteNotFound()
    return _full(session, note)


def page(session: Session, limit: int, *, before: str | None = None, reference: str | None = None) -> list[FullNote]:
    """The newest first; those before that number, those of that return.

    Raises: SupplierNoteNotFound, for a `before` that is none.
    """
    query = select(SupplierNote).order_by(SupplierNote.id.desc()).limit(limit)
    if before is not None:
        query = query.where(SupplierNote.id < find(session, before).note.id)
    if reference is not None:
        query = query.where(SupplierNote.reference == reference)
    return [_full(session, note) for note in session.scalars(query)]


def _full(session: Session, note: SupplierNote) -> FullNote:
    lines = select(SupplierNoteLine).where(SupplierNoteLine.note_id == note.id).order_by(SupplierNoteLine.id)
    return FullNote(note, session.scalars(lines).all())
