"""Send an e-mail: one try, and what follows from how it went."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.invoicing import proofs
from backend.invoicing import service as invoicing
from backend.invoicing.models import MEDIA_TYPES
from backend.mail import service as mails
from backend.mail.post import Attachment, Letter, Outcome, PostOffice
from backend.workflows.make_invoice_files import make_invoice_files
from kernel import clock
from kernel.db import Database

# Between tries while the server says "not now" or is away; about a day, then it has failed.
WAITS_S = (10.0, 60.0, 300.0, 1_800.0, 7_200.0, 21_600.0, 43_200.0)
# How long a try may take, a slow server included, before it counts as cut off.
_LEASE_S = 300.0


def send_mail(
    database: Database, office: PostOffice | None, mail_id: str, waits_s: tuple[float, ...] = WAITS_S
) -> None:
    """Try once. With no server configured the mail is kept.

    At most once by itself: of a try that was cut off in the middle nobody knows whether the server has the mail; it
    ends `uncertain`, and a person decides. What the server certainly does not have is tried again.

    Records: how it went; the next try, as durable work; that a document was sent, when the mail is accepted.
    """
    # Made before the try begins: what fails here was never with the server.
    attachments = _attachments(database, mail_id) if office is not None else ()
    with database.write() as session:
        letter = _begin(session, office, mail_id, attachments)
    if letter is None or office is None:
        return
    outcome = office.post(letter)
    with database.write() as session:
        _end(session, mail_id, outcome, waits_s)


def _attachments(database: Database, mail_id: str) -> tuple[Attachment, ...]:
    """The files of the document that goes with a mail."""
    with database.read() as session:
        number = mails.find(session, mail_id).document
    if number is None:
        return ()
    files = make_invoice_files(database, number)
    return tuple(Attachment(f"{number}.{form}", MEDIA_TYPES[form], file.content) for form, file in files.items())


def _begin(
    session: Session, office: PostOffice | None, mail_id: str, attachments: tuple[Attachment, ...]
) -> Letter | None:
    mail = mails.lock(session, mail_id)
    if mail.status == "sending":
        mail.status, mail.error = "uncertain", "the try was cut off"
        return None
    if mail.status != "queued":
        return None
    if office is None:
        mail.status = "kept"
        return None
    mail.status = "sending"
    mail.attempts += 1
    mails.postpone(mail, _LEASE_S)
    return Letter(mail.id, mail.recipient, mail.subject, mail.text, mail.html, attachments)


def _end(session: Session, mail_id: str, outcome: Outcome, waits_s: tuple[float, ...]) -> None:
    mail = mails.lock(session, mail_id)
    if mail.status != "sending":
        return
    mail.error = outcome.reason
    if outcome.kind == "sent":
        mail.status, mail.sent_at = "sent", clock.now()
        if mail.document is not None:
            document = invoicing.find(session, mail.document).invoice
            proofs.note(session, document.id, "sent", f"mail:{mail.recipient}"[:80])
    elif outcome.kind == "uncertain":
        mail.status = "uncertain"
    elif outcome.kind == "refused" or mail.attempts > len(waits_s):
        mail.status = "failed"
    else:
        wait_s = waits_s[mail.attempts - 1]
        mail.status = "queued"
        mails.postpone(mail, wait_s)
        session.flush()
        mails.enqueue(session, mail.id, mail.recipient, f"{mail.attempts}:{mail.due_at.timestamp()}", wait_s)
