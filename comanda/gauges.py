"""How things stand, for Prometheus: what waits, for how long, and whether the books are in order."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from opentelemetry.metrics import CallbackOptions, Observation
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.audit import audit
from backend.workflows.find_stuck_orders import find_stuck_orders
from bot.conversations.models import Message, Turn
from bot.handoff import service as handoffs
from bot.outbox.models import Outgoing
from kernel import clock, telemetry
from kernel.db import Database
from kernel.logging import get_logger

# One look serves all gauges that are asked for together.
LOOK_EVERY_S = 5.0
AUDIT_EVERY_S = 3600.0
log = get_logger(__name__)


class Gauges:
    """`register` once, in the worker."""

    def __init__(self, database: Database, home: Path) -> None:
        self._database, self._home = database, home
        self._looked_at = -LOOK_EVERY_S
        self._seen: dict[str, float] = {}
        self._findings: int | None = None
        self._lock = threading.Lock()

    def register(self) -> None:
        for name, unit, description in (
            ("turns.waiting", "", "Messages of customers without an answer yet."),
            ("turns.oldest", "s", "How long the oldest of them waits."),
            ("sends.waiting", "", "Parts of messages that have not left yet."),
            ("sends.uncertain", "", "Parts of which nobody knows whether they left."),
            ("people.waiting", "", "Conversations that wait for a person."),
            ("people.longest", "s", "How long the first of them waits."),
            ("orders.stuck", "", "Orders that have been too long where they are."),
            ("books.findings", "", "What the auditor found at its last look."),
            ("disk.free.ratio", "", "Of the disk that holds the data, the share that is free."),
        ):
            telemetry.meter().create_observable_gauge(
                f"comanda.{name}", [partial(self._observe, name)], unit, description
            )
        threading.Thread(target=self._audit_for_ever, daemon=True, name="audit").start()

    def _observe(self, name: str, _options: CallbackOptions) -> Iterable[Observation]:
        with self._lock:
            if time.monotonic() - self._looked_at >= LOOK_EVERY_S:
                self._seen, self._looked_at = self._look(), time.monotonic()
        return [Observation(self._seen[name])] if name in self._seen else []

    def _look(self) -> dict[str, float]:
        disk = shutil.disk_usage(self._home)
        with self._database.read() as session:
            seen = look(session)
        seen["disk.free.ratio"] = disk.free / disk.total
        if self._findings is not None:
            seen["books.findings"] = self._findings
        return seen

    def _audit_for_ever(self) -> None:
        while True:
            try:
                with self._database.read() as session:
                    found = audit(session)
            except Exception:  # the edge: it looks again
                log.exception("audit_failed")
            else:
                self._findings = len(found)
                for finding in found:
                    log.error("books_wrong", invariant=finding.invariant, subject=finding.subject)
            time.sleep(AUDIT_EVERY_S)


def look(session: Session) -> dict[str, float]:
    """Each gauge of the database: a count, or seconds."""
    now = clock.now()
    turns, oldest = session.execute(
        select(func.count(), func.min(Message.at))
        .select_from(Turn)
        .join(Message, Message.id == Turn.message_id)
        .where(Turn.status == "received")
    ).one()
    sends = dict(
        session.execute(
            select(Outgoing.status, func.count())
            .where(Outgoing.status.in_(("queued", "sending", "uncertain")))
            .group_by(Outgoing.status)
        )
        .tuples()
        .all()
    )
    waiting = handoffs.waiting(session, teams=None, limit=1_000)
    longest = min((each.asked_at for each in waiting), default=now)
    return {
        "turns.waiting": turns,
        "turns.oldest": (now - oldest).total_seconds() if oldest else 0.0,
        "sends.waiting": sends.get("queued", 0) + sends.get("sending", 0),
        "sends.uncertain": sends.get("uncertain", 0),
        "people.waiting": len(waiting),
        "people.longest": (now - longest).total_seconds(),
        "orders.stuck": len(find_stuck_orders(session)),
    }
