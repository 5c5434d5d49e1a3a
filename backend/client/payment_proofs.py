"""Payment proofs: what a customer sends, and what finance does with it."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.payment_proofs import (
    ApproveProof,
    NewPaymentProof,
    PaymentProof,
    PaymentProofPage,
    ProofDetails,
    RejectProof,
    StaffPaymentProof,
)


class PaymentProofCalls(Wire):
    async def send_payment_proof(self, order_number: str, proof: NewPaymentProof, *, key: str) -> PaymentProof:
        return await self._send(PaymentProof, "POST", f"orders/{segment(order_number)}/payment-proofs", proof, key=key)

    async def add_to_payment_proof(self, number: str, details: ProofDetails, *, key: str) -> PaymentProof:
        return await self._send(PaymentProof, "POST", f"payment-proofs/{segment(number)}/details", details, key=key)

    async def payment_proofs(self, status: str | None = None, cursor: str | None = None) -> PaymentProofPage:
        return await self._get(PaymentProofPage, "staff/payment-proofs", status=status, cursor=cursor)

    async def payment_proof(self, number: str) -> StaffPaymentProof:
        return await self._get(StaffPaymentProof, f"staff/payment-proofs/{segment(number)}")

    async def approve_payment_proof(self, number: str, found: ApproveProof, *, key: str) -> StaffPaymentProof:
        path = f"staff/payment-proofs/{segment(number)}/approval"
        return await self._send(StaffPaymentProof, "POST", path, found, key=key)

    async def reject_payment_proof(self, number: str, why: RejectProof, *, key: str) -> StaffPaymentProof:
        path = f"staff/payment-proofs/{segment(number)}/rejection"
        return await self._send(StaffPaymentProof, "POST", path, why, key=key)
