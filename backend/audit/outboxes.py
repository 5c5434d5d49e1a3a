"""What always holds of what goes out: deliveries, mails and documents that are submitted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Executable, select

from backend.data_requests.models import ENDED, DataRequest
from backend.invoicing.models import InvoiceSubmission
from backend.mail.models import Mail
from backend.webhooks.models import WebhookDelivery
from kernel import clock

# What is tried again is due again each time; this long after it was due nobody seems to try any more.
LATE = timedelta(hours=1)


def _delivery_is_late() -> Executable:
    return select(WebhookDelivery.id.label("subject"), WebhookDelivery.status, WebhookDelivery.due_at).where(
        WebhookDelivery.status == "pending", WebhookDelivery.due_at < clock.now() - LATE
    )


def _mail_is_late() -> Executable:
    return select(Mail.id.label("subject"), Mail.status, Mail.due_at).where(
        Mail.status.in_(("queued", "sending")), Mail.due_at < clock.now() - LATE
    )


def _submission_is_late() -> Executable:
    return select(InvoiceSubmission.invoice_id.label("subject"), InvoiceSubmission.due_at).where(
        InvoiceSubmission.status == "pending", InvoiceSubmission.due_at < clock.now() - LATE
    )


def _request_is_late() -> Executable:
    return select(DataRequest.number.label("subject"), DataRequest.status, DataRequest.due_at).where(
        DataRequest.status.not_in(ENDED), DataRequest.due_at < clock.now() - LATE
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "what goes out ends": _delivery_is_late,
    "a mail that goes out ends": _mail_is_late,
    "what is asked for of a person's data ends": _request_is_late,
    "a document that is submitted has an answer": _submission_is_late,
}
