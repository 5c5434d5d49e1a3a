"""A census: how many rows every table has, and one hash of the ledger, by which two databases are known to be equal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

# Where DBOS keeps its tables on PostgreSQL; on SQLite they lie beside ours.
DURABLE_SCHEMA = "dbos"
_LEDGER = ("oms_journal_entry", "oms_posting")
_POSTINGS = """
SELECT e.id, e.key, e.fact, e.subject, e.currency, e.occurred_on, p.position, p.account_code, p.debit_minor,
       p.credit_minor
FROM oms_journal_entry e JOIN oms_posting p ON p.entry_id = e.id
ORDER BY {order}
"""


@dataclass(frozen=True, slots=True)
class Census:
    """`rows` by table; `ledger` is the SHA-256 of every posting with its entry, or empty where there is no ledger."""

    rows: dict[str, int]
    ledger: str

    @property
    def total(self) -> int:
        return sum(self.rows.values())

    def differences(self, other: Census) -> list[str]:
        """In words, what is not the same there."""
        told = [
            f"{table}: {self.rows.get(table, 0)} rows, not {other.rows.get(table, 0)}"
            for table in sorted(self.rows.keys() | other.rows.keys())
            if self.rows.get(table, 0) != other.rows.get(table, 0)
        ]
        return told + ([] if self.ledger == other.ledger else ["the ledger is another"])


def take(connection: Connection) -> Census:
    """Count in the connection's transaction: of one moment, if that transaction sees one."""
    # The names are the database's own.
    counts = {name: text(f"SELECT count(*) FROM {name}") for name in tables(connection)}  # noqa: S608  # nosec B608
    rows = {name: int(connection.execute(count).scalar_one()) for name, count in counts.items()}
    return Census(rows, ledger_hash(connection) if rows.keys() >= set(_LEDGER) else "")


def tables(connection: Connection) -> list[str]:
    """Every table, those of other schemas with their schema's name before theirs."""
    known = inspect(connection)
    names = list(known.get_table_names())
    if connection.dialect.name == "postgresql" and DURABLE_SCHEMA in known.get_schema_names():
        names += [f"{DURABLE_SCHEMA}.{name}" for name in known.get_table_names(DURABLE_SCHEMA)]
    return sorted(names)


def ledger_hash(connection: Connection) -> str:
    # Byte by byte, as SQLite orders: a language's order would depend on the server.
    order = 'e.id COLLATE "C", p.position' if connection.dialect.name == "postgresql" else "e.id, p.position"
    found = connection.execution_options(yield_per=1_000).execute(text(_POSTINGS.format(order=order)))
    digest = hashlib.sha256()
    for row in found:
        digest.update("\x1f".join(str(value) for value in row).encode() + b"\x1e")
    return digest.hexdigest()
