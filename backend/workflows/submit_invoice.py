"""Submit an invoice: its files are made, and the e-invoicing provider is asked until there is an answer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.invoicing import service as invoicing
from backend.invoicing import submissions
from backend.invoicing.providers import Outcome, Submission, provider_of
from backend.workflows.make_invoice_files import fingerprint, make_invoice_files
from kernel.db import Database

# Between tries while the provider is away; two days, then a person decides.
WAITS_S = (10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 43_200.0, 86_400.0)
# How long a try may take before it counts as cut off, and is begun again: the key makes that harmless.
_LEASE_S = 300.0


def submit_invoice(database: Database, invoice_id: str, waits_s: tuple[float, ...] = WAITS_S) -> None:
    """Try once. The provider is called outside of any transaction, with the same key at every try.

    Records: InvoiceFile rows; what the provider said, or the next try, as durable work.
    """
    with database.read() as session:
        number = invoicing.by_id(session, invoice_id).number
    files = make_invoice_files(database, number)
    with database.write() as session:
        submission = submissions.find(session, invoice_id, lock=True)
        if submission is None or submission.status != "pending":
            return
        submission.attempts += 1
        full = invoicing.find(session, number)
        handed_in = Submission(
            key=f"invoice:{number}",
            kind=full.invoice.kind,
            number=number,
            fingerprint=fingerprint(session, full),
            xml=files["xml"].content,
        )
        code = submission.provider
        submissions.lease(submission, _LEASE_S)
    outcome = provider_of(code).submit(handed_in)
    with database.write() as session:
        _end(session, invoice_id, outcome, waits_s)


def _end(session: Session, invoice_id: str, outcome: Outcome, waits_s: tuple[float, ...]) -> None:
    submission = submissions.find(session, invoice_id, lock=True)
    if submission is None or submission.status != "pending":
        return
    if outcome.kind in ("accepted", "refused"):
        submissions.end(submission, outcome.kind, reference=outcome.reference, reason=outcome.reason)
    elif submission.attempts > len(waits_s):
        submissions.end(submission, "failed", reason=outcome.reason)
    else:
        submission.reason = outcome.reason
        submissions.postpone(session, submission, waits_s[submission.attempts - 1])
