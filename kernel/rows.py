"""Core statements on the tables of ORM models, for hot paths: the unit of work costs several times their CPU."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from sqlalchemy import Insert, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session


def table_of(model: type[DeclarativeBase]) -> Table:
    """The Core table of a model, for prebuilt statements."""
    return cast(Table, model.__table__)


def insert_if_absent(session: Session, model: type[DeclarativeBase], row: dict[str, Any]) -> bool:
    """Insert `row` unless one with its key is there; whether it was inserted. Of two at once the second waits."""
    connection = session.connection()
    statement = _insert_or_nothing(table_of(model), connection.dialect.name)
    return connection.execute(statement, row).rowcount == 1


@cache
def _insert_or_nothing(table: Table, dialect: str) -> Insert:
    if dialect == "sqlite":
        statement: Insert = sqlite.insert(table).on_conflict_do_nothing()
    else:
        statement = postgresql.insert(table).on_conflict_do_nothing()
    # An INSERT's count is thrown away unless asked for.
    return statement.execution_options(preserve_rowcount=True)
