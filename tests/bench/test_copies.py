"""Copies of real rows refer to each other as the rows do, under ids and numbers of their own."""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, MetaData, String, Table, insert, select, true

from bench.copies import Template, fill

OWN = MetaData()
THINGS = Table(
    "copied_thing", OWN, Column("id", String(36), primary_key=True), Column("number", String(20), unique=True)
)
PARTS = Table(
    "copied_part",
    OWN,
    Column("thing_id", ForeignKey("copied_thing.id"), primary_key=True),
    Column("sku", String(10), primary_key=True),
    Column("number", String(20)),
    Column("facts", JSON),
)


def test_every_copy_is_whole_and_of_its_own(database):
    OWN.drop_all(database.engine)
    OWN.create_all(database.engine)
    with database.write() as session:
        session.execute(insert(THINGS), [{"id": "old", "number": "N-1"}])
        session.execute(insert(PARTS), [{"thing_id": "old", "sku": "old-milk", "number": "N-1-1", "facts": {"a": [1]}}])
    template = Template.of(database, [(THINGS, true()), (PARTS, true())], "N-1", {"copied_part": {"sku": "bread"}})

    fill(database, template, ["N-8", "N-9"])

    with database.read() as session:
        query = (
            select(THINGS.c.number, PARTS.c.sku, PARTS.c.number, PARTS.c.facts).join(PARTS).order_by(THINGS.c.number)
        )
        rows = [tuple(row) for row in session.execute(query)]
        ids = set(session.scalars(select(THINGS.c.id)))
    assert rows == [
        ("N-1", "old-milk", "N-1-1", {"a": [1]}),
        ("N-8", "bread", "N-8-1", {"a": [1]}),
        ("N-9", "bread", "N-9-1", {"a": [1]}),
    ]
    assert len(ids) == 3
