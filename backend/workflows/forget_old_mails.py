"""Forget old mails: their words go, that they were sent stays; and requests to be one person that are long over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from backend.customers.models import LinkRequest
from backend.mail.models import Mail

FORGOTTEN = "[…]"
_OPEN = ("queued", "sending")


def forget_old_mails(session: Session, before: datetime) -> int:
    """Records: the words of mails from before an instant, but of those still to be sent; how many.

    What was asked for and proven of identities is kept by its entries, not by the requests.
    """
    session.execute(delete(LinkRequest).where(LinkRequest.created_at < before))
    old = (Mail.created_at < before, Mail.status.not_in(_OPEN), Mail.text != FORGOTTEN)
    words = {"recipient": FORGOTTEN, "subject": FORGOTTEN, "text": FORGOTTEN, "html": None}
    return int(session.connection().execute(update(Mail).where(*old).values(words)).rowcount)
