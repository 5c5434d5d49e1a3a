"""What is for sale, over HTTP, and what a customer's words for it mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Anyone, Db, Staff, Warehouse
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.catalog import barcodes, browse
from backend.catalog import service as catalog
from backend.catalog.errors import UnknownBarcode, UnknownCategory, UnknownSku
from backend.catalog.models import Barcode as BarcodeRow
from backend.catalog.resolve import Asked, Resolved, resolve
from backend.catalog.search import index
from backend.catalog.service import Offer
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.schemas.base import Money, Text, Words
from backend.schemas.catalog import (
    Barcode,
    Candidate,
    Category,
    NewBarcode,
    ResolveAnswer,
    ResolvedLine,
    ResolveRequest,
    SearchAnswer,
    Stock,
    Unit,
    Variant,
)
from backend.workflows.available_variants import available_variants
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Catalog"], responses=describe(TokenRefused))
# Enough for this many orders of one usual unit, and customers are told no exact figure.
FEW = 5
# What scores lower has little to do with what was searched for.
LEAST_SEARCH_SCORE = 30.0

Sku = Annotated[Text, Path(max_length=40, examples=["LECHE-ENTERA-1L"])]
Code = Annotated[Text, Path(max_length=40, examples=["dairy"])]
ReadCode = Annotated[Text, Path(min_length=1, max_length=40, examples=["7701234567897"])]


@router.get("/catalog/search", summary="Variants by name, synonym, brand or size", responses=describe(InvalidRequest))
def search(
    _caller: Anyone,
    db: Db,
    q: Annotated[str, Query(min_length=1, max_length=300, examples=["leche deslactosada"])],
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> SearchAnswer:
    """Spanish and English; forgives accents, plurals, diminutives and misspellings. Best first."""
    with db.read() as session:
        hits = [hit for hit in index(session).search(q)[:limit] if hit.score >= LEAST_SEARCH_SCORE]
        shown = _shown(session, (hit.entry.sku for hit in hits))
    return SearchAnswer(query=q, matches=[Variant(**variant) for variant in shown.values()])


@router.get("/catalog/variants/{sku}", summary="One variant", responses=describe(UnknownSku))
def variant(sku: Sku, _caller: Anyone, db: Db) -> Variant:
    with db.read() as session:
        shown = _shown(session, [sku])
    if sku not in shown:
        raise UnknownSku(sku=sku)
    return Variant(**shown[sku])


@router.get("/catalog/categories", summary="What kinds of things there are")
def categories(_caller: Anyone, db: Db) -> list[Category]:
    with db.read() as session:
        return [
            Category(code=each.code, name=Words(es=each.name_es, en=each.name_en), variants_count=each.variants_count)
            for each in browse.categories(session)
        ]


@router.get(
    "/catalog/categories/{code}/variants",
    summary="What there is of a kind, the popular first",
    responses=describe(UnknownCategory),
)
def category_variants(code: Code, _caller: Anyone, db: Db) -> list[Variant]:
    with db.read() as session:
        return [Variant(**each) for each in _shown(session, browse.skus_in(session, code)).values()]


@router.post(
    "/catalog/resolve",
    summary="Which variants the lines of a wish mean",
    responses=describe(InvalidRequest),
)
def resolve_lines(request: ResolveRequest, _caller: Anyone, db: Db) -> ResolveAnswer:
    """Changes nothing. `quantity` and `unit` come back as understood: they are what to put into the cart.

    `500 g` of "café" is one pack of 500 g; the `boxes` of an English customer are the `caja` of the variant.
    """
    with db.read() as session:
        known = index(session)
        resolved = [resolve(known, Asked(line.quantity, line.unit, line.text)) for line in request.lines]
        shown = _shown(session, (meant.sku for line in resolved for meant in line.found))
    lines = zip(request.lines, resolved, strict=True)
    return ResolveAnswer(lines=[_resolved_line(asked.text, line, shown) for asked, line in lines])


def _resolved_line(text: str, line: Resolved, shown: dict[str, dict[str, Any]]) -> ResolvedLine:
    return ResolvedLine(
        quantity=line.quantity,
        unit=line.unit,
        text=text,
        status=line.status,
        candidates=[
            Candidate(**shown[meant.sku], score=meant.score, quantity=meant.quantity, unit=meant.unit)
            for meant in line.found
            if meant.sku in shown
        ],
        unit_known=line.is_unit_known,
    )


def _shown(session: Session, skus: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The fields of a Variant for each of these skus that is sold, in their order."""
    offers = catalog.offers(session, skus)
    free = available_variants(session, offers)
    return {sku: _variant(offer, free[sku]) for sku, offer in offers.items()}


def _variant(offer: Offer, free: int) -> dict[str, Any]:
    return {
        "sku": offer.sku,
        "name": offer.name,
        "names": Words(es=offer.name, en=offer.name_en),
        "product": offer.product,
        "brand": offer.brand,
        "category": offer.category,
        "description": offer.description,
        "descriptions": Words(es=offer.description, en=offer.description_en),
        "price": Money.of(offer.price_minor, offer.currency),
        "price_unit": _price_unit(offer),
        "tax_on_top": not offer.price_includes_tax and offer.tax_rate > 0,
        "units": [Unit(code=unit.code, name=Words(**unit.name), factor=unit.factor) for unit in offer.units],
        "base_unit": offer.base_unit,
        "available": free > 0,
        "stock": _stock(offer, free),
    }


def _price_unit(offer: Offer) -> str:
    """For what the price is: a pack of its size, or so many grams."""
    if offer.base_unit == "g":
        grams = offer.price_quantity
        return f"{grams // 1000} kg" if grams % 1000 == 0 else f"{grams} g"
    return offer.size or "unidad"


def _stock(offer: Offer, free: int) -> Stock:
    if free <= 0:
        return "out"
    return "few" if free <= FEW * offer.units[0].factor else "in_stock"


@router.get("/staff/barcodes/{code}", summary="What a code on a package means", responses=describe(UnknownBarcode))
def barcode(code: ReadCode, _staff: Staff, db: Db) -> Barcode:
    with db.read() as session:
        return _to_barcode(barcodes.read(session, code))


@router.put(
    "/staff/barcodes/{code}",
    summary="Say what a code on a package means",
    response_model=Barcode,
    responses=describe(InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, UnknownSku),
)
def put_barcode(code: ReadCode, meant: NewBarcode, _staff: Warehouse, act: Act) -> Response:
    return act.once(lambda session: _to_barcode(barcodes.put(session, code, meant.sku, meant.quantity)))


def _to_barcode(row: BarcodeRow) -> Barcode:
    return Barcode(code=row.code, sku=row.sku, quantity=row.quantity)
