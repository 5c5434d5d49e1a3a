"""What may be done with data requests: ask, take up, say how far it is, end it once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.counters import next_value
from backend.data_requests.errors import DataRequestNotFound
from backend.data_requests.models import ENDED, WITHDRAWN, DataRequest
from kernel import clock, durable
from kernel.ids import new_id

SERIES, PREFIX = "data_request", "DAT"
QUEUE = "oms_data_request"
WORKFLOW = "serve_data_request"


def ask(session: Session, kind: str, customer_id: str, who: str, reason: str | None = None) -> DataRequest:
    """Records: one DataRequest, with the work of it."""
    now = clock.now()
    row = DataRequest(
        id=new_id(),
        number=f"{PREFIX}-{next_value(session, SERIES)}",
        kind=kind,
        customer_id=customer_id,
        reason=reason,
        status="queued",
        tries=0,
        requested_by=who,
        requested_at=now,
        due_at=now,
        ended_at=None,
        found={},
    )
    session.add(row)
    session.flush()
    enqueue(session, row.id, "0", is_awaited=True)
    return row


def enqueue(session: Session, request_id: str, name: str, *, is_awaited: bool = False) -> None:
    """Start it; `name` tells this start from others. One at a time: each reads all that the shop keeps."""
    durable.enqueue(
        session,
        WORKFLOW,
        request_id,
        queue=QUEUE,
        partition="all",
        workflow_id=f"data_request:{request_id}:{name}",
        is_awaited=is_awaited,
    )


def find(session: Session, number: str) -> DataRequest:
    """Raises: DataRequestNotFound."""
    row = session.scalar(select(DataRequest).where(DataRequest.number == number.upper()))
    if row is None:
        raise DataRequestNotFound(number=number)
    return row


def page(session: Session, customer_ids: Sequence[str] | None, before: str | None, limit: int) -> Sequence[DataRequest]:
    """The newest first, of all or of these customers."""
    query = select(DataRequest).order_by(DataRequest.id.desc()).limit(limit)
    if customer_ids is not None:
        query = query.where(DataRequest.customer_id.in_(customer_ids))
    if before is not None:
        query = query.where(DataRequest.id < find(session, before).id)
    return session.scalars(query).all()


def last_erasure(session: Session, customer_ids: Sequence[str]) -> DataRequest | None:
    query = select(DataRequest).where(DataRequest.kind == "erasure", DataRequest.customer_id.in_(customer_ids))
    return session.scalars(query.order_by(DataRequest.id.desc()).limit(1)).first()


def take_up(session: Session, request_id: str) -> DataRequest | None:
    """The (locked) request, to be worked on now; None once it has ended."""
    row = lock(session, request_id)
    if row.status in ENDED:
        return None
    if row.status == "queued":
        row.status = "working"
    row.tries, row.due_at = row.tries + 1, clock.now()
    session.flush()
    return row


def lock(session: Session, request_id: str) -> DataRequest:
    return session.get_one(DataRequest, request_id, with_for_update=True, populate_existing=True)


def begin_clearing(session: Session, row: DataRequest, customer_ids: Sequence[str], found: Mapping[str, Any]) -> None:
    """The rows of an erasure go with this very transaction, and the copies that were made of them."""
    row.status, row.found = "clearing", dict(found)
    made = select(DataRequest).where(DataRequest.kind == "export", DataRequest.customer_id.in_(customer_ids))
    for copy in session.scalars(made):
        copy.found = copy.found | {WITHDRAWN: True}
    session.flush()


def end(session: Session, row: DataRequest, status: str, found: Mapping[str, Any]) -> None:
    assert status in ENDED
    row.status, row.found, row.ended_at = status, dict(found), clock.now()
    session.flush()


def overdue(session: Session, before: datetime, limit: int) -> Sequence[DataRequest]:
    """Those that should have ended, or been tried again, before an instant."""
    query = select(DataRequest).where(DataRequest.status.not_in(ENDED), DataRequest.due_at < before)
    return session.scalars(query.order_by(DataRequest.id).limit(limit)).all()
