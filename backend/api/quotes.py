"""Quotes over HTTP: drafted, sent and placed by staff, accepted by the customer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Desk, Staff, WrongRole, roles_of
from backend.api.carts import to_cart
from backend.api.idempotency import Act
from backend.api.orders import look_at_order
from backend.api.pending_acts import MAY_WAIT, to_pending
from backend.api.problems import InvalidRequest, describe
from backend.api.shop import ready_providers
from backend.approvals.models import PendingAct as PendingRow
from backend.carts.errors import (
    AddressMissing,
    CartEmpty,
    CartFull,
    InvalidChange,
    InvalidQuantity,
    PaymentMethodMissing,
    QuantityTooLarge,
)
from backend.catalog.errors import UnknownPaymentMethod, UnknownSku, UnknownUnit
from backend.customers.errors import CustomerNotFound
from backend.discounts.errors import DiscountOnNothing, DiscountUsedUp
from backend.fulfillment.errors import PickupLocationUnknown
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.inventory.errors import OutOfStock
from backend.orders import service as orders
from backend.quotes import models
from backend.quotes import service as quotes
from backend.quotes.errors import QuoteChanged, QuoteExpired, QuoteNotFound, QuoteOver, QuoteRepriced
from backend.schemas.base import Money, Text
from backend.schemas.orders import Order
from backend.schemas.quotes import (
    AcceptQuote,
    ChangeQuote,
    GiveDiscount,
    NewQuote,
    PlaceQuote,
    Quote,
    QuoteFacts,
    QuotePage,
    QuoteStatus,
    QuoteSummary,
    SendQuote,
    TakeDiscountOff,
    WithdrawQuote,
)
from backend.schemas.staff import PendingAct
from backend.workflows.ask_second_person import Wish, do_or_ask
from backend.workflows.draft_quote import Drafted, change_quote, draft_quote
from backend.workflows.give_discount import DISCOUNT, give_discount, take_discount_off
from backend.workflows.order_quote import accept_quote, place_quote
from backend.workflows.price_quote import PricedQuote, price_quote
from backend.workflows.send_quote import send_quote, withdraw_quote
from kernel import clock
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Quotes"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
_DRAFT = (
    *_ACT, CustomerNotFound, UnknownSku, UnknownUnit, InvalidQuantity, QuantityTooLarge, InvalidChange, CartFull,
    OutOfStock, UnknownPaymentMethod, PickupLocationUnknown,
)  # fmt: skip
_STEP = (*_ACT, QuoteNotFound, QuoteOver, QuoteChanged)
_WHOLE = (CartEmpty, AddressMissing, PaymentMethodMissing)
PAGE = 50

Number = Annotated[Text, Path(max_length=20, examples=["COT-10001"])]


@router.get("/quotes/{number}", summary="A quote I was sent, at today's prices", responses=describe(QuoteNotFound))
def mine(number: Number, customer: Customer, db: Db) -> Quote:
    with db.read() as session:
        quote = quotes.find(session, number, customer_id=customer.subject)
        return _to_quote(session, price_quote(session, quote))


@router.post(
    "/quotes/{number}/accept",
    summary="Order what I was quoted; again it is the same order",
    response_model=Order,
    responses=describe(
        *_ACT, *_WHOLE, QuoteNotFound, QuoteOver, QuoteExpired, QuoteRepriced, OutOfStock, DiscountUsedUp
    ),
)
def accept(number: Number, said: AcceptQuote, customer: Customer, act: Act) -> Response:
    """What it costs now is looked at: `quote_repriced` says what changed, and the word that stands for that."""
    return act.once(
        lambda session: look_at_order(session, accept_quote(session, customer.subject, number, said.confirmation))
    )


@router.get("/staff/quotes", summary="Quotes, newest first", tags=["Staff"])
def page(
    _staff: Staff,
    db: Db,
    status: Annotated[list[QuoteStatus] | None, Query()] = None,
    cursor: Annotated[Text | None, Query(max_length=20, description="`next_cursor` of the page before.")] = None,
) -> QuotePage:
    with db.read() as session:
        rows, next_cursor = quotes.page(session, status or (), cursor, PAGE)
        return QuotePage(quotes=[_to_summary(row) for row in rows], next_cursor=next_cursor)


@router.get("/staff/quotes/{number}", summary="One quote, at today's prices", responses=describe(QuoteNotFound))
def one(number: Number, _staff: Staff, db: Db) -> Quote:
    with db.read() as session:
        return _to_quote(session, price_quote(session, quotes.find(session, number)))


@router.post(
    "/staff/quotes",
    summary="Put a cart together for a customer",
    response_model=Quote,
    status_code=201,
    responses=describe(*_DRAFT),
)
def draft(new: NewQuote, staff: Desk, act: Act, request: Request) -> Response:
    who, ready = f"staff:{staff.subject}", ready_providers(request)
    return act.once(
        lambda session: _to_quote(session, draft_quote(session, new.customer_id, _drafted(new), who, ready)),
        status=201,
    )


@router.put(
    "/staff/quotes/{number}",
    summary="Say it all anew",
    response_model=Quote,
    responses=describe(*_DRAFT, QuoteNotFound, QuoteOver, QuoteChanged),
)
def change(number: Number, new: ChangeQuote, _staff: Desk, act: Act, request: Request) -> Response:
    ready = ready_providers(request)
    return act.once(
        lambda session: _to_quote(session, change_quote(session, number, new.version, _drafted(new), ready))
    )


@router.post(
    "/staff/quotes/{number}/discount",
    summary="Take an amount off it, in place of what was taken off before",
    response_model=Quote,
    responses=MAY_WAIT | describe(*_STEP, UnknownSku, DiscountOnNothing),
)
def give(number: Number, said: GiveDiscount, staff: Desk, act: Act) -> Response:
    """Above the caller's limit it waits for a second person, who gives it to the quote as it is then."""
    who, roles = f"staff:{staff.subject}", roles_of(staff)

    def work(session: Session) -> Quote | PendingAct:
        quote = quotes.locked(session, number, said.version)
        body = {"amount_minor": said.amount_minor, "sku": said.sku}
        wish = Wish(DISCOUNT, quote.number, body, quote.currency, said.reason, who, roles)
        made = do_or_ask(
            session,
            wish,
            lambda: give_discount(session, quote, said.amount_minor, said.sku),
            lambda given: given.priced.discount_minor,
        )
        return to_pending(session, made) if isinstance(made, PendingRow) else _to_quote(session, made)

    return act.once(work)


