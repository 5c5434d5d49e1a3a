"""Seals: the triggers of append-only tables, taken off for the one act that may: forgetting what names a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session


@contextmanager
def unsealed(session: Session, tables: Sequence[str]) -> Iterator[None]:
    """Append-only tables may be changed inside, by this transaction alone: their triggers go and come back with it."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        for table in tables:
            connection.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'))
        yield
        session.flush()
        for table in tables:
            connection.execute(text(f'ALTER TABLE "{table}" ENABLE TRIGGER USER'))
        return
    sealed = connection.execute(text("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    ours = [(name, sql) for name, table, sql in sealed if table in tables]
    for name, _ in ours:
        connection.execute(text(f'DROP TRIGGER "{name}"'))
    yield
    session.flush()
    for _, sql in ours:
        connection.exec_driver_sql(sql)
