"""What goes well with a cart over HTTP: the customer's offer, and for staff the pairs and how well they work."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from backend.api.access import Customer, Db, Sales, Staff, WrongRole
from backend.api.carts import to_cart
from backend.api.idempotency import Act
from backend.api.problems import InvalidRequest, describe
from backend.carts.errors import CartFull, QuantityTooLarge
from backend.catalog.errors import UnknownSku
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory.errors import OutOfStock
from backend.pricing import listed
from backend.schemas.base import Money, Text, Words
from backend.schemas.carts import Cart
from backend.schemas.suggestions import CuratedPair, MaybeSuggestion, Measured, Pair, Suggestion, SuggestionReport
from backend.suggestions import models
from backend.suggestions import service as suggestions
from backend.suggestions.errors import PairInvalid, PairNotFound, SuggestionNotFound, SuggestionOver
from backend.workflows import measure_suggestions as measuring
from backend.workflows.answer_suggestion import accept_suggestion, decline_suggestion
from backend.workflows.curate_pair import curate_pair
from backend.workflows.offer_suggestion import Suggestion as ToOffer
from backend.workflows.offer_suggestion import offer_suggestion
from kernel import clock
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Suggestions"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAIRS = 500

SuggestionId = Annotated[Text, Path(max_length=36)]
Sku = Annotated[Text, Path(max_length=40, examples=["LECHE-ENTERA-1L"])]
SuggestedSku = Annotated[Text, Path(max_length=40, examples=["PAN-TAJADO-BLANCO-450"])]


@router.post(
    "/suggestions",
    summary="What goes well with the open cart: one offer a cart, or null",
    response_model=MaybeSuggestion,
    responses=describe(*_ACT),
)
def suggest(customer: Customer, act: Act) -> Response:
    return act.once(lambda session: _to_suggestion(offer_suggestion(session, customer.subject)))


@router.post(
    "/suggestions/{suggestion_id}/accept",
    summary="Put one usual unit of it into the cart",
    response_model=Cart,
    responses=describe(*_ACT, SuggestionNotFound, SuggestionOver, UnknownSku, OutOfStock, CartFull, QuantityTooLarge),
)
def accept(suggestion_id: SuggestionId, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: to_cart(accept_suggestion(session, customer.subject, suggestion_id)))


@router.post(
    "/suggestions/{suggestion_id}/decline",
    summary="Not this; it is never offered to the customer again",
    response_model=Cart,
    responses=describe(*_ACT, SuggestionNotFound, SuggestionOver),
)
def decline(suggestion_id: SuggestionId, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: to_cart(decline_suggestion(session, customer.subject, suggestion_id)))


@router.get("/staff/suggestions", summary="Pairs, the shop's own first", tags=["Staff"])
def pairs(
    _staff: Staff,
    db: Db,
    sku: Annotated[Text | None, Query(max_length=40)] = None,
    source: Literal["curated", "bought_together"] | None = None,
) -> list[Pair]:
    with db.read() as session:
        return [_to_pair(pair) for pair in suggestions.pairs(session, sku, source, PAIRS)]


@router.put(
    "/staff/suggestions/{sku}/{suggested_sku}",
    summary="Say that one variant goes well with another",
    tags=["Staff"],
    response_model=Pair,
    responses=describe(*_ACT, UnknownSku, PairInvalid),
)
def curate(sku: Sku, suggested_sku: SuggestedSku, pair: CuratedPair, _staff: Sales, act: Act) -> Response:
    return act.once(lambda session: _to_pair(curate_pair(session, sku, suggested_sku, pair.score)))


@router.delete(
    "/staff/suggestions/{sku}/{suggested_sku}",
    summary="Do not say so any more; answers what it was",
    tags=["Staff"],
    response_model=Pair,
    responses=describe(*_ACT, PairNotFound),
)
def withdraw(sku: Sku, suggested_sku: SuggestedSku, _staff: Sales, act: Act) -> Response:
    return act.once(lambda session: _to_pair(suggestions.withdraw(session, sku, suggested_sku)))


@router.get(
    "/staff/suggestions/report",
    summary="How often what was offered is bought, beside what was withheld",
    tags=["Staff"],
    responses=describe(InvalidRequest),
)
def report(_staff: Staff, db: Db, days: Annotated[int, Query(ge=1, le=366)] = 30) -> SuggestionReport:
    since = clock.now() - timedelta(days=days)
    with db.read() as session:
        offered, withheld = measuring.measure_suggestions(session, since)
    return SuggestionReport(since=since, offered=_to_measured(offered), withheld=_to_measured(withheld))


def _to_suggestion(made: ToOffer | None) -> MaybeSuggestion:
    if made is None:
        return MaybeSuggestion(None)
    usual = made.suggested.units[0]
    return MaybeSuggestion(
        Suggestion(
            id=made.id,
            sku=made.suggested.sku,
            names=Words(es=made.suggested.name, en=made.suggested.name_en),
            because=made.sku,
            unit=usual.code,
            unit_name=Words(es=usual.name["es"], en=usual.name["en"]),
            price=Money.of(listed(made.suggested, usual.factor), made.suggested.currency),
        )
    )


def _to_pair(pair: models.Pair) -> Pair:
    return Pair(sku=pair.sku, suggested_sku=pair.suggested_sku, source=pair.source, score=pair.score)


def _to_measured(measured: measuring.Measured) -> Measured:
    rate = measured.attach_rate
    return Measured(
        offers=measured.offers,
        accepted=measured.accepted,
        declined=measured.declined,
        orders=measured.orders,
        bought=measured.bought,
        attach_rate=None if rate is None else str(rate),
    )
