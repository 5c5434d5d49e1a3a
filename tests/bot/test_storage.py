"""The tables of conversations, and how they come to be."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from bot import migrations
from bot.conversations import service
from bot.migrations.models import metadata
from bot.notices import service as notices
from kernel.db import Database

UPGRADE = "import sys; from bot import migrations; migrations.upgrade(sys.argv[1])"


def test_the_migrations_make_what_the_models_say(database: Database) -> None:
    def is_ours(_object: object, name: str, kind: str, *_: object) -> bool:
        return kind != "table" or name.startswith("bot_")

    with database.read() as session:
        options = {"include_object": is_ours, "version_table": "bot_alembic_version", "compare_type": True}
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, metadata) == []


# case 124
def test_two_processes_may_migrate_at_once(empty_database_url: str) -> None:
    def upgrade(_: int) -> int:
        return subprocess.run([sys.executable, "-c", UPGRADE, empty_database_url]).returncode

    with ThreadPoolExecutor() as pool:
        assert list(pool.map(upgrade, range(2))) == [0, 0]

    database = Database(empty_database_url)
    with database.read() as session:
        newest = ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head()
        assert session.scalars(text("SELECT version_num FROM bot_alembic_version")).all() == [newest]
        assert {
            "bot_conversation",
            "bot_message",
            "bot_choice",
            "bot_turn",
            "bot_notice",
            "bot_attachment",
            "bot_contact",
            "bot_outgoing",
            "bot_enclosure",
        } <= set(inspect(session.connection()).get_table_names())
    database.dispose()


# case 124
def test_migrating_again_changes_nothing(database_url: str) -> None:
    migrations.upgrade(database_url)
    migrations.upgrade(database_url)


@pytest.mark.parametrize("statement", ["UPDATE bot_message SET text = 'otra cosa'", "DELETE FROM bot_message"])
def test_what_was_said_cannot_be_unsaid(database: Database, statement: str) -> None:
    with database.write() as session:
        conversation = service.open_for(session, "web", "v", "es")
        service.append(session, conversation, "customer", "dicho")

    with pytest.raises(DBAPIError, match="append-only"), database.write() as session:
        session.execute(text(statement))
    with database.read() as session:
        assert session.scalars(text("SELECT text FROM bot_message")).all() == ["dicho"]


def test_a_sender_has_one_open_conversation(database: Database) -> None:
    with database.write() as session:
        first = service.open_for(session, "web", "v", "es")
        assert service.open_for(session, "web", "v", "en").id == first.id
        service.change_owner(first, "closed")
    with database.write() as session:
        again = service.open_for(session, "web", "v", "en")
        assert (again.id, again.owner) == (first.id, "closed")
        service.reopen(again)

    insert = text(
        "INSERT INTO bot_conversation (id, channel, sender, owner, version, language, last_seq, is_queue_told,"
        " is_card_warned, is_outage_told, created_at)"
        " SELECT 'other', channel, sender, 'queued', 1, 'es', 0, is_queue_told, is_card_warned, is_outage_told,"
        " created_at FROM bot_conversation WHERE owner = 'assistant'"
    )
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(insert)


def test_sequence_numbers_have_no_gaps_when_many_write_at_once(database: Database) -> None:
    with database.write() as session:
        conversation_id = service.open_for(session, "web", "v", "es").id

    def write(n: int) -> None:
        with database.write() as session:
            conversation = service.lock(session, conversation_id)
            service.append(session, conversation, "customer", f"{n}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(40)))

    with database.read() as session:
        assert session.scalars(text("SELECT seq FROM bot_message ORDER BY seq")).all() == list(range(1, 41))


def test_a_message_and_its_turn_are_stored_together_or_not_at_all(database: Database) -> None:
    from bot.channels.base import InboundMessage
    from bot.delivery import Delivery
    from bot.hints import LocalHints
    from bot.listening.inbound import Inbox

    hints: list[str] = []
    inbox = Inbox(Delivery(database, LocalHints(hints.append)))
    with database.write() as session:
        conversation_id = service.open_for(session, "web", "v", "es").id
        # The queue cannot take the turn.
        table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
        session.execute(text(f"ALTER TABLE {table} RENAME TO away"))
    with pytest.raises(DBAPIError):
        inbox.receive(InboundMessage(conversation_id, "1", "hola"))

    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM bot_message")) == 0
        assert session.scalar(text("SELECT count(*) FROM bot_turn")) == 0
    assert hints == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_notice_that_a_message_is_is_found_without_reading_all_notices(database: Database) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        asked.append((statement, given))

    with database.write() as session:
        conversation = service.open_for(session, "web", "v", "es")
        message = service.append(session, conversation, "assistant", "Va en camino.")
        event.listen(session.connection(), "before_cursor_execute", note)
        assert notices.of_message(session, message) is None
        statement, given = asked[-1]
        plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given).all()

    told = [step.detail for step in plan]
    assert [detail for detail in told if detail.startswith("SCAN")] == []
    assert "SEARCH bot_notice USING INDEX ix_bot_notice_message_id (message_id=?)" in told
