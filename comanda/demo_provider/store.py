"""What the demo's payment provider knows: payments that were asked for, and refunds, in a file of its own."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kernel import clock

_TABLES = """
CREATE TABLE IF NOT EXISTS payment (
  id TEXT PRIMARY KEY, key TEXT UNIQUE NOT NULL, number TEXT NOT NULL, description TEXT NOT NULL,
  amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, expires_at TEXT NOT NULL, return_url TEXT NOT NULL,
  status TEXT NOT NULL, fee_minor INTEGER NOT NULL DEFAULT 0, dispute TEXT, captured_at TEXT
);
CREATE TABLE IF NOT EXISTS refund (
  id TEXT PRIMARY KEY, key TEXT UNIQUE NOT NULL, payment_id TEXT NOT NULL REFERENCES payment,
  number TEXT NOT NULL, amount_minor INTEGER NOT NULL, status TEXT NOT NULL DEFAULT 'succeeded', made_at TEXT
);
"""
# What files of before do not have yet.
_ADDED = (("payment", "captured_at"), ("refund", "made_at"))
# What the demo takes of each payment, as providers do: 2.5 %.
_FEE_PER_MILLE = 25


@dataclass(frozen=True, slots=True)
class DemoRefund:
    id: str
    number: str
    amount_minor: int
    status: str


@dataclass(frozen=True, slots=True)
class DemoPayment:
    """`status` is open, captured, failed, expired or cancelled; `dispute` open, won or lost, once there is one."""

    id: str
    number: str
    description: str
    amount_minor: int
    currency: str
    expires_at: datetime
    return_url: str
    status: str
    fee_minor: int
    dispute: str | None
    refunds: tuple[DemoRefund, ...]

    @property
    def captured_minor(self) -> int:
        return self.amount_minor if self.status == "captured" else 0

    @property
    def refunded_minor(self) -> int:
        return sum(refund.amount_minor for refund in self.refunds)


class Store:
    """Each call is one transaction; of two that would pay one payment the second finds it paid."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._writing() as connection:
            connection.executescript(_TABLES)
            for table, column in _ADDED:
                there = {row["name"] for row in connection.execute(f"PRAGMA table_info({table})")}
                if column not in there:
                    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column} TEXT")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=10, isolation_level=None)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def open(self, asked: dict[str, Any]) -> DemoPayment:
        """The payment of this key: a new one, or the one there is."""
        with self._writing() as connection:
            connection.execute(
                "INSERT INTO payment "
                "(id, key, number, description, amount_minor, currency, expires_at, return_url, status) "
                "VALUES (:id, :key, :number, :description, :amount_minor, :currency, :expires_at, :return_url, 'open') "
                "ON CONFLICT (key) DO NOTHING",
                asked | {"id": f"demo_{secrets.token_urlsafe(18)}"},
            )
            row = connection.execute("SELECT id FROM payment WHERE key = ?", (asked["key"],)).fetchone()
            return _found(connection, row["id"])

    def find(self, payment_id: str) -> DemoPayment | None:
        with self._writing() as connection:
            _expire(connection, payment_id)
            return _look(connection, payment_id)

    def end(self, payment_id: str, status: str) -> tuple[DemoPayment | None, bool]:
        """Pay, decline or cancel what is open; the payment, and whether this did it."""
        with self._writing() as connection:
            _expire(connection, payment_id)
            changed = connection.execute(
                "UPDATE payment SET status = ?, "
                "fee_minor = CASE ? WHEN 'captured' THEN amount_minor * ? / 1000 ELSE 0 END, "
                "captured_at = CASE ? WHEN 'captured' THEN ? END "
                "WHERE id = ? AND status = 'open'",
                (status, status, _FEE_PER_MILLE, status, clock.now().isoformat(), payment_id),
            )
            return _look(connection, payment_id), changed.rowcount == 1

    def dispute(self, payment_id: str, status: str) -> tuple[DemoPayment | None, bool]:
        """Dispute what was paid, or decide it (`won`, `lost`); the payment, and whether this did it."""
        before = None if status == "open" else "open"
        with self._writing() as connection:
            changed = connection.execute(
                "UPDATE payment SET dispute = ? WHERE id = ? AND status = 'captured' AND dispute IS ?",
                (status, payment_id, before),
            )
            return _look(connection, payment_id), changed.rowcount == 1

    def refund(self, payment_id: str, key: str, number: str, amount_minor: int) -> str | None:
        """The id of the refund of this key; None when more would go back than was paid."""
        with self._writing() as connection:
            known = connection.execute("SELECT id FROM refund WHERE key = ?", (key,)).fetchone()
            if known is not None:
                return str(known["id"])
            payment = _found(connection, payment_id)
            if payment.refunded_minor + amount_minor > payment.captured_minor:
                return None
            refund_id = f"demo_re_{secrets.token_urlsafe(12)}"
            connection.execute(
                "INSERT INTO refund (id, key, payment_id, number, amount_minor, made_at) VALUES (?, ?, ?, ?, ?, ?)",
                (refund_id, key, payment_id, number, amount_minor, clock.now().isoformat()),
            )
            return refund_id

    def day(self, since: str, until: str) -> tuple[list[DemoPayment], dict[str, int]]:
        """Payments that were made or given back in a time (UTC, ISO 8601); what came, less fees and what went back, by
        currency. That is paid out, once the time is over.
        """
        with self._writing() as connection:
            made = "SELECT id FROM payment WHERE captured_at >= ? AND captured_at < ?"
            gone = "SELECT payment_id, amount_minor FROM refund WHERE made_at >= ? AND made_at < ? "
            gone += "AND status <> 'failed'"
            captured = [_found(connection, row["id"]) for row in connection.execute(made, (since, until))]
            refunds = [
                (_found(connection, row["payment_id"]), row["amount_minor"])
                for row in connection.execute(gone, (since, until))
            ]
        net: dict[str, int] = {}
        for payment in captured:
            net[payment.currency] = net.get(payment.currency, 0) + payment.captured_minor - payment.fee_minor
        for payment, amount_minor in refunds:
            net[payment.currency] = net.get(payment.currency, 0) - amount_minor
        seen = {payment.id: payment for payment in (*captured, *(payment for payment, _ in refunds))}
        is_over = until <= clock.now().isoformat()
        return list(seen.values()), {code: amount for code, amount in net.items() if is_over and amount > 0}


def _expire(connection: sqlite3.Connection, payment_id: str) -> None:
    connection.execute(
        "UPDATE payment SET status = 'expired' WHERE id = ? AND status = 'open' AND expires_at <= ?",
        (payment_id, clock.now().isoformat()),
    )


def _found(connection: sqlite3.Connection, payment_id: str) -> DemoPayment:
    payment = _look(connection, payment_id)
    assert payment is not None, "it is there"
    return payment


def _look(connection: sqlite3.Connection, payment_id: str) -> DemoPayment | None:
    row = connection.execute(
        "SELECT * FROM payment WHERE id = ?",
        (payment_id,),
    ).fetchone()
    if row is None:
        return None
    refunds = connection.execute(
        "SELECT id, number, amount_minor, status FROM refund WHERE payment_id = ? ORDER BY rowid", (payment_id,)
    )
    return DemoPayment(
        id=row["id"],
        number=row["number"],
        description=row["description"],
        amount_minor=row["amount_minor"],
        currency=row["currency"],
        expires_at=datetime.fromisoformat(row["expires_at"]),
        return_url=row["return_url"],
        status=row["status"],
        fee_minor=row["fee_minor"],
        dispute=row["dispute"],
        refunds=tuple(DemoRefund(**dict(refund)) for refund in refunds),
    )
