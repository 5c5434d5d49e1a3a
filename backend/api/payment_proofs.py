"""Payment proofs over HTTP: customers send them, finance decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, cast

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.orm import Session

from backend.api.access import AppSettings, Customer, Db, Finance, WrongRole
from backend.api.idempotency import Act
from backend.api.orders import Number
from backend.api.problems import InvalidRequest, describe
from backend.idempotency import IdempotencyConflict, IdempotencyKeyRequired
from backend.ledger.errors import PeriodClosed
from backend.orders import service as orders
from backend.orders.errors import OrderNotFound
from backend.orders.models import Order
from backend.payment_proofs import models
from backend.payment_proofs import service as proofs
from backend.payment_proofs.errors import PaymentProofDecided, PaymentProofExceedsDue, PaymentProofNotFound
from backend.payment_proofs.service import Told
from backend.payments import service as payments
from backend.payments import transfers
from backend.payments.errors import PaymentMismatch, PaymentNotFound
from backend.schemas.base import Money, Text
from backend.schemas.payment_proofs import (
    ApproveProof,
    NewPaymentProof,
    PaymentProof,
    PaymentProofPage,
    ProofAlike,
    ProofDetails,
    ProofPicture,
    ProofReason,
    ProofStatus,
    RejectProof,
    StaffPaymentProof,
)
from backend.workflows.decide_payment_proof import (
    Found,
    approve_as_payment,
    approve_payment_proof,
    reject_payment_proof,
)
from backend.workflows.look_at_dues import look_at_dues
from backend.workflows.send_payment_proof import add_to_payment_proof, send_payment_proof
from kernel import vouchers
from kernel.tokens import TokenRefused
from kernel.vouchers import VoucherRefused

router = APIRouter(tags=["Payments"], responses=describe(TokenRefused, WrongRole))
_ACT = (InvalidRequest, IdempotencyKeyRequired, IdempotencyConflict)
PAGE = 50
ProofNumber = Annotated[Text, Path(max_length=20, examples=["CPB-10001"])]


@router.post(
    "/orders/{number}/payment-proofs",
    summary="Show that an order was paid; the same picture again is the same proof while it waits",
    response_model=PaymentProof,
    status_code=201,
    responses=describe(*_ACT, OrderNotFound, VoucherRefused),
)
def send(number: Number, new: NewPaymentProof, customer: Customer, act: Act, settings: AppSettings) -> Response:
    """It pays nothing by itself: finance looks for the money, and the customer hears what came of it."""
    file = vouchers.read(new.voucher, settings.signing_key())
    told = _told(new)
    return act.once(
        lambda session: _to_proof(*send_payment_proof(session, customer.subject, number, file, told)), status=201
    )


@router.post(
    "/payment-proofs/{number}/details",
    summary="Say how much it was, when, and under which reference",
    response_model=PaymentProof,
    responses=describe(*_ACT, PaymentProofNotFound, PaymentProofDecided),
)
def add_details(number: ProofNumber, details: ProofDetails, customer: Customer, act: Act) -> Response:
    return act.once(lambda session: _to_proof(*add_to_payment_proof(session, customer.subject, number, _told(details))))


@router.get(
    "/staff/payment-proofs",
    summary="Payment proofs, the one that waits longest first",
    tags=["Staff"],
    responses=describe(InvalidRequest, PaymentProofNotFound),
)
def listed(
    _staff: Finance,
    db: Db,
    status: ProofStatus | None = None,
    cursor: Annotated[Text | None, Query(max_length=20, description="`next_cursor` of the page before.")] = None,
) -> PaymentProofPage:
    with db.read() as session:
        found = proofs.page(session, status, cursor, PAGE + 1)
        shown = _for_staff(session, found[:PAGE])
    return PaymentProofPage(proofs=shown, next_cursor=shown[-1].number if len(found) > PAGE else None)


@router.get(
    "/staff/payment-proofs/{number}",
    summary="One payment proof, with what may be the same money",
    tags=["Staff"],
    responses=describe(InvalidRequest, PaymentProofNotFound),
)
def one(number: ProofNumber, _staff: Finance, db: Db) -> StaffPaymentProof:
    with db.read() as session:
        return _for_staff(session, [proofs.find(session, number)])[0]


@router.post(
    "/staff/payment-proofs/{number}/approval",
    summary="The money came: record it, or say as which payment it is recorded",
    tags=["Staff"],
    response_model=StaffPaymentProof,
    responses=describe(
        *_ACT, PaymentProofNotFound, PaymentProofDecided, PaymentProofExceedsDue, PaymentMismatch, PaymentNotFound,
        PeriodClosed,
    ),
)  # fmt: skip
def approve(number: ProofNumber, given: ApproveProof, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> StaffPaymentProof:
        who = f"staff:{staff.subject}"
        if given.payment is not None:
            proof = approve_as_payment(session, number, given.payment, who)
        else:
            assert given.amount_minor is not None, "the request says one of both"
            assert given.currency is not None, "the request says one of both"
            found = Found(given.amount_minor, given.currency, given.reference, given.may_exceed)
            proof = approve_payment_proof(session, number, found, who)
        return _for_staff(session, [proof])[0]

    return act.once(work)


@router.post(
    "/staff/payment-proofs/{number}/rejection",
    summary="It shows no payment; the customer is told why",
    tags=["Staff"],
    response_model=StaffPaymentProof,
    responses=describe(*_ACT, PaymentProofNotFound, PaymentProofDecided),
)
def reject(number: ProofNumber, given: RejectProof, staff: Finance, act: Act) -> Response:
    def work(session: Session) -> StaffPaymentProof:
        proof = reject_payment_proof(session, number, given.reason, given.note, f"staff:{staff.subject}")
        return _for_staff(session, [proof])[0]

    return act.once(work)


def _told(details: ProofDetails) -> Told:
    return Told(details.amount_minor, details.reference, details.paid_on)


def _to_proof(proof: models.PaymentProof, order: Order) -> PaymentProof:
    return PaymentProof(
        number=proof.number,
        order_number=order.number,
        status=cast(ProofStatus, proof.status),
        reason=cast(ProofReason | None, proof.reason),
        amount=Money.of(proof.amount_minor, order.currency) if proof.amount_minor is not None else None,
        reference=proof.reference,
        paid_on=proof.paid_on,
        sent_at=proof.sent_at,
    )


def _for_staff(session: Session, found: Sequence[models.PaymentProof]) -> list[StaffPaymentProof]:
    alike = proofs.alike(session, found)
    recorded = transfers.of_references(session, [proof.reference for proof in found if proof.reference])
    shown = []
    for proof in found:
        order = orders.by_id(session, proof.order_id).order
        payment = payments.by_id(session, proof.payment_id) if proof.payment_id else None
        same = [_alike_proof(session, proof, other) for other in alike[proof.id]]
        same += [
            ProofAlike(
                kind="payment",
                number=other.number,
                order_number=orders.by_id(session, other.order_id).order.number if other.order_id else None,
                why="same_reference",
                status=other.status,
                is_other_customer=other.customer_id != proof.customer_id,
            )
            for other in recorded.get(proof.reference or "", [])
            if other.id != proof.payment_id
        ]
        shown.append(
            StaffPaymentProof(
                **_to_proof(proof, order).model_dump(),
                customer_id=proof.customer_id,
                picture=ProofPicture(
                    id=proof.attachment_id,
                    hash=proof.attachment_hash,
                    type=proof.attachment_type,
                    path=f"/bot/api/attachments/{proof.attachment_id}",
                ),
                due=Money.of(look_at_dues(session, [order])[order.id].due_minor, order.currency),
                alike=same,
                payment=payment.number if payment else None,
                note=proof.note,
                decided_by=proof.decided_by,
                decided_at=proof.decided_at,
            )
        )
    return shown


def _alike_proof(session: Session, proof: models.PaymentProof, other: models.PaymentProof) -> ProofAlike:
    is_same_picture = other.attachment_hash == proof.attachment_hash
    return ProofAlike(
        kind="proof",
        number=other.number,
        order_number=orders.by_id(session, other.order_id).order.number,
        why="same_picture" if is_same_picture else "same_reference",
        status=other.status,
        is_other_customer=other.customer_id != proof.customer_id,
    )
