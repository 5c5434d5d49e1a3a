from pathlib import Path

from sqlalchemy import text

from bench.databases import SqliteFiles
from bench.sql_tape import COMMIT, ROLLBACK, Statement, play, recorded
from kernel.db import Database

INSERT = "INSERT INTO fruit VALUES (:name, :count)"


def test_what_was_recorded_on_one_copy_does_the_same_on_another(tmp_path: Path):
    files = SqliteFiles(tmp_path)
    origin = Database(files.create("origin"))
    with origin.write() as session:
        session.execute(text("CREATE TABLE fruit (name TEXT, count INTEGER)"))
    origin.dispose()
    recording, played = Database(files.copy("origin", "recording")), Database(files.copy("origin", "played"))

    with recorded(recording.engine) as tape:
        with recording.write() as session:
            session.execute(text(INSERT), {"name": "mora", "count": 3})
            session.execute(text(INSERT), [{"name": "lulo", "count": 1}, {"name": "feijoa", "count": 2}])
        with recording.read() as session:
            session.execute(text("SELECT count(*) FROM fruit")).one()
    with played.engine.connect() as connection:
        connection.rollback()
        play(connection.connection.driver_connection, tape)

    positional = INSERT.replace(":name", "?").replace(":count", "?")
    assert tape == [
        Statement("BEGIN IMMEDIATE", ()),
        Statement(positional, ("mora", 3)),
        Statement(positional, [("lulo", 1), ("feijoa", 2)], is_many=True),
        Statement(COMMIT),
        Statement("BEGIN DEFERRED", ()),
        Statement("SELECT count(*) FROM fruit", ()),
        Statement(ROLLBACK),
    ]
    with played.read() as session:
        fruit = session.execute(text("SELECT name, count FROM fruit ORDER BY count")).all()
    assert [tuple(row) for row in fruit] == [("lulo", 1), ("feijoa", 2), ("mora", 3)]
    recording.dispose()
    played.dispose()


def test_nothing_is_recorded_afterwards(tmp_path: Path):
    database = Database(SqliteFiles(tmp_path).create("origin"))

    with recorded(database.engine) as tape:
        pass
    with database.read() as session:
        session.execute(text("SELECT 1"))

    assert tape == []
    database.dispose()
