"""Reschedule incoming stock: it comes on another day, and those who wait for it are told when that is later."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from backend.inventory import service as inventory
from backend.inventory.models import IncomingStock
from backend.workflows.keep_promises import keep_promises, lock_those_who_wait


def reschedule_incoming(session: Session, incoming_id: str, expected_on: date, who: str) -> tuple[IncomingStock, str]:
    """What was announced, with the code of its location.

    Records: its day; what `keep_promises` does.
    Raises: IncomingNotFound, IncomingOver.
    """
    skus = inventory.sku_of_incoming(session, incoming_id)
    lock_those_who_wait(session, skus)
    row, location = inventory.coming(session, incoming_id)
    row.expected_on = expected_on
    session.flush()
    keep_promises(session, skus, who)
    return row, location
