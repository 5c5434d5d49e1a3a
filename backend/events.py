"""The outbox of facts: an event is a row written in the transaction of its cause (R2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.base import Base, Id, columns_of, table_of
from backend.webhooks import service as webhooks
from kernel import clock, durable
from kernel.ids import new_id
from kernel.prepared import Prepared

QUEUE = "oms_events"
WORKFLOW = "announce_event"
# The facts of which the customer gets a letter, whoever else wants to hear of them (backend/mail/letters.yml).
MAILED = frozenset(
    {
        "order.confirmed", "order.held", "order.cancelled", "order.delayed", "pickup.ready", "shipment.shipped",
        "shipment.delayed", "shipment.delivered", "fulfillment.short", "invoice.issued", "credit_note.issued",
        "debit_note.issued", "invoice.sent", "invoice.reminded", "return.requested", "return.accepted",
        "return.rejected",
        "return.in_transit", "return.received", "return.inspected", "return.resolved", "return.cancelled",
        "return.bounced",
    }
)  # fmt: skip


class Event(Base):
    """A fact in the past tense (`order.placed`) about `subject`, an order number for instance. Append-only."""

    __tablename__ = "oms_event"
    __table_args__ = (Index(None, "kind", "subject"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    happened_at: Mapped[datetime]


_insert = Prepared(insert(table_of(Event)))


@dataclass(frozen=True, slots=True)
class Fact:
    """What an event will say; see Event."""

    kind: str
    subject: str
    payload: dict[str, Any]


def record(session: Session, kind: str, subject: str, payload: dict[str, Any]) -> None:
    """Write the fact beside its cause; it leaves after the commit, or never happened."""
    record_all(session, [Fact(kind, subject, payload)])


def record_all(session: Session, facts: Sequence[Fact]) -> None:
    """Write facts that have one cause, in their order.

    Where nobody wants to hear of a kind no work is started: placing an order is a hot path.
    """
    now = clock.now()
    written = [(new_id(), fact) for fact in facts]
    rows = [{"id": event_id, "happened_at": now} | columns_of(fact) for event_id, fact in written]
    _insert.write(session, rows)
    told = MAILED | webhooks.awaited(session, {fact.kind for fact in facts} - MAILED)
    for event_id, fact in written:
        if fact.kind in told:
            announce(session, event_id, fact.subject)


def announce(session: Session, event_id: str, subject: str) -> None:
    """Start the telling of an event: one subject's events in their order."""
    durable.enqueue(session, WORKFLOW, event_id, queue=QUEUE, partition=subject, workflow_id=f"event:{event_id}")
