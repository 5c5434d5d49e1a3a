"""Prepared statements, for hot paths: a Core statement is compiled once, and then runs on the driver itself.

SQLAlchemy finds, checks and wraps each execution of a statement anew, which costs several times what the driver takes
for it. What a prepared statement writes and reads is the same: types are converted by SQLAlchemy's own processors,
errors are its own, and who listens to `before_cursor_execute` hears of these too.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

_KEY = "prepared.connection"
Parameters = Mapping[str, Any]
Processor = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Bind:
    """One place for a value: its `key` among the parameters, the value when none is given, the names it has in SQL."""

    key: str
    default: Any
    names: tuple[str, ...]
    is_list: bool
    process: Processor | None


@dataclass(slots=True)
class _Plan:
    """A statement as a driver takes it, for parameters of one shape. Of what type its columns are, the driver tells."""

    sql: str
    binds: tuple[_Bind, ...]
    positions: tuple[str, ...] | None
    types: tuple[TypeEngine[Any], ...]
    make_row: Callable[[Sequence[Any]], Any]
    processors: tuple[tuple[int, Processor], ...] | None = None

    def bound(self, parameters: Parameters) -> Any:
        values = {}
        for bind in self.binds:
            value, process = parameters.get(bind.key, bind.default), bind.process
            if bind.is_list:
                for name, each in zip(bind.names, value, strict=True):
                    values[name] = process(each) if process else each
            else:
                values[bind.names[0]] = process(value) if process else value
        return values if self.positions is None else tuple([values[name] for name in self.positions])

    def read(self, dialect: Dialect, cursor: Any) -> list[Any]:
        if not self.types:
            return []
        if self.processors is None:
            kinds = zip(self.types, cursor.description, strict=True)
            found = [kind.dialect_impl(dialect).result_processor(dialect, told[1]) for kind, told in kinds]
            self.processors = tuple((index, process) for index, process in enumerate(found) if process is not None)
        rows = cursor.fetchall()
        if not self.processors:
            return [self.make_row(row) for row in rows]
        read = []
        for row in rows:
            values = list(row)
            for index, process in self.processors:
                values[index] = process(values[index])
            read.append(self.make_row(values))
        return read


class Prepared:
    """A statement to be run many times. Of a column's defaults only values are filled in, no functions."""

    def __init__(self, statement: Executable, schemas: Mapping[str, str | None] | None = None) -> None:
        self._statement: Any = statement
        self._schemas = schemas
        self._is_insert = bool(getattr(statement, "is_insert", False))
        self._plans: dict[Any, _Plan] = {}
        # The parameters that are lists: how long they are is part of the SQL.
        self._lists: tuple[str, ...] | None = None

    def rows(self, session: Session, parameters: Parameters | None = None) -> list[Any]:
        """What it selects or returns, each row with its columns by name."""
        plan, dialect, cursor = self._run(session, parameters or {})
        rows = plan.read(dialect, cursor)
        cursor.close()
        return rows

    def first(self, session: Session, parameters: Parameters | None = None) -> Any | None:
        rows = self.rows(session, parameters)
        return rows[0] if rows else None

    def write(self, session: Session, parameters: Parameters | Sequence[Parameters]) -> int:
        """Run it for one set of parameters, or for several of one shape; how many rows it wrote."""
        _, _, cursor = self._run(session, parameters)
        count = int(cursor.rowcount)
        cursor.close()
        return count

    def _run(
        self, session: Session, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    ) -> tuple[_Plan, Dialect, Any]:
        connection = _connection(session)
        sets = [given] if isinstance(given, Mapping) else given
        plan = self._plan(connection.dialect, sets[0])
        is_many = len(sets) > 1
        bound: Any = [plan.bound(each) for each in sets] if is_many else plan.bound(sets[0])
        cursor: Any = None
        try:
            cursor = connection.connection.cursor()
            for listener in connection.dispatch.before_cursor_execute:
                listener(connection, cursor, plan.sql, bound, None, is_many)
            (cursor.executemany if is_many else cursor.execute)(plan.sql, bound)
        except connection.dialect.loaded_dbapi.Error as error:
            # Wraps it, and gives a connection up that is lost.
            connection._handle_dbapi_exception(error, plan.sql, bound, cursor, None)
        return plan, connection.dialect, cursor

    def _plan(self, dialect: Dialect, parameters: Parameters) -> _Plan:
        shape = tuple(parameters) if self._is_insert else self._lengths(parameters)
        plan = self._plans.get((dialect, shape))
        if plan is None:
            plan = self._plans[dialect, shape] = self._compile(dialect, parameters)
        return plan

    def _lengths(self, parameters: Parameters) -> tuple[int, ...]:
        if self._lists is None:
            binds = self._statement.compile().binds.values()
            self._lists = tuple(bind.key for bind in binds if bind.expanding and bind.key in parameters)
        return tuple([len(parameters[key]) for key in self._lists])

    def _compile(self, dialect: Dialect, parameters: Parameters) -> _Plan:
        compiled = self._statement.compile(
            dialect=dialect,
            column_keys=list(parameters) if self._is_insert else None,
            schema_translate_map=self._schemas,
            render_schema_translate=self._schemas is not None,
        )
        defaults = {column.key: column.default for column in compiled.insert_prefetch}
        assert all(default.is_scalar for default in defaults.values()), "an INSERT is given what is new in every row"
        assert not compiled.literal_execute_params, "no value is part of the SQL"
        expanded = compiled.construct_expanded_state(dict(parameters))
        binds = []
        for bind, name in compiled.bind_names.items():
            names = tuple(expanded.parameter_expansion.get(name, [name]))
            process = bind.type.dialect_impl(dialect).bind_processor(dialect)
            default = None if bind.required else bind.effective_value
            default = defaults[bind.key].arg if bind.key in defaults else default
            binds.append(_Bind(bind.key, default, names, bind.expanding, process))
        columns = list(self._statement.exported_columns.items())
        return _Plan(
            sql=expanded.statement,
            binds=tuple(binds),
            positions=None if expanded.positiontup is None else tuple(expanded.positiontup),
            make_row=_row_of([key for key, _ in columns]),
            types=tuple(column.type for _, column in columns),
        )


def _row_of(columns: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    row: Any = namedtuple("Row", columns, rename=True)  # type: ignore[misc]  # known only now
    make: Callable[[Sequence[Any]], Any] = row._make
    return make


def _connection(session: Session) -> Connection:
    """The connection of the session's transaction, kept: to ask a session for it costs as much as a statement."""
    kept: Connection | None = session.info.get(_KEY)
    if kept is None or kept.closed:
        kept = session.info[_KEY] = session.connection()
    return kept
