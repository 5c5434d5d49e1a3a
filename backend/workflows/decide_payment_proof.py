"""Decide a payment proof: finance found the money, or says why not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from backend import events
from backend.orders import approval
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.payment_proofs import service as proofs
from backend.payment_proofs.errors import PaymentProofDecided, PaymentProofExceedsDue
from backend.payment_proofs.models import PaymentProof
from backend.payments import service as payments
from backend.payments import transfers
from backend.payments.errors import PaymentMismatch, PaymentNotFound
from backend.payments.models import Payment
from backend.workflows.look_at_dues import due_minor
from backend.workflows.record_payment import record_payment
from backend.workflows.send_payment_proof import fact_of
from kernel import clock

BY_BANK = "bank_transfer"
# Who hears that their proof shows nothing has so long to send a better one, before the order is given up.
TIME_AFTER_REJECTION = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Found:
    """What finance found in the bank. `may_exceed`: that it is more than is due is so."""

    amount_minor: int
    currency: str
    reference: str | None = None
    may_exceed: bool = False


def approve_payment_proof(session: Session, number: str, found: Found, who: str) -> PaymentProof:
    """The money came: it is recorded as a payment of the order, once.

    Records: what `record_payment` does, an OrderEntry, the event `payment_proof.approved`.
    Raises: PaymentProofNotFound, PaymentProofDecided, PaymentMismatch, PaymentProofExceedsDue, PeriodClosed.
    """
    proof, full = _locked(session, number)
    order = full.order
    if found.currency != order.currency:
        raise PaymentMismatch(currency=found.currency, expected=order.currency)
    due = due_minor(session, order)
    if found.amount_minor > due and not found.may_exceed:
        raise PaymentProofExceedsDue(due_minor=due)
    payment = record_payment(
        session,
        full,
        key=f"proof:{proof.number}",
        method=order.payment_method if order.payment_method in transfers.BANK_METHODS else BY_BANK,
        amount_minor=found.amount_minor,
        reference=found.reference or proof.reference,
        who=who,
    )
    return _approved(session, proof, full, payment, who)


def approve_as_payment(session: Session, number: str, payment_number: str, who: str) -> PaymentProof:
    """The money is that of a payment recorded before, by the bank's statement for instance: nothing is booked.

    Records: an OrderEntry, the event `payment_proof.approved`.
    Raises: PaymentProofNotFound, PaymentProofDecided, PaymentNotFound for one of another order.
    """
    proof, full = _locked(session, number)
    payment = payments.find(session, payment_number, customer_id=full.order.customer_id)
    if payment.order_id != full.order.id or payment.captured_minor == 0:
        raise PaymentNotFound()
    return _approved(session, proof, full, payment, who)


def reject_payment_proof(session: Session, number: str, reason: str, note: str | None, who: str) -> PaymentProof:
    """It shows no payment, and the customer hears why. An order that waits to be paid waits a while longer.

    Records: an OrderEntry, the event `payment_proof.rejected`.
    Raises: PaymentProofNotFound, PaymentProofDecided.
    """
    proof, full = _locked(session, number)
    proofs.reject(proof, reason, note, who)
    approval.give_time(session, full.order.id, clock.now() + TIME_AFTER_REJECTION)
    orders.enter(session, full.order.id, "proof_rejected", who, clock.now(), proof.number)
    told = fact_of(proof, full.order) | {"reason": reason, "note": note}
    events.record(session, "payment_proof.rejected", full.order.number, told)
    return proof


def _locked(session: Session, number: str) -> tuple[PaymentProof, FullOrder]:
    """The open proof and its order, both locked, the order first."""
    proof = proofs.find(session, number)
    full = orders.by_id(session, proof.order_id, lock=True)
    proof = proofs.lock(session, proof)
    if proof.status != "open":
        raise PaymentProofDecided(status=proof.status)
    return proof, full


def _approved(session: Session, proof: PaymentProof, full: FullOrder, payment: Payment, who: str) -> PaymentProof:
    proofs.approve(proof, payment.id, who)
    orders.enter(session, full.order.id, "proof_approved", who, clock.now(), proof.number)
    told = fact_of(proof, full.order) | {"payment": payment.number}
    events.record(session, "payment_proof.approved", full.order.number, told)
    return proof
