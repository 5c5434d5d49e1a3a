"""What may be done with payment proofs: keep one, add what the customer says of it, end it, find others like it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from backend import counters
from backend.base import columns_of
from backend.payment_proofs.errors import PaymentProofDecided, PaymentProofNotFound
from backend.payment_proofs.models import PaymentProof
from backend.persons import is_of
from kernel import clock
from kernel.ids import new_id

NUMBER_PREFIX = "CPB-"


@dataclass(frozen=True, slots=True)
class Picture:
    attachment_id: str
    attachment_hash: str
    attachment_type: str


@dataclass(frozen=True, slots=True)
class Told:
    """What the customer says of their payment; None: nothing."""

    amount_minor: int | None = None
    reference: str | None = None
    paid_on: date | None = None


def keep(session: Session, order_id: str, customer_id: str, picture: Picture, told: Told) -> tuple[PaymentProof, bool]:
    """The proof of a (locked) order, and whether it is new: the same picture waits once.

    Records: PaymentProof.
    """
    waiting = session.scalar(
        select(PaymentProof).where(
            PaymentProof.order_id == order_id,
            PaymentProof.attachment_hash == picture.attachment_hash,
            PaymentProof.status == "open",
        )
    )
    if waiting is not None:
        add(waiting, told)
        return waiting, False
    proof = PaymentProof(
        id=new_id(),
        number=f"{NUMBER_PREFIX}{counters.next_value(session, 'payment_proof')}",
        order_id=order_id,
        customer_id=customer_id,
        status="open",
        reason=None,
        note=None,
        payment_id=None,
        decided_by=None,
        sent_at=clock.now(),
        decided_at=None,
        **columns_of(picture),
        **columns_of(told),
    )
    proof.reference = _plain_reference(told.reference)
    session.add(proof)
    session.flush()
    return proof, True


def add(proof: PaymentProof, told: Told) -> None:
    """What the customer says of a (locked) proof besides; what they said before stays, unless they say it anew.

    Raises: PaymentProofDecided.
    """
    _check_open(proof)
    proof.amount_minor = told.amount_minor or proof.amount_minor
    proof.reference = _plain_reference(told.reference) or proof.reference
    proof.paid_on = told.paid_on or proof.paid_on


def approve(proof: PaymentProof, payment_id: str, who: str) -> None:
    """The (locked) proof shows this payment. Raises: PaymentProofDecided."""
    _end(proof, "approved", who)
    proof.payment_id = payment_id


def reject(proof: PaymentProof, reason: str, note: str | None, who: str) -> None:
    """The (locked) proof shows no payment. Raises: PaymentProofDecided."""
    _end(proof, "rejected", who)
    proof.reason, proof.note = reason, note


def _end(proof: PaymentProof, status: str, who: str) -> None:
    _check_open(proof)
    proof.status, proof.decided_by, proof.decided_at = status, who, clock.now()


def _check_open(proof: PaymentProof) -> None:
    if proof.status != "open":
        raise PaymentProofDecided(status=proof.status)


def _plain_reference(reference: str | None) -> str | None:
    """As people compare it: capitals, no blanks."""
    return re.sub(r"\s+", "", reference).upper() or None if reference else None


def find(session: Session, number: str, *, customer_id: str | None = None) -> PaymentProof:
    """The proof of this number; of this customer, if given.

    Raises: PaymentProofNotFound, for someone else's too.
    """
    query = select(PaymentProof).where(PaymentProof.number == number.strip().upper())
    if customer_id is not None:
        query = query.where(is_of(PaymentProof.customer_id, customer_id))
    found = session.scalar(query)
    if found is None:
        raise PaymentProofNotFound()
    return found


def lock(session: Session, proof: PaymentProof) -> PaymentProof:
    """The proof as it is now, locked. Its order is locked before it, always."""
    return session.get_one(PaymentProof, proof.id, with_for_update=True, populate_existing=True)


def page(session: Session, status: str | None, cursor: str | None, limit: int) -> list[PaymentProof]:
    """Proofs, the oldest first: the one that waits longest is next. `cursor`: the number of the last one seen."""
    query = select(PaymentProof).order_by(PaymentProof.id).limit(limit)
    if status is not None:
        query = query.where(PaymentProof.status == status)
    if cursor is not None:
        query = query.where(PaymentProof.id > find(session, cursor).id)
    return list(session.scalars(query))


def alike(session: Session, proofs: Sequence[PaymentProof]) -> dict[str, list[PaymentProof]]:
    """Per proof the others, of any customer, with the same picture or the same reference; the oldest first."""
    hashes = {proof.attachment_hash for proof in proofs}
    references = {proof.reference for proof in proofs if proof.reference}
    query = select(PaymentProof).where(
        or_(PaymentProof.attachment_hash.in_(hashes), PaymentProof.reference.in_(references))
    )
    others = list(session.scalars(query.order_by(PaymentProof.id)))
    return {proof.id: [other for other in others if _is_alike(proof, other)] for proof in proofs}


def _is_alike(proof: PaymentProof, other: PaymentProof) -> bool:
    if proof.id == other.id:
        return False
    is_same_reference = proof.reference is not None and other.reference == proof.reference
    return is_same_reference or other.attachment_hash == proof.attachment_hash


def has_open(session: Session, order_id: str) -> bool:
    waiting = exists().where(PaymentProof.order_id == order_id, PaymentProof.status == "open")
    return bool(session.scalar(select(waiting)))
