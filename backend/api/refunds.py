"""Refunds over HTTP: what staff asks for, approves and pays out, and what customers see of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import Customer, Db, Finance, MoneyDesk, Service, Staff, WrongRole, roles_of
from backend.api.idempotency import Act
from backend.api.payments import PaymentNumber
from backend.api.problems import InvalidRequest, describe
from backend.approvals.errors import SamePerson
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.ledger import chart
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.payments import models, refunds
from backend.payments import service as payments
from backend.payments.errors import (
    PaymentDisputed,
    PaymentMismatch,
    PaymentNotFound,
    ReceiptLinkOver,
    RefundLimit,
    RefundNotBack,
    RefundNotFound,
    RefundNotOpen,
    RefundTooLarge,
)
from backend.schemas.base import Money, Text
from backend.schemas.payments import (
    MyRefund,
    MyRefunds,
    NewRefund,
    PaidOut,
    Refund,
    RefundPage,
    RefundState,
    RejectRefund,
)
from backend.workflows.decide_refund import approve_refund, pay_out_refund, reject_refund
from backend.workflows.link_receipt import link_receipt, open_receipt
from backend.workflows.print_refund import is_receipted, print_refund
from backend.workflows.request_refund import lock_and_request
from kernel.tokens import TokenRefused

router = APIRouter(tags=["Refunds"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 50
MINE = 20
RefundNumber = Annotated[Text, Path(max_length=20, examples=["DEV-10001"])]
PDF = "application/pdf"
_RECEIPT: dict[int | str, dict[str, Any]] = {200: {"content": {PDF: {}}, "description": "The receipt."}}
_ACCOUNTS = {"cash": chart.CASH, "bank": chart.BANK}


@router.post(
    "/staff/payments/{number}/refunds",
    summary="Give so much of a payment back",
    tags=["Staff"],
    response_model=Refund,
    status_code=201,
    responses=describe(*_ACT, PaymentNotFound, PaymentMismatch, RefundTooLarge, PaymentDisputed),
)
def request(number: PaymentNumber, given: NewRefund, staff: MoneyDesk, act: Act) -> Response:
    """On its way at once within the limit of who asks; otherwise it waits for someone whose limit is higher."""

    def work(session: Session) -> Refund:
        refund = lock_and_request(
            session,
            payments.find(session, number),
            given.amount_minor,
            given.currency,
            key=f"act:{act.name}",
            reason=given.reason,
            who=f"staff:{staff.subject}",
            roles=roles_of(staff),
            way=given.way,
        )
        return to_refund(session, refund)

    return act.once(work, status=201)


@router.get("/staff/refunds", summary="All refunds, newest first", tags=["Staff"], responses=describe(InvalidRequest))
def all_refunds(
    _staff: Staff,
    db: Db,
    status: RefundState | None = None,
    cursor: Annotated[Text | None, Query(max_length=20, description="`next_cursor` of the page before.")] = None,
) -> RefundPage:
    with db.read() as session:
        shown = [to_refund(session, refund) for refund in refunds.page(session, status, cursor, PAGE + 1)]
    return RefundPage(refunds=shown[:PAGE], next_cursor=shown[PAGE - 1].number if len(shown) > PAGE else None)


@router.get(
    "/staff/refunds/{number}",
    summary="One refund",
    tags=["Staff"],
    responses=describe(RefundNotFound, InvalidRequest),
)
def one(number: RefundNumber, _staff: Staff, db: Db) -> Refund:
    with db.read() as session:
        return to_refund(session, refunds.find(session, number))


@router.get(
    "/staff/refunds/{number}/receipt",
    summary="The receipt of money that went back: a PDF",
    tags=["Staff"],
    response_class=Response,
    responses=_RECEIPT | describe(RefundNotFound, RefundNotBack, InvalidRequest),
)
def receipt(number: RefundNumber, _staff: Staff, db: Db) -> Response:
    with db.read() as session:
        refund = refunds.find(session, number)
        if not is_receipted(refund):
            raise RefundNotBack(number=number, status=refund.status)
        content = print_refund(session, refund)
    return Response(content, media_type=PDF)


@router.post(
    "/staff/refunds/{number}/approval",
    summary="Approve a refund that waits",
    tags=["Staff"],
    response_model=Refund,
    responses=describe(*_ACT, RefundNotFound, RefundNotOpen, SamePerson, RefundLimit),
)
def approve(number: RefundNumber, staff: MoneyDesk, act: Act) -> Response:
    def work(session: Session) -> Refund:
        return to_refund(session, approve_refund(session, number, f"staff:{staff.subject}", roles_of(staff)))

    return act.once(work)


@router.post(
    "/staff/refunds/{number}/rejection",
    summary="Reject a refund that waits; the money stays the customer's balance",
    tags=["Staff"],
    response_model=Refund,
    responses=describe(*_ACT, RefundNotFound, RefundNotOpen),
)
def reject(number: RefundNumber, given: RejectRefund, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> Refund:
        return to_refund(session, reject_refund(session, number, given.reason, f"staff:{staff.subject}"))

    return act.once(work)


@router.post(
    "/staff/refunds/{number}/payout",
    summary="Tell that a person gave it back, in cash or by the bank",
    tags=["Staff"],
    response_model=Refund,
    responses=describe(*_ACT, RefundNotFound, RefundNotOpen, PeriodClosed),
)
def pay_out(number: RefundNumber, given: PaidOut, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> Refund:
        out_of, who = _ACCOUNTS[given.out_of], f"staff:{staff.subject}"
        return to_refund(session, pay_out_refund(session, number, out_of, given.reference, who))

    return act.once(work)


@router.get("/refunds", summary="My refunds, newest first")
def mine(customer: Customer, db: Db) -> MyRefunds:
    with db.read() as session:
        shown = [_to_mine(session, refund) for refund in refunds.of_customer(session, customer.subject, MINE)]
    return MyRefunds(refunds=shown)


@router.get(
    "/receipts/{token}",
    summary="The receipt of a refund that a link opens: a PDF",
    response_class=Response,
    responses=_RECEIPT | describe(ReceiptLinkOver),
)
def linked_receipt(token: Annotated[str, Path(max_length=100)], _page: Service, db: Db) -> Response:
    with db.read() as session:
        content = open_receipt(session, token)
    return Response(content, media_type=PDF)


def _to_mine(session: Session, refund: models.Refund) -> MyRefund:
    told = to_refund(session, refund).model_dump(include=set(MyRefund.model_fields))
    return MyRefund(**told, receipt_url=link_receipt(session, refund))


def to_refund(session: Session, refund: models.Refund) -> Refund:
    payment = payments.by_id(session, refund.payment_id)
    order = orders.by_id(session, refund.order_id).order if refund.order_id else None
    return Refund(
        number=refund.number,
        payment=payment.number,
        order_number=order.number if order else None,
        customer_id=refund.customer_id,
        method=payment.method,
        amount=Money.of(refund.amount_minor, refund.currency),
        status=cast(RefundState, refund.status),
        way=cast(Literal["provider", "manual", "dispute"], refund.way),
        reason=refund.reason,
        note=refund.note,
        requested_at=refund.requested_at,
        approved_at=refund.approved_at,
        ended_at=refund.ended_at,
        requested_by=refund.requested_by,
        approved_by=refund.approved_by,
        is_receipted=is_receipted(refund),
    )