@router.post(
    "/staff/quotes/{number}/discount/withdrawal",
    summary="Take nothing off it",
    response_model=Quote,
    responses=describe(*_STEP),
)
def take_off(number: Number, said: TakeDiscountOff, _staff: Desk, act: Act) -> Response:
    return act.once(lambda session: _to_quote(session, take_discount_off(session, number, said.version)))


@router.post(
    "/staff/quotes/{number}/send",
    summary="Show it to its customer, who accepts it by one tap",
    response_model=Quote,
    responses=describe(*_STEP, *_WHOLE),
)
def send(number: Number, said: SendQuote, _staff: Desk, act: Act) -> Response:
    return act.once(lambda session: _to_quote(session, send_quote(session, number, said.version, said.valid_days)))


@router.post(
    "/staff/quotes/{number}/place",
    summary="Order it on the customer's behalf",
    response_model=Order,
    responses=describe(*_STEP, *_WHOLE, QuoteRepriced, OutOfStock, DiscountUsedUp),
)
def place(number: Number, said: PlaceQuote, staff: Desk, act: Act) -> Response:
    who = f"staff:{staff.subject}"
    return act.once(
        lambda session: look_at_order(session, place_quote(session, number, said.version, said.confirmation, who))
    )


@router.post(
    "/staff/quotes/{number}/withdraw",
    summary="It is not to be had any more",
    response_model=Quote,
    responses=describe(*_STEP),
)
def withdraw(number: Number, said: WithdrawQuote, _staff: Desk, act: Act) -> Response:
    return act.once(
        lambda session: _to_quote(session, price_quote(session, withdraw_quote(session, number, said.version)))
    )


def _drafted(facts: QuoteFacts) -> Drafted:
    return Drafted(
        [(line.sku, line.quantity, line.unit) for line in facts.lines],
        facts.address_text,
        facts.pickup_location,
        facts.payment_method,
    )


def _to_quote(session: Session, found: PricedQuote) -> Quote:
    quote = found.quote
    return Quote(
        number=quote.number,
        customer_id=quote.customer_id,
        status=quote.status,
        version=quote.version,
        cart=to_cart(found.priced),
        confirmation=found.confirmation,
        quoted_total=Money.of(quote.total_minor, quote.currency),
        valid_until=quote.valid_until,
        is_expired=_is_expired(quote),
        order_number=orders.by_id(session, quote.order_id).order.number if quote.order_id else None,
        who=quote.who,
        created_at=quote.created_at,
    )


def _to_summary(quote: models.Quote) -> QuoteSummary:
    return QuoteSummary(
        number=quote.number,
        customer_id=quote.customer_id,
        status=quote.status,
        total=Money.of(quote.total_minor, quote.currency),
        valid_until=quote.valid_until,
        is_expired=_is_expired(quote),
        who=quote.who,
        created_at=quote.created_at,
    )


def _is_expired(quote: models.Quote) -> bool:
    return quote.status == "sent" and quote.valid_until is not None and clock.now() >= quote.valid_until
