"""Core statements on the tables of ORM models, for hot paths: the unit of work costs several times their CPU."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session

from kernel.prepared import Prepared


def table_of(model: type[DeclarativeBase]) -> Table:
    """The Core table of a model, for prebuilt statements."""
    return cast(Table, model.__table__)


def insert_if_absent(session: Session, model: type[DeclarativeBase], row: dict[str, Any]) -> bool:
    """Insert `row` unless one with its key is there; whether it was inserted. Of two at once the second waits."""
    return _insert_or_nothing(table_of(model), session.connection().dialect.name).write(session, row) == 1


@cache
def _insert_or_nothing(table: Table, dialect: str) -> Prepared:
    if dialect == "sqlite":
        return Prepared(sqlite.insert(table).on_conflict_do_nothing())
    return Prepared(postgresql.insert(table).on_conflict_do_nothing())
