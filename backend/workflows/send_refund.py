"""Send a refund to the payment's provider, with the same key in every try; what became of it the provider tells."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from backend.payments import refunds
from backend.payments import service as payments
from backend.payments.errors import ProviderNotFound
from backend.payments.providers import Outcome, Providers
from backend.workflows.check_payment import check_payment
from backend.workflows.decide_refund import lock_refund
from backend.workflows.request_refund import enqueue_refund
from backend.workflows.settle_refund import drop
from kernel import clock
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)


def send_refund(database: Database, providers: Providers, refund_id: str) -> None:
    """The (approved) refund, at the provider.

    When nobody knows whether the provider made it, it is `unknown`, and the provider is asked before it is tried again:
    keys are not remembered for ever there.

    Records: its state; what `check_payment` records.
    """
    with database.read() as session:
        refund = refunds.by_id(session, refund_id)
        payment = payments.by_id(session, refund.payment_id)
    if refund.status == "unknown":
        check_payment(database, providers, payment.id)
        with database.read() as session:
            refund = refunds.by_id(session, refund_id)
    if refund.status in ("approved", "unknown") and refund.way == "provider" and payment.provider_ref is not None:
        try:
            made = providers.named(payment.provider).refund(
                payment.provider_ref, refund.key, refund.number, refund.amount_minor
            )
        except ProviderNotFound:
            log.error("refund_without_provider", refund=refund.number, provider=payment.provider)
            return
        except Outcome as outcome:
            log.warning("refund_not_made", refund=refund.number, reason=outcome.reason, is_known=outcome.is_known)
            _note(database, refund_id, outcome)
            return
        with database.write() as session:
            _, locked = lock_refund(session, refund)
            if locked.status in ("approved", "unknown"):
                locked.status, locked.refund_ref = "sent", made
    check_payment(database, providers, payment.id)


def _note(database: Database, refund_id: str, outcome: Outcome) -> None:
    with database.write() as session:
        payment, locked = lock_refund(session, refunds.by_id(session, refund_id))
        if locked.status not in ("approved", "unknown"):
            return
        if outcome.is_known:
            locked.note = outcome.reason[:300]
            drop(session, payment, locked, "failed", f"provider:{payment.provider}")
        else:
            locked.status = "unknown"
            payment.checked_at = clock.now()


def enqueue_unsettled_refunds(session: Session, before: datetime, limit: int) -> int:
    """Ask again about refunds without an end, of payments last looked at before an instant. Records: durable work."""
    late = refunds.unsettled(session, before, limit)
    for refund in late:
        enqueue_refund(session, refund, f"again:{int(clock.now().timestamp())}")
    return len(late)
