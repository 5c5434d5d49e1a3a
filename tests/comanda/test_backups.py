"""`comanda backup` and `comanda restore`: what is written, what is refused, and what is settled."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.catalog.service import shop
from backend.counters import next_value
from backend.inventory import service as inventory
from backend.mail import service as mails
from bot.conversations import service as conversations
from bot.handoff import service as handoffs
from bot.notices.models import Notice
from bot.outbox import service as outbox
from comanda.backup import manifest
from comanda.backup.make import backup
from comanda.backup.restore import restore
from comanda.database import opened
from comanda.failure import Failure
from kernel import clock, ids
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import KEY, MILK, open_market


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Settings:
    """A shop with goods, one file of a customer's, and Rasa's memory."""
    settings = Settings(COMANDA_HOME=tmp_path / "home", DATABASE_URL=database_url, COMANDA_SECRET=KEY, PORT=8123)
    with opened(settings) as database, database.write() as session:
        market = open_market(session)
        inventory.receive(session, MILK, market.centro, 10)
    attachment = settings.home / "attachments" / "conversation" / "file"
    attachment.parent.mkdir(parents=True)
    attachment.write_bytes(b"a photo")
    (settings.home / "attachments" / "incoming").mkdir()
    (settings.home / "attachments" / "incoming" / "half").write_bytes(b"half a ph")
    (settings.home / "erasures.jsonl").write_text("{}\n")
    with_trackers(settings.home / "rasa-trackers.db")
    return settings


def with_trackers(path: Path) -> None:
    trackers = Database(f"sqlite:///{path}")
    with trackers.write() as session:
        session.execute(text("CREATE TABLE events (id INTEGER PRIMARY KEY, sender_id TEXT, data TEXT)"))
        session.execute(text("INSERT INTO events VALUES (1, 'conversation', '{}')"))
    trackers.dispose()


@pytest.fixture
def elsewhere(tmp_path: Path, other_database_url: str) -> Settings:
    return Settings(COMANDA_HOME=tmp_path / "other", DATABASE_URL=other_database_url, COMANDA_SECRET=KEY)


def test_everything_that_a_home_keeps_is_back_in_another(home: Settings, elsewhere: Settings, tmp_path: Path) -> None:
    made = backup(home, tmp_path / "copy")
    restore(elsewhere, tmp_path / "copy")

    database = "comanda.db" if made.database == "sqlite" else "comanda.dump"
    files = {database, "rasa-trackers.db", "attachments/conversation/file", "erasures.jsonl"}
    assert set(made.files) == files
    assert (elsewhere.home / "attachments/conversation/file").read_bytes() == b"a photo"
    assert (elsewhere.home / "rasa-trackers.db").exists()
    assert (elsewhere.home / "erasures.jsonl").read_text() == "{}\n"
    with opened(elsewhere) as restored, restored.read() as session:
        assert shop(session).name == "El Parque"
        assert session.scalar(text("SELECT sum(quantity) FROM oms_stock_move")) == 10


def test_a_backup_holds_secrets_only_when_asked(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.setenv("COMANDA_SECRET", KEY)
    backup(home, tmp_path / "bare")
    backup(home, tmp_path / "whole", with_secrets=True)

    assert KEY not in (tmp_path / "bare" / "manifest.json").read_text()
    assert not (tmp_path / "bare" / "secrets.json").exists()
    assert manifest.read(tmp_path / "bare").settings == {"PORT": 8123}
    assert json.loads((tmp_path / "whole" / "secrets.json").read_text()) == {"COMANDA_SECRET": KEY}
    assert (tmp_path / "whole" / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "whole").stat().st_mode & 0o777 == 0o700


@pytest.fixture
def copy(home: Settings, tmp_path: Path) -> Path:
    backup(home, tmp_path / "copy")
    return tmp_path / "copy"


def damage(copy: Path) -> None:
    path = copy / "attachments/conversation/file"
    path.write_bytes(b"a phato")


def lose(copy: Path) -> None:
    (copy / "rasa-trackers.db").unlink()


def slip_in(copy: Path) -> None:
    (copy / "attachments/stranger").write_bytes(b"?")


def make_newer(copy: Path) -> None:
    told = json.loads((copy / "manifest.json").read_text())
    told["heads"]["oms"] = ["9999"]
    (copy / "manifest.json").write_text(json.dumps(told))


def make_of_another_form(copy: Path) -> None:
    told = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(told | {"format": 2}))


def cut_off(copy: Path) -> None:
    manifest_ = copy / "manifest.json"
    manifest_.write_text(manifest_.read_text()[:100])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (damage, "attachments/conversation/file is not what was written"),
        (lose, "rasa-trackers.db is missing"),
        (slip_in, "attachments/stranger does not belong to it"),
        (make_newer, "was made by a newer Comanda (0.1.0, oms 9999)"),
        (make_of_another_form, "was made by a newer Comanda (0.1.0)"),
        (cut_off, "the backup is damaged, take another one"),
        (lambda copy: (copy / "manifest.json").unlink(), "is no backup: it has no manifest.json"),
    ],
)
def test_a_backup_that_is_not_whole_is_refused_and_nothing_is_restored(
    copy: Path, elsewhere: Settings, harm: Callable[[Path], None], says: str
) -> None:
    harm(copy)

    with pytest.raises(Failure) as told:
        restore(elsewhere, copy)

    assert says in str(told.value)
    assert not elsewhere.home.exists() or list(elsewhere.home.iterdir()) == []


def test_a_home_with_anything_in_it_is_left_alone(copy: Path, home: Settings) -> None:
    with opened(home) as database, database.write() as session:
        session.execute(text("UPDATE oms_shop SET name = 'Another'"))

    with pytest.raises(Failure, match="is not empty"):
        restore(home, copy)

    with opened(home) as database, database.read() as session:
        assert shop(session).name == "Another"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_postgresql_database_with_a_table_in_it_is_left_alone(copy: Path, elsewhere: Settings) -> None:
    with opened(elsewhere) as database, database.write() as session:
        session.execute(text("CREATE TABLE theirs (id INTEGER)"))

    with pytest.raises(Failure, match="is not empty: make a new one"):
        restore(elsewhere, copy)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_goes_into_its_own_kind_of_database(copy: Path, tmp_path: Path) -> None:
    settings = Settings(COMANDA_HOME=tmp_path / "other", DATABASE_URL="postgresql://nobody@127.0.0.1:1/x")

    with pytest.raises(Failure, match="from SQLite to PostgreSQL leads `comanda move` afterwards"):
        restore(settings, copy)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_is_never_written_over_another(copy: Path, home: Settings) -> None:
    with pytest.raises(Failure, match="is there already"):
        backup(home, copy)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(home: Settings, tmp_path: Path) -> None:
    with opened(home) as database, database.read() as session:
        root = session.scalar(text("SELECT rootpage FROM sqlite_master WHERE name = 'oms_variant'"))
        size = session.scalar(text("PRAGMA page_size"))
    path = tmp_path / "comanda.db"
    whole = path.read_bytes()
    path.write_bytes(whole[: (root - 1) * size] + b"\xff" * size + whole[root * size :])

    with pytest.raises(Failure, match="could not be copied: database disk image is malformed"):
        backup(home, tmp_path / "copy")

    assert not (tmp_path / "copy").exists()
    assert not (tmp_path / "copy.partial").exists()


@pytest.fixture
def under_way(home: Settings) -> Settings:
    """A mail, a message to WhatsApp, two notices and a customer's question, none of which has ended."""
    with opened(home) as database, database.write() as session:
        mails.queue(session, "order.confirmed:PED-1", "ana@example.com", "PED-1", "hola", None)
        conversation = conversations.open_for(session, "whatsapp", "+573000000000", "es")
        said = conversations.append(session, conversation, "customer", "hola", provider_message_id="SM1")
        conversations.begin_turn(session, said, None)
        told = conversations.append(session, conversation, "assistant", "buenas", in_reply_to=said.id)
        outbox.put(session, conversation, told, [{"text": "buenas"}])
        for name, due in (("now", clock.now()), ("tomorrow", clock.now() + timedelta(days=1))):
            session.add(
                Notice(
                    id=ids.new_id(), event_id=ids.new_id(), what="order.placed", subject=name, customer_id="c",
                    facts={}, status="queued", reason=None, attempts=0, message_id=None, created_at=clock.now(),
                    due_at=due, ended_at=None,
                )
            )  # fmt: skip
    return home


