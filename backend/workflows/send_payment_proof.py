"""Send a payment proof: a customer shows that they paid an order, and finance will look."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.orders import service as orders
from backend.orders.models import Order
from backend.payment_proofs import service as proofs
from backend.payment_proofs.models import PaymentProof
from backend.payment_proofs.service import Picture, Told
from kernel.vouchers import Vouched, VoucherRefused


def send_payment_proof(
    session: Session, customer_id: str, number: str, file: Vouched, told: Told
) -> tuple[PaymentProof, Order]:
    """The proof of the customer's order; the same picture again, while it waits, is that one.

    It says nothing of money: nothing is paid until finance has found it.

    Records: PaymentProof, an OrderEntry, the event `payment_proof.sent`.
    Raises: OrderNotFound, VoucherRefused for a file of someone else.
    """
    if file.customer_id != customer_id:
        raise VoucherRefused
    order = orders.find(session, customer_id, number, lock=True).order
    picture = Picture(file.attachment_id, file.hash, file.type)
    proof, is_new = proofs.keep(session, order.id, order.customer_id, picture, told)
    if is_new:
        orders.enter(session, order.id, "proof_sent", f"customer:{customer_id}", proof.sent_at, proof.number)
        events.record(session, "payment_proof.sent", order.number, fact_of(proof, order))
    return proof, order


def add_to_payment_proof(session: Session, customer_id: str, number: str, told: Told) -> tuple[PaymentProof, Order]:
    """What the customer says of a proof after they sent it.

    Raises: PaymentProofNotFound, PaymentProofDecided.
    """
    proof = proofs.lock(session, proofs.find(session, number, customer_id=customer_id))
    proofs.add(proof, told)
    return proof, orders.by_id(session, proof.order_id).order


def fact_of(proof: PaymentProof, order: Order) -> dict[str, object]:
    """What every event of a proof says."""
    return {"number": order.number, "customer_id": order.customer_id, "proof": proof.number}
