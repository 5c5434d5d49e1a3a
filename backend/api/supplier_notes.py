"""Debit notes to suppliers over HTTP: written when goods of a return go back, read and printed here."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from backend.api.access import Db, Staff, WrongRole
from backend.api.problems import InvalidRequest, describe
from backend.partners import supplier_notes
from backend.partners.errors import SupplierNoteNotFound
from backend.partners.supplier_notes import FullNote
from backend.schemas import supplier_notes as schemas
from backend.schemas.base import Money, Text
from backend.workflows.print_supplier_note import print_supplier_note
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Staff"], responses=describe(TokenRefused, WrongRole))
LISTED = 50
PDF = "application/pdf"
_FILE: dict[int | str, dict[str, Any]] = {200: {"content": {PDF: {}}, "description": "The debit note."}}

Number = Annotated[Text, Path(max_length=20, examples=["NP-10001"])]
Before = Annotated[Text | None, Query(max_length=20, description="The number of the last one seen.")]
Reference = Annotated[Text | None, Query(max_length=20, alias="return", description="Those of this return.")]


@router.get(
    "/staff/supplier-notes",
    summary="What went back to suppliers, the newest first",
    responses=describe(InvalidRequest, SupplierNoteNotFound),
)
def everyone(_staff: Staff, db: Db, before: Before = None, reference: Reference = None) -> list[schemas.SupplierNote]:
    with db.read() as session:
        found = supplier_notes.page(session, LISTED, before=before, reference=reference)
        return [_to_note(full) for full in found]


@router.get(
    "/staff/supplier-notes/{number}/file",
    summary="The debit note as a PDF, for its supplier",
    response_class=Response,
    responses=_FILE | describe(SupplierNoteNotFound),
)
def file(number: Number, _staff: Staff, db: Db) -> Response:
    with db.read() as session:
        return Response(print_supplier_note(session, number), media_type=PDF)


def _to_note(full: FullNote) -> schemas.SupplierNote:
    note = full.note
    return schemas.SupplierNote(
        number=note.number,
        partner=note.partner_name,
        reference=note.reference,
        cost=Money.of(note.cost_minor, note.currency),
        issued_on=note.issued_on,
        who=note.who,
        issued_at=note.issued_at,
        lines=[
            schemas.SupplierNoteLine(
                sku=line.sku,
                name=line.name,
                quantity=line.quantity,
                cost=Money.of(line.cost_minor, note.currency),
                note=line.note,
            )
            for line in full.lines
        ],
    )
