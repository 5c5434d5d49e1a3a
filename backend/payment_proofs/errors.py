"""What may be refused of a payment proof."""

from __future__ import annotations

from kernel.errors import Conflict, NotFound


class PaymentProofNotFound(NotFound):
    code, title = "payment_proof_not_found", "No such payment proof"


class PaymentProofDecided(Conflict):
    """`params`: the `status` it has already."""

    code, title = "payment_proof_decided", "The payment proof was approved or rejected already"


class PaymentProofExceedsDue(Conflict):
    """Perhaps the bank's statement, or another proof, recorded this money already. `params`: `due_minor`."""

    code, title = "payment_proof_exceeds_due", "That is more than is due of the order"
