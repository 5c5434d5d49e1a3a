"""An erased person is nowhere but in what the law has the shop keep, and stays erased."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import JSON, String, Text, select, text
from sqlalchemy.orm import Session

from backend.audit import audit
from backend.mail import service as mail
from backend.trail import AuditEntry
from bot.channels.arrivals import Arrivals, Came
from bot.channels.base import Arrival
from bot.channels.whatsapp import WhatsApp
from bot.contacts import service as contacts
from bot.delivery import Delivery
from bot.hints import LocalHints
from comanda.privacy import erase as erasing
from comanda.privacy import person as people
from comanda.privacy import rules
from comanda.privacy.erase import RECEIPTS, StillOpen, erase, erase_again
from comanda.privacy.holdings import BY_WORD, TABLES, Holdings, Seen, _looked_through, gather
from comanda.privacy.person import Person
from kernel import pseudonyms
from kernel.config import Settings
from kernel.db import Database
from kernel.ids import new_id
from tests.comanda.privacy.conftest import Someone

Rows = Callable[[], dict[str, list[str]]]
# Texts by which nobody is named: what kind something is, what it is called, who of the shop did it.
NEUTRAL = {
    "status", "state", "kind", "what", "act", "method", "channel", "language", "currency", "unit",
    "unit_name_es", "unit_name_en", "name_en", "tax_class", "who", "number", "sku", "payment_method",
    "pickup_location", "pickup_location_id", "discount_code", "discount", "delivery", "zone", "conversation_id",
    "rule", "explanation", "content", "reason", "facts", "outcome", "ended_by", "closed_by", "resolution",
    "resolved_by", "wish", "way", "refund_when", "exchange_for", "difference_as", "rejected_because", "carrier",
    "tracking_number", "tracking_url", "event_id", "disposition", "token_hash", "last_try", "attachment_id",
    "attachment_hash", "attachment_type", "decided_by", "key", "refund_ref", "out_of", "requested_by",
    "approved_by", "pickup_code", "owner", "handoff_reason", "policy_shown", "policy_message_id",
    "policy_accepted", "provider_message_id", "author", "subject", "payload", "document", "error", "message_id",
    "customer_id", "sender", "scope", "answer", "request_hash", "staff_id", "staff_name", "agent_id", "agent_name",
    "team", "ending", "fingerprint", "before", "after", "subject_id",
}  # fmt: skip


def naming(rows: dict[str, list[str]], someone: Someone) -> list[str]:
    """The tables with a row that says a word which names someone."""
    return sorted(table for table, said in rows.items() if any(word in row for row in said for word in someone.words))


# case 110
def test_what_names_a_person_is_left_in_the_tax_documents_alone(
    settings: Settings, database: Database, ana: Someone, beto: Someone, all_rows: Rows, tmp_path: Path
) -> None:
    before = all_rows()
    assert len(naming(before, ana)) > 12

    receipt = erase(settings, database, ana.phone)

    after = all_rows()
    hits = [table for table in naming(after, ana) if table not in rules.KEPT]
    print(f"tables that name her: {len(naming(before, ana))} before, {len(hits)} after but for {naming(after, ana)}")
    assert hits == []
    assert naming(after, beto) == naming(before, beto)
    assert receipt.left == []
    assert (receipt.files, receipt.remembered) == (1, 1)
    assert receipt.kept["tax documents"]["because"] == "Ley 962 de 2005, art. 28; Estatuto Tributario, art. 632"
    assert receipt.kept["tax documents"]["rows"]["oms_invoice"] == 1
    assert not any(word in json.dumps(receipt.kept) + json.dumps(receipt.erased) for word in ana.words)
    with database.read() as session:
        assert audit(session, has_worker=False) == []


# case 110
def test_no_file_has_them_any_more_not_even_what_the_database_freed(
    settings: Settings, database: Database, ana: Someone, tmp_path: Path
) -> None:
    """The name is in no file; where there is an invoice it would be in that, so hers is taken out of the way first."""
    if not database.is_sqlite:
        pytest.skip("files of PostgreSQL are the server's")
    with database.engine.begin() as connection:
        for (name,) in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))
        connection.execute(text("UPDATE oms_invoice SET buyer = '{}'"))
    # Another process that has the database open, as Comanda's have: its log is not tidied up by closing it.
    with closing(sqlite3.connect(tmp_path / "comanda.db")) as beside:
        beside.execute("SELECT count(*) FROM oms_customer").fetchall()
        erase(settings, database, ana.email)

        files = [path for path in tmp_path.rglob("*") if path.is_file()]
        hits = [(path.name, word) for path in files for word in ana.words if word.encode() in path.read_bytes()]
    print(f"files {len(files)}, hits {len(hits)}")
    assert hits == []


# case 110
def test_what_is_not_over_is_named_and_nothing_is_erased(
    settings: Settings, database: Database, live: Callable[..., Someone], all_rows: Rows, tmp_path: Path
) -> None:
    carla = live("Carla Benavides", "+573005554433", is_over=False)
    before = all_rows()

    with pytest.raises(StillOpen, match=f"order {carla.number} \\(\\w+\\), claim .* \\(open\\)"):
        erase(settings, database, carla.phone)

    assert all_rows() == before
    assert not (tmp_path / RECEIPTS).exists()


# case 110, case 23
def test_who_asked_for_peace_has_it_after_being_erased_and_a_message_that_comes_again_brings_nobody_back(
    settings: Settings, database: Database, ana: Someone, all_rows: Rows
) -> None:
    channel = WhatsApp(settings)
    with database.read() as session:
        query = "SELECT provider_message_id FROM bot_message WHERE provider_message_id IS NOT NULL"
        provider_id = session.execute(text(query)).scalar_one()
    erase(settings, database, ana.phone)
    pseudonyms.carry(database, settings.signing_key())
    arrivals = Arrivals(database, Delivery(database, LocalHints(lambda _: None)))

    with database.write() as session:
        arrivals.store(session, [Came(channel, Arrival(ana.phone, provider_id, "soy Ana"))])
    assert naming(all_rows(), ana) == ["oms_invoice", "oms_invoice_file"] or "bot_contact" not in naming(
        all_rows(), ana
    )

    # With what was erased beside it, as when both come at the same moment.
    with database.write() as session:
        again, new = Arrival(ana.phone, provider_id, "soy Ana"), Arrival(ana.phone, "SMnew", "hola")
        arrivals.store(session, [Came(channel, again), Came(channel, new)])
    with database.read() as session:
        anew = contacts.find(session, "whatsapp", ana.phone)
        said = session.scalars(text("SELECT text FROM bot_message WHERE provider_message_id = 'SMnew'")).all()
    assert anew is not None
    assert anew.opted_out_at is not None
    assert said == ["hola"]
    assert "soy Ana" not in str(all_rows())


# case 110
def test_a_restored_backup_is_erased_again(
    settings: Settings, database: Database, ana: Someone, all_rows: Rows, tmp_path: Path
) -> None:
    if not database.is_sqlite:
        pytest.skip("copied as a file")
    database.dispose()
    kept = tmp_path / "backup"
    shutil.copy(tmp_path / "comanda.db", kept)
    erase(settings, database, ana.phone)
    assert erase_again(settings, database) == []
    database.dispose()
    shutil.copy(kept, tmp_path / "comanda.db")
    kept.unlink()
    assert len(naming(all_rows(), ana)) > 12

    (receipt,) = erase_again(settings, database)

    assert receipt.left == []
    assert [table for table in naming(all_rows(), ana) if table not in rules.KEPT] == []
    with database.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.act == "comanda privacy erase")).all()
    assert [(entry.who, entry.subject) for entry in entries] == [("system", ana.customer_id)]


def test_of_every_text_it_is_decided_what_becomes_of_it() -> None:
    """A new column that people write into must be named in the rules."""
    undecided = [
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        if table.name in _of_people() and table.name not in {*rules.GONE, *rules.KEPT}
        for column in table.columns
        if isinstance(column.type, String | Text | JSON)
        and not (column.primary_key or column.foreign_keys)
        and column.name not in NEUTRAL | rules.BLANK.get(table.name, {}).keys()
        and (table.name, column.name) not in {("oms_order_line", "name"), ("oms_order_line_end", "reason")}
    ]
    assert undecided == []


def _of_people() -> set[str]:
    """The tables that lead to a person along foreign keys, and those whose words do."""
    found = {"oms_customer", "bot_conversation", "oms_mail", "oms_event", "bot_notice"}
    for table in TABLES.values():
        if any(key.column.table.name in found for key in table.foreign_keys):
            found.add(table.name)
    return found


def test_a_seal_that_was_taken_off_is_put_back(settings: Settings, database: Database, ana: Someone) -> None:
    erase(settings, database, ana.phone)
    with pytest.raises(Exception, match="append-only"), database.write() as session:
        session.execute(text("UPDATE bot_message SET text = 'x'"))
    with pytest.raises(Exception, match="append-only"), database.write() as session:
        session.execute(text("DELETE FROM oms_order_entry"))


def test_everything_that_is_hers_is_found_again_by_her_id(settings: Settings, database: Database, ana: Someone) -> None:
    """Whoever asks later what is left of her gets an answer."""
    erase(settings, database, ana.phone)
    with database.read() as session:
        held = gather(session, people.find(session, ana.customer_id))
    assert held["oms_customer"][0]["name"] is None
    assert {row["text"] for row in held["bot_message"]} == {""}
    assert len(held["oms_invoice"]) == 1


# case 110
def test_while_it_is_looked_through_others_write_and_what_they_write_of_her_goes_too(
    settings: Settings, database: Database, ana: Someone, all_rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Seen | None] = []

    def gather_and_write(session: Session, person: Person, seen: Seen | None = None) -> Holdings:
        held = gather(session, person, seen)
        if not looks:
            with database.write() as writing:
                mail.queue(writing, "late", ana.email, "Hola", f"Hola {ana.words[0]}")
        looks.append(seen)
        return held

    monkeypatch.setattr(erasing, "gather", gather_and_write)

    receipt = erase(settings, database, ana.phone)

    assert (looks[0], looks[1] is not None, len(looks)) == (None, True, 2)
    assert receipt.erased["oms_mail"] == 2
    assert [table for table in naming(all_rows(), ana) if table not in rules.KEPT] == []


def test_the_second_look_reads_no_more_than_what_is_newer_and_what_was_hers(
    database: Database, ana: Someone, beto: Someone
) -> None:
    """Beto's events are read by the first look, and by a second one only if they came since."""
    with database.read() as session:
        held = gather(session, people.find(session, ana.customer_id))
        read = {name: list(_looked_through(session, name, Seen(held, new_id()))) for name in BY_WORD}

    hers = {name: rows for name, rows in held.items() if name in BY_WORD}
    assert {name: len(rows) for name, rows in read.items() if name in hers and "id" in TABLES[name].c} == {
        name: len(rows) for name, rows in hers.items() if "id" in TABLES[name].c
    }
    assert not any(beto.customer_id in str(row) for row in read["oms_event"])
