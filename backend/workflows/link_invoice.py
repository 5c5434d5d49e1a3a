"""Link to a document: whoever has the link sees it, fetches its files and answers, until it ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from kernel import clock, links

PURPOSE = "document"
PATH = "f"
LASTS = timedelta(days=60)


def link_invoice(session: Session, invoice_id: str) -> str | None:
    """A link to the document, good for LASTS; None where nobody would open it."""
    made_by = links.carried(session)
    return made_by.make(PURPOSE, PATH, invoice_id, clock.now() + LASTS) if made_by else None
