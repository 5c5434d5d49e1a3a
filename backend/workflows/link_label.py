"""Link to the label of a return: whoever has the link prints it, as long as something may come."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from backend.returns import service as returns
from backend.returns.errors import LabelLinkOver
from backend.returns.models import Return
from backend.workflows.print_return_label import is_printed, print_return_label
from kernel import clock, links

PURPOSE = "return_label"
PATH = "f/label"
LASTS = timedelta(days=60)


def link_label(session: Session, rma: Return) -> str | None:
    """A link to the label, good for LASTS; None where there is none to print, or nobody would open it."""
    made_by = links.carried(session)
    if made_by is None or not rma.needs_goods or not is_printed(rma):
        return None
    return made_by.make(PURPOSE, PATH, rma.id, clock.now() + LASTS)


def open_label(session: Session, token: str) -> bytes:
    """The label that a link opens, as a PDF.

    Raises: LabelLinkOver, ReturnStepIllegal once nothing is awaited any more.
    """
    reader = links.carried(session)
    link = reader.read(PURPOSE, token) if reader else None
    if link is None or link.is_over:
        raise LabelLinkOver()
    return print_return_label(session, returns.by_id(session, link.id).number)
