"""Fills a database with very many copies of a few real rows, faster than anybody could have made them.

The rows of a template are written again and again under other ids and numbers: by COPY on PostgreSQL, by one prepared
INSERT on SQLite. What refers to each other in the template does so in every copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, insert, select

from kernel.db import Database
from kernel.ids import new_id

AT_ONCE = 2_000
Row = dict[str, Any]
Part = tuple[Table, ColumnElement[bool]]


@dataclass(frozen=True)
class Template:
    """Rows by table, in the order in which they may be inserted; `named` are the texts that differ in every copy."""

    rows: Sequence[tuple[Table, Sequence[Row]]]
    ids: frozenset[str]
    number: str

    @classmethod
    def of(
        cls,
        database: Database,
        parts: Sequence[tuple[Table, ColumnElement[bool]]],
        number: str,
        changes: Mapping[str, Row],
    ) -> Template:
        """What is in the database of these parts, with `changes` by the name of a table."""
        with database.read() as session:
            found = [
                (
                    table,
                    [
                        dict(row._mapping) | changes.get(table.name, {})
                        for row in session.execute(select(table).where(where))
                    ],
                )
                for table, where in parts
            ]
        keys = {table: [column.name for column in table.primary_key] for table, _ in found}
        ids = {str(row[keys[table][0]]) for table, rows in found if len(keys[table]) == 1 for row in rows}
        return cls(found, frozenset(ids), number)

    def copy(self, number: str) -> Iterator[tuple[Table, list[Row]]]:
        others = {each: new_id() for each in self.ids} | {self.number: number}

        def other(value: Any) -> Any:
            if not isinstance(value, str):
                return value
            if value in others:
                return others[value]
            return value.replace(self.number, number) if value.startswith(self.number) else value

        for table, rows in self.rows:
            yield table, [{name: other(value) for name, value in row.items()} for row in rows]


def fill(database: Database, template: Template, numbers: Sequence[str]) -> None:
    """Write a copy of the template under each number, and let the database look at what it has now."""
    for first in range(0, len(numbers), AT_ONCE):
        batches: dict[Table, list[Row]] = {table: [] for table, _ in template.rows}
        for number in numbers[first : first + AT_ONCE]:
            for table, rows in template.copy(number):
                batches[table] += rows
        with database.write() as session:
            for table, rows in batches.items():
                _write(session.connection(), table, rows)
    look_again(database)


def look_again(database: Database) -> None:
    """A database that runs for a while does so itself."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


def _write(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(insert(table), rows)
        return
    names = [column.name for column in table.columns]
    found = [
        column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) for column in table.columns
    ]
    processors: list[Callable[[Any], Any]] = [process or _same for process in found]
    listed = ", ".join(f'"{name}"' for name in names)
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({listed}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row([process(row[name]) for name, process in zip(names, processors, strict=True)])


def _same(value: Any) -> Any:
    return value
