"""Withdraw incoming stock: the supplier does not bring it, or not the rest of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.inventory import service as inventory
from backend.inventory.models import IncomingStock
from backend.workflows.keep_promises import keep_promises, lock_those_who_wait
from kernel import clock


def withdraw_incoming(session: Session, incoming_id: str, who: str) -> tuple[IncomingStock, str]:
    """What was announced, with the code of its location. Those who wait are promised what else is announced.

    Records: when it was withdrawn; what `keep_promises` does.
    Raises: IncomingNotFound, IncomingOver.
    """
    skus = inventory.sku_of_incoming(session, incoming_id)
    lock_those_who_wait(session, skus)
    row, location = inventory.coming(session, incoming_id)
    row.withdrawn_at = clock.now()
    session.flush()
    keep_promises(session, skus, who)
    return row, location
