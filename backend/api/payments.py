"""Payments over HTTP: what finance records and allocates, what is due of an order."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Desk, Finance, Staff, WrongRole, roles_of
from backend.api.idempotency import Act
from backend.api.invoices import InvoiceNumber
from backend.api.orders import Number
from backend.api.pending_acts import MAY_WAIT, to_pending
from backend.api.problems import BodyTooLarge, InvalidRequest, describe
from backend.api.shop import ready_providers
from backend.approvals import models as approvals
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop
from backend.customers import service as customers
from backend.customers.errors import CustomerNotFound
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.invoicing import service as invoicing
from backend.invoicing.errors import InvoiceNotFound
from backend.invoicing.models import Invoice
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.orders.models import Order
from backend.orders.service import FullOrder
from backend.payments import models, settlements
from backend.payments import service as payments
from backend.payments.errors import (
    NoOnlinePayment,
    NothingDue,
    PaymentMismatch,
    PaymentNotFound,
    PaymentSignatureRefused,
    ProviderNotFound,
    SettlesTooMuch,
    UnreadablePaymentEvent,
)
from backend.schemas.base import Money, Text
from backend.schemas.payments import (
    Balance,
    ChoosePart,
    EventsKept,
    InvoiceOpen,
    NewPayment,
    OrderPayments,
    Payment,
    PaymentLink,
    PaymentPage,
    PaymentState,
    WriteOff,
)
from backend.schemas.staff import PendingAct
from backend.workflows.allocate_payment import allocate_payment, write_off
from backend.workflows.ask_second_person import Wish, do_or_ask
from backend.workflows.check_payment import receive_payment_events
from backend.workflows.look_at_dues import look_at_dues
from backend.workflows.open_amounts import open_minor
from backend.workflows.record_payment import record_payment
from backend.workflows.start_payment import send_payment_link, start_payment
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Payments"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict, PeriodClosed)
PAGE = 50
PaymentNumber = Annotated[Text, Path(max_length=20, examples=["PAG-10004"])]


@router.post(
    "/staff/orders/{number}/payments",
    summary="Record money that came: cash, a transfer, a cheque",
    tags=["Staff"],
    response_model=Payment,
    status_code=201,
    responses=describe(*_ACT, OrderNotFound, PaymentMismatch),
)
def record(number: Number, given: NewPayment, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> Payment:
        found = orders.find_any(session, number, lock=True)
        if given.currency != found.order.currency:
            raise PaymentMismatch(currency=given.currency, expected=found.order.currency)
        payment = record_payment(
            session,
            found,
            key=f"act:{act.name}",
            method=given.method,
            amount_minor=given.amount_minor,
            reference=given.reference,
            who=f"staff:{staff.subject}",
        )
        return to_payment(session, payment)

    return act.once(work, status=201)


@router.post(
    "/orders/{number}/payment-link",
    summary="A link where the customer pays what is due",
    response_model=PaymentLink,
    status_code=201,
    responses=describe(
        InvalidRequest,
        IdempotencyKeyRequired,
        IdempotencyConflict,
        OrderNotFound,
        NothingDue,
        NoOnlinePayment,
        ShopNotSetUp,
    ),
)
def payment_link(number: Number, customer: Customer, act: Act, request: Request) -> Response:
    """The link that waits already, if the same is still due; a new one is told in the chat as soon as it is made."""

    def work(session: Session) -> PaymentLink:
        found = orders.find(session, customer.subject, number, lock=True)
        if shop(session).provider_of(found.order.payment_method) not in ready_providers(request):
            raise NoOnlinePayment()
        return _to_link(found, start_payment(session, found, act.name, f"customer:{customer.subject}"))

    return act.once(work, status=201)


def _to_link(found: FullOrder, payment: models.Payment) -> PaymentLink:
    assert payment.expires_at is not None, "a link ends"
    return PaymentLink(
        payment=payment.number,
        order_number=found.order.number,
        amount=Money.of(payment.amount_minor, payment.currency),
        url=payment.url,
        expires_at=payment.expires_at,
    )


@router.post(
    "/staff/orders/{number}/payment-link",
    summary="Send a customer the link where they pay what is due, again",
    tags=["Staff"],
    response_model=PaymentLink,
    status_code=201,
    responses=describe(*_ACT, OrderNotFound, NothingDue, NoOnlinePayment, ShopNotSetUp),
)
def send_link(number: Number, staff: Desk, act: Act, request: Request) -> Response:
    def work(session: Session) -> PaymentLink:
        found = orders.find_any(session, number, lock=True)
        if shop(session).provider_of(found.order.payment_method) not in ready_providers(request):
            raise NoOnlinePayment()
        return _to_link(found, send_payment_link(session, found, act.name, f"staff:{staff.subject}"))

    return act.once(work, status=201)


@router.post(
    "/payments/{provider}/events",
    summary="A payment provider's webhook, signed by it",
    response_model=EventsKept,
    responses=describe(InvalidRequest, ProviderNotFound, PaymentSignatureRefused, UnreadablePaymentEvent, BodyTooLarge),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object", "title": "What the provider sends"}}},
        }
    },
)
async def webhook(provider: Annotated[Text, Path(max_length=20)], request: Request) -> EventsKept:
    """Kept and answered at once; what it means is asked of the provider afterwards, so that its order is no matter."""
    body = await request.body()
    said = request.app.state.providers.named(provider).read(request.headers, body)

    def keep() -> int:
        with request.app.state.database.write() as session:
            return receive_payment_events(session, provider, said)

    return EventsKept(events=len(said), kept=await run_in_threadpool(keep))


@router.get("/staff/payments", summary="All payments, newest first", tags=["Staff"], responses=describe(InvalidRequest))
def all_payments(
    _staff: Finance,
    db: Db,
    status: PaymentState | None = None,
    cursor: Annotated[Text | None, Query(max_length=20, description="`next_cursor` of the page before.")] = None,
) -> PaymentPage:
    with db.read() as session:
        shown = [to_payment(session, payment) for payment in payments.page(session, status, cursor, PAGE + 1)]
    return PaymentPage(payments=shown[:PAGE], next_cursor=shown[PAGE - 1].number if len(shown) > PAGE else None)


@router.get(
    "/staff/orders/{number}/payments",
    summary="What was paid of an order, and what is due",
    tags=["Staff"],
    responses=describe(OrderNotFound),
)
def of_order(number: Number, _staff: Staff, db: Db) -> OrderPayments:
    with db.read() as session:
        return _to_order_payments(session, orders.find_any(session, number).order)


@router.get(
    "/staff/payments/{number}",
    summary="One payment",
    tags=["Staff"],
    responses=describe(PaymentNotFound, InvalidRequest),
)
def one(number: PaymentNumber, _staff: Finance, db: Db) -> Payment:
    with db.read() as session:
        return to_payment(session, payments.find(session, number))


@router.post(
    "/staff/payments/{number}/allocations",
    summary="So much of a payment pays that invoice, or does not any more",
    tags=["Staff"],
    response_model=Payment,
    responses=describe(*_ACT, PaymentNotFound, InvoiceNotFound, SettlesTooMuch),
)
def allocate(number: PaymentNumber, chosen: ChoosePart, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> Payment:
        who = f"staff:{staff.subject}"
        allocate_payment(session, number, chosen.invoice, chosen.amount_minor, act.name, who)
        return to_payment(session, payments.find(session, number))

    return act.once(work)


@router.post(
    "/staff/invoices/{number}/write-offs",
    summary="Write off what will never be paid",
    tags=["Staff"],
    response_model=InvoiceOpen,
    responses=MAY_WAIT | describe(*_ACT, InvoiceNotFound, SettlesTooMuch),
)
def write_off_invoice(number: InvoiceNumber, given: WriteOff, staff: Finance, act: Act) -> Response:
    who = f"staff:{staff.subject}"

    def work(session: Session) -> InvoiceOpen | PendingAct:
        document, body = invoicing.find(session, number).invoice, given.model_dump()
        wish = Wish("write_off", document.number, body, document.currency, given.reason, who, roles_of(staff))

        def do() -> Invoice:
            return write_off(session, number, given.amount_minor, given.reason, act.name, who)

        made = do_or_ask(session, wish, do, lambda _: given.amount_minor)
        return to_pending(session, made) if isinstance(made, approvals.PendingAct) else _to_open(session, made)

    return act.once(work)


@router.get(
    "/staff/customers/{customer_id}/balance",
    summary="What a customer has with us",
    tags=["Staff"],
    responses=describe(CustomerNotFound, ShopNotSetUp, InvalidRequest),
)
def balance_of(customer_id: Annotated[Text, Path(max_length=36)], _staff: Staff, db: Db) -> Balance:
    with db.read() as session:
        if not customers.exists(session, customer_id):
            raise CustomerNotFound()
        return _to_balance(session, customer_id)


@router.get("/customers/me/balance", summary="What I have with the shop", responses=describe(ShopNotSetUp))
def my_balance(customer: Customer, db: Db) -> Balance:
    with db.read() as session:
        return _to_balance(session, customer.subject)


def to_payment(session: Session, payment: models.Payment) -> Payment:
    order = orders.by_id(session, payment.order_id).order if payment.order_id else None

    def money(amount_minor: int) -> Money:
        return Money.of(amount_minor, payment.currency)

    return Payment(
        number=payment.number,
        order_number=order.number if order else None,
        customer_id=payment.customer_id,
        method=payment.method,
        provider=payment.provider,
        status=cast(PaymentState, payment.status),
        amount=money(payment.amount_minor),
        captured=money(payment.captured_minor),
        refunded=money(payment.refunded_minor),
        free=money(settlements.free_minor(session, [payment])[payment.id]),
        reference=payment.reference,
        created_at=payment.created_at,
        captured_at=payment.captured_at,
        who=payment.who,
    )


def _to_order_payments(session: Session, order: Order) -> OrderPayments:
    dues = look_at_dues(session, [order])[order.id]

    def money(amount_minor: int) -> Money:
        return Money.of(amount_minor, order.currency)

    return OrderPayments(
        order_number=order.number,
        due=money(dues.due_minor),
        paid=money(dues.paid_minor),
        refunded=money(dues.refunded_minor),
        uninvoiced=money(dues.uninvoiced_minor),
        advance=money(dues.advance_minor),
        payments=[to_payment(session, payment) for payment in payments.of_orders(session, [order.id])[order.id]],
    )


def _to_open(session: Session, document: Invoice) -> InvoiceOpen:
    return InvoiceOpen(
        number=document.number,
        payable=Money.of(document.payable_minor, document.currency),
        open=Money.of(open_minor(session, document), document.currency),
    )


def _to_balance(session: Session, customer_id: str) -> Balance:
    currency = shop(session).currency
    return Balance(
        customer_id=customer_id, balance=Money.of(settlements.balance(session, customer_id, currency), currency)
    )
