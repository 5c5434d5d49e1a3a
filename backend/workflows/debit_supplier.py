"""Debit a supplier: goods that came back go on to whom they were bought from, whom we owe so much less."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy.orm import Session

from backend.catalog.service import shop, shop_day
from backend.partners import service as partners
from backend.partners import supplier_notes
from backend.partners.errors import SupplierRequired
from backend.partners.supplier_notes import FullNote, WentBack
from backend.workflows.book_goods import goods_sent_back


def who_takes_back(session: Session, sku: str, named: str | None) -> str:
    """The code of the partner who takes a variant back: who was named, else who supplies it.

    Raises: PartnerNotFound, SupplierRequired.
    """
    if named is not None:
        return partners.find(session, named).code
    supplier = partners.suppliers(session, [sku]).get(sku)
    if supplier is None:
        raise SupplierRequired(sku=sku)
    return supplier.code


def debit_suppliers(
    session: Session, went: Sequence[tuple[str, WentBack]], *, reference: str, subject: str, who: str
) -> list[FullNote]:
    """One note for each supplier (by code) of what went back to them, booked.

    Records: SupplierNotes with their lines, a JournalEntry for each that is worth something.
    Raises: PeriodClosed.
    """
    seller = shop(session)
    notes = []
    for code, lines in groupby(sorted(went, key=lambda each: each[0]), key=lambda each: each[0]):
        full = supplier_notes.issue(
            session,
            partners.find(session, code),
            [line for _, line in lines],
            reference=reference,
            currency=seller.currency,
            issued_on=shop_day(seller),
            who=who,
        )
        goods_sent_back(session, full.note.cost_minor, full.note.number, subject, who)
        notes.append(full)
    return notes
