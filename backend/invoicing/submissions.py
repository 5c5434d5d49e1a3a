"""What is submitted to the e-invoicing provider: begun with the document, tried until there is an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.invoicing.errors import SubmissionNotFailed
from backend.invoicing.models import InvoiceSubmission
from kernel import clock, durable

QUEUE = "oms_submissions"
WORKFLOW = "submit_invoice"


def begin(session: Session, invoice_id: str, provider: str) -> None:
    """Records: a pending InvoiceSubmission, with the work of trying it. What is long past is submitted to nobody."""
    if durable.starts_nothing():
        return
    session.add(
        InvoiceSubmission(
            invoice_id=invoice_id,
            provider=provider,
            status="pending",
            attempts=0,
            reference=None,
            reason=None,
            due_at=clock.now(),
            ended_at=None,
        )
    )
    session.flush()
    enqueue(session, invoice_id, "0")


def enqueue(session: Session, invoice_id: str, name: str, delay_s: float = 0) -> None:
    """Start one try; `name` tells it from the document's other tries."""
    durable.enqueue(
        session,
        WORKFLOW,
        invoice_id,
        queue=QUEUE,
        partition=invoice_id,
        workflow_id=f"submission:{invoice_id}:{name}",
        delay_s=delay_s,
    )


def find(session: Session, invoice_id: str, *, lock: bool = False) -> InvoiceSubmission | None:
    """None for a document that was never to be submitted."""
    return session.get(InvoiceSubmission, invoice_id, with_for_update=lock or None, populate_existing=lock)


def lease(submission: InvoiceSubmission, lasts_s: float) -> None:
    """Somebody tries a (locked) submission now; what is not ended by then was cut off."""
    submission.due_at = clock.now() + timedelta(seconds=lasts_s)


def postpone(session: Session, submission: InvoiceSubmission, delay_s: float) -> None:
    """Try a (locked) submission again in a while. Records: when, and the work."""
    submission.due_at = clock.now() + timedelta(seconds=delay_s)
    session.flush()
    enqueue(session, submission.invoice_id, f"{submission.attempts}:{submission.due_at.timestamp()}", delay_s)


def end(submission: InvoiceSubmission, status: str, *, reference: str | None = None, reason: str | None = None) -> None:
    submission.status, submission.reference, submission.reason = status, reference, reason
    submission.ended_at = clock.now()


def submit_again(session: Session, invoice_id: str) -> None:
    """A person wants what was refused or given up tried once more. Records: it is pending, with the work.

    Raises: SubmissionNotFailed.
    """
    submission = find(session, invoice_id, lock=True)
    if submission is None or submission.status not in ("refused", "failed"):
        raise SubmissionNotFailed(status=submission.status if submission else "none")
    submission.status, submission.attempts, submission.reason, submission.ended_at = "pending", 0, None, None
    submission.due_at = clock.now()
    session.flush()
    enqueue(session, invoice_id, f"again:{submission.due_at.timestamp()}")


def overdue(session: Session, before: datetime, limit: int) -> list[InvoiceSubmission]:
    """What should have been tried before an instant."""
    query = select(InvoiceSubmission).where(InvoiceSubmission.status == "pending", InvoiceSubmission.due_at < before)
    return list(session.scalars(query.order_by(InvoiceSubmission.due_at).limit(limit)))