STATES = {
    "mail": "SELECT status FROM oms_mail",
    "outgoing": "SELECT status FROM bot_outgoing",
    "now": "SELECT status FROM bot_notice WHERE subject = 'now'",
    "tomorrow": "SELECT status FROM bot_notice WHERE subject = 'tomorrow'",
    "turn": "SELECT status FROM bot_turn",
    "owner": "SELECT owner FROM bot_conversation",
}


def states(settings: Settings) -> dict[str, str]:
    with opened(settings) as database, database.read() as session:
        workflows = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
        durable = session.scalars(text(f"SELECT DISTINCT status FROM {workflows}")).all()
        return {name: session.scalar(text(query)) for name, query in STATES.items()} | {"durable": "/".join(durable)}


def test_what_was_on_its_way_is_not_sent_again_and_who_waits_gets_a_person(
    under_way: Settings, elsewhere: Settings, tmp_path: Path
) -> None:  # case 125
    backup(under_way, tmp_path / "copy")
    restore(elsewhere, tmp_path / "copy")

    assert states(elsewhere) == {
        "mail": "uncertain", "outgoing": "uncertain", "now": "skipped", "tomorrow": "queued", "turn": "left_to_staff",
        "owner": "queued", "durable": "CANCELLED",
    }  # fmt: skip
    with opened(elsewhere) as database, database.write() as session:
        [waiting] = handoffs.waiting(session, teams=None, limit=9)
        assert waiting.reason == "restored"
        # Order 10,001 may have been told to someone since the backup was taken.
        assert next_value(session, "order") == 11_001


def test_where_nothing_ran_since_it_goes_on_where_it_stopped(
    under_way: Settings, elsewhere: Settings, tmp_path: Path
) -> None:
    backup(under_way, tmp_path / "copy")
    restore(elsewhere, tmp_path / "copy", nothing_ran_since=True)

    assert states(elsewhere) == {
        "mail": "queued", "outgoing": "queued", "now": "queued", "tomorrow": "queued", "turn": "received",
        "owner": "assistant", "durable": "ENQUEUED",
    }  # fmt: skip
    with opened(elsewhere) as database, database.write() as session:
        assert next_value(session, "order") == 10_001


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_restore_that_fails_half_way_leaves_the_database_empty(
    copy: Path, elsewhere: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comanda.backup.settle.LEAP", "no number")

    with pytest.raises(Failure, match="could not be restored, and is as it was"):
        restore(elsewhere, copy)

    with opened(elsewhere) as database, database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM information_schema.tables WHERE table_schema='public'")) == 0
