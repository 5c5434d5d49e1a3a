"""Prepared statements write and read what SQLAlchemy would."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import JSON, Boolean, Column, Float, Integer, MetaData, String, Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.base import ExactDecimal
from bench.sql_tape import recorded
from kernel.db import UtcDateTime
from kernel.ids import new_id
from kernel.prepared import Prepared

THINGS = Table(
    "prepared_thing",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", String(20)),
    Column("price", ExactDecimal),
    Column("latitude", Float),
    Column("facts", JSON),
    Column("is_sold", Boolean),
    Column("tries", Integer, default=7),
    Column("seen_at", UtcDateTime),
)
NOON = datetime(2026, 11, 27, 12, 0, 0, 5, tzinfo=UTC)
MILK = {
    "id": 1, "name": "Leche", "price": Decimal("1.10"), "latitude": 4.5, "facts": {"ñ": [1]}, "is_sold": True,
    "seen_at": NOON,
}  # fmt: skip
BREAD = MILK | {"id": 2, "name": "Pan", "price": None, "latitude": None, "facts": None, "is_sold": False}


@pytest.fixture
def session(database):
    THINGS.metadata.drop_all(database.engine)
    THINGS.metadata.create_all(database.engine)
    with database.write() as session:
        yield session


def test_what_is_written_and_read_is_of_the_types_of_the_columns(session):
    written = Prepared(insert(THINGS)).write(session, [MILK, BREAD])

    rows = Prepared(select(THINGS).order_by(THINGS.c.id)).rows(session)

    assert written == 2
    assert [row._asdict() for row in rows] == [MILK | {"tries": 7}, BREAD | {"tries": 7}]
    # As SQLAlchemy itself reads it.
    assert [tuple(row) for row in session.execute(select(THINGS).order_by(THINGS.c.id))] == [tuple(row) for row in rows]


def test_a_list_may_have_any_length(session):
    Prepared(insert(THINGS)).write(session, [MILK, BREAD])
    named = Prepared(select(THINGS.c.id).where(THINGS.c.name.in_(bindparam("names", expanding=True))).order_by("id"))

    found = [[row.id for row in named.rows(session, {"names": names})] for names in (["Pan"], ["Leche", "Pan"], [])]

    assert found == [[2], [1, 2], []]


def test_what_is_changed_is_counted_or_returned(session):
    Prepared(insert(THINGS)).write(session, MILK)
    renamed = update(THINGS).where(THINGS.c.id == bindparam("which")).values(name=bindparam("new"))

    told = Prepared(renamed.returning(THINGS.c.name, THINGS.c.seen_at))
    counts = [Prepared(renamed).write(session, {"which": which, "new": "Café"}) for which in (1, 2)]
    row = told.first(session, {"which": 1, "new": "Té"})

    assert (counts, tuple(row)) == ([1, 0], ("Té", NOON))


def test_an_error_is_what_sqlalchemy_makes_of_it(session):
    once = Prepared(insert(THINGS))
    once.write(session, MILK)

    with session.begin_nested(), pytest.raises(IntegrityError) as error:
        once.write(session, MILK)

    assert error.value.orig is not None
    assert "Leche" not in str(error.value)


def test_who_listens_to_the_engine_hears_of_it(database, session):
    with recorded(database.engine) as tape:
        Prepared(insert(THINGS).values(name="Sal")).write(session, {"id": 3})

    heard = tape[-1]  # before it, SQLite is told to begin
    given = heard.parameters.values() if isinstance(heard.parameters, dict) else heard.parameters
    assert heard.sql.startswith("INSERT INTO prepared_thing (id, name, tries) VALUES (")
    assert (sorted(map(str, given)), heard.is_many) == (["3", "7", "Sal"], False)


def test_a_default_that_is_a_function_is_refused(session):
    table = Table("prepared_id", MetaData(), Column("id", String(36), primary_key=True, default=new_id))

    with pytest.raises(AssertionError, match="what is new in every row"):
        Prepared(insert(table)).write(session, {})
