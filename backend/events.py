"""The outbox of facts: an event is a row written in the transaction of its cause (R2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.base import Base, Id, table_of
from kernel import clock
from kernel.ids import new_id


class Event(Base):
    """A fact in the past tense (`order.placed`) about `subject`, an order number for instance. Append-only."""

    __tablename__ = "oms_event"
    __table_args__ = (Index(None, "kind", "subject"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    happened_at: Mapped[datetime]


_insert = insert(table_of(Event))


def record(session: Session, kind: str, subject: str, payload: dict[str, Any]) -> None:
    """Write the fact beside its cause; it leaves after the commit, or never happened."""
    row = {"id": new_id(), "kind": kind, "subject": subject, "payload": payload, "happened_at": clock.now()}
    session.connection().execute(_insert, row)
