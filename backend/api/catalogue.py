"""The catalog as the shop keeps it, over HTTP, for admins: whole catalogues as CSV, single entries, categories."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Response
from sqlalchemy.orm import Session

from backend.api.access import Admin, Db, WrongRole
from backend.api.idempotency import Act
from backend.api.problems import BodyTooLarge, InvalidRequest, describe
from backend.api.progress import Calls, Tell
from backend.catalog import importing
from backend.catalog.catalogue_csv import Sheet, read_sheet, write_sheet
from backend.catalog.errors import CatalogueRefused, ShopNotSetUp, UnknownSku
from backend.catalog.importing import Plan
from backend.catalog.service import shop
from backend.catalog.upkeep import put_category
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import SkuText, Text
from backend.schemas.catalog import (
    Catalogue,
    CatalogueChange,
    CatalogueEntry,
    CatalogueField,
    CatalogueFile,
    CatalogueOutcome,
    CatalogueProblem,
    CatalogueProgress,
    CategoryFacts,
    CategoryNames,
)
from kernel.tokens import TokenRefused

router = APIRouter(prefix="/staff/catalog", tags=["Catalog"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
SHOWN = 100
Code = Annotated[Text, Path(max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", examples=["dairy"])]
Sku = Annotated[SkuText, Path()]


@router.post(
    "/previews",
    summary="What bringing a catalogue in would do; nothing is done",
    responses=describe(InvalidRequest, BodyTooLarge, ShopNotSetUp),
)
def preview(given: Catalogue, admin: Admin, db: Db, calls: Calls) -> CatalogueOutcome:
    with calls.of_call(admin.subject, given.watch) as tell, db.read() as session:
        return _to_outcome(importing.plan(session, read_sheet(given.content), shop(session).currency, tell))


@router.post(
    "/imports",
    summary="Bring a catalogue in, whole or not at all",
    response_model=CatalogueOutcome,
    responses=describe(*_ACT, BodyTooLarge, CatalogueRefused, ShopNotSetUp),
)
def bring_in(given: Catalogue, admin: Admin, act: Act, calls: Calls) -> Response:
    """Variants that the file does not name stay; the same file again changes nothing."""
    with calls.of_call(admin.subject, given.watch) as tell:
        return act.once(lambda session: _bring_in(session, read_sheet(given.content), tell))


@router.get("/progress/{watch}", summary="How far a preview or an import is")
def progress(watch: Annotated[Text, Path(max_length=80)], admin: Admin, calls: Calls) -> CatalogueProgress:
    """Of the caller's own, while it goes on; nothing is said where it is not known."""
    step = calls.step(admin.subject, watch)
    return CatalogueProgress.model_validate(asdict(step)) if step else CatalogueProgress()


@router.get("/export", summary="The catalog as CSV, to be brought in again", responses=describe(ShopNotSetUp))
def export(_admin: Admin, db: Db, language: Literal["es", "en"] = "es") -> CatalogueFile:
    with db.read() as session:
        rows = importing.entries(session, shop(session).currency, language)
        return CatalogueFile(content=write_sheet(rows, language))


@router.get(
    "/variants/{sku}",
    summary="One variant, as a row of the catalogue has it",
    responses=describe(InvalidRequest, UnknownSku, ShopNotSetUp),
)
def entry(sku: Sku, _admin: Admin, db: Db) -> CatalogueEntry:
    with db.read() as session:
        cells = importing.entry_cells(session, sku, shop(session).currency, "en")
    return CatalogueEntry.model_validate(cells)


@router.put(
    "/variants/{sku}",
    summary="Put one variant into the catalog, or change it",
    response_model=CatalogueOutcome,
    responses=describe(*_ACT, CatalogueRefused, ShopNotSetUp),
)
def put_variant(sku: Sku, given: CatalogueEntry, _admin: Admin, act: Act) -> Response:
    return act.once(lambda session: _bring_in(session, importing.entry_sheet(sku, given.model_dump(exclude_none=True))))


@router.put(
    "/categories/{code}",
    summary="Make a category, or call it anew",
    response_model=CategoryFacts,
    responses=describe(*_ACT),
)
def set_category(code: Code, given: CategoryNames, _admin: Admin, act: Act) -> Response:
    def work(session: Session) -> CategoryFacts:
        row = put_category(session, code, given.name_es, given.name_en, given.position)
        return CategoryFacts(code=row.code, name_es=row.name_es, name_en=row.name_en, position=row.position)

    return act.once(work)


def _bring_in(session: Session, sheet: Sheet, tell: Tell = importing.untold) -> CatalogueOutcome:
    return _to_outcome(importing.bring_in(session, sheet, shop(session).currency, tell))


def _to_outcome(plan: Plan) -> CatalogueOutcome:
    return CatalogueOutcome(
        added=plan.count("added"),
        changed=plan.count("changed"),
        same=plan.same,
        problem_count=len(plan.problems),
        changes=[
            CatalogueChange(
                row=each.row,
                kind=each.kind,
                sku=each.sku,
                name=each.name,
                fields=[CatalogueField(column=name, before=old, after=new) for name, old, new in each.fields],
            )
            for each in plan.changes[:SHOWN]
        ],
        problems=[
            CatalogueProblem(row=each.row, column=each.column, code=each.code, value=each.value)
            for each in plan.problems[:SHOWN]
        ],
    )
