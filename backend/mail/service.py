"""What may be done with e-mail: queue it once, look at it, send it again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.base import insert_if_absent
from backend.mail.errors import MailNotFailed, MailNotFound
from backend.mail.models import Mail
from kernel import clock, durable
from kernel.ids import new_id

QUEUE = "oms_mail"
WORKFLOW = "send_mail"
MAX_SUBJECT = 200


def queue(
    session: Session,
    key: str,
    recipient: str,
    subject: str,
    text: str,
    html: str | None = None,
    document: str | None = None,
) -> bool:
    """Have an e-mail sent if the caller's transaction commits; whether it is a new one: the same `key` is sent once.

    Records: at most one Mail, with the work of sending it.
    """
    now, mail_id = clock.now(), new_id()
    row = {
        "id": mail_id,
        "key": key,
        "recipient": recipient,
        "subject": " ".join(subject.split())[:MAX_SUBJECT],
        "text": text,
        "html": html,
        "document": document,
        # What is long past is kept to be read, and never sent.
        "status": "kept" if durable.starts_nothing() else "queued",
        "attempts": 0,
        "error": None,
        "created_at": now,
        "due_at": now,
        "sent_at": None,
    }
    if not insert_if_absent(session, Mail, row):
        return False
    enqueue(session, mail_id, recipient, "0")
    return True


def enqueue(session: Session, mail_id: str, recipient: str, name: str, delay_s: float = 0) -> None:
    """Start one try; `name` tells it from the mail's other tries."""
    durable.enqueue(
        session,
        WORKFLOW,
        mail_id,
        queue=QUEUE,
        # One at a time to each; who they are is no business of the queue.
        partition=hashlib.sha256(recipient.lower().encode()).hexdigest(),
        workflow_id=f"mail:{mail_id}:{name}",
        delay_s=delay_s,
    )


def lock(session: Session, mail_id: str) -> Mail:
    """Raises: MailNotFound."""
    mail = session.get(Mail, mail_id, with_for_update=True, populate_existing=True)
    if mail is None:
        raise MailNotFound()
    return mail


def postpone(mail: Mail, delay_s: float) -> None:
    mail.due_at = clock.now() + timedelta(seconds=delay_s)


def send_again(session: Session, mail_id: str) -> Mail:
    """A person decides that a mail which failed, or may not have arrived, or was kept, goes out once more.

    Raises: MailNotFound, MailNotFailed.
    """
    mail = lock(session, mail_id)
    if mail.status not in ("failed", "uncertain", "kept"):
        raise MailNotFailed(status=mail.status)
    mail.status, mail.attempts, mail.error, mail.due_at = "queued", 0, None, clock.now()
    session.flush()
    enqueue(session, mail.id, mail.recipient, f"again:{clock.now().timestamp()}")
    return mail


def page(session: Session, status: str | None, before: str | None, limit: int) -> list[Mail]:
    """E-mails, the newest first, from after the id `before`."""
    query = select(Mail).order_by(Mail.id.desc()).limit(limit)
    if status is not None:
        query = query.where(Mail.status == status)
    if before is not None:
        query = query.where(Mail.id < before)
    return list(session.scalars(query))


def find(session: Session, mail_id: str) -> Mail:
    """Raises: MailNotFound."""
    mail = session.get(Mail, mail_id)
    if mail is None:
        raise MailNotFound()
    return mail


def overdue(session: Session, before: datetime, limit: int) -> list[Mail]:
    """Mails that should have been tried before an instant, or of which a try was cut off."""
    query = select(Mail).where(Mail.status.in_(("queued", "sending")), Mail.due_at < before)
    return list(session.scalars(query.order_by(Mail.id).limit(limit)))
