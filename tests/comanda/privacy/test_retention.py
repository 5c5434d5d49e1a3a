"""What is older than the shop keeps it goes by itself; documents and books are not touched."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text

from comanda.privacy.rules import KEPT
from comanda.retention import Forgotten, forget_old
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from tests.comanda.privacy.conftest import Someone

Rows = Callable[[], dict[str, list[str]]]


HER_WORDS = ("bot_message", "bot_notice", "oms_mail", "bot_note", "bot_draft", "bot_handoff")


@pytest.fixture
def answered(database: Database, ana: Someone) -> None:
    """Nothing of hers is still to be done."""
    with database.write() as session:
        session.execute(text("UPDATE bot_turn SET status = 'answered'"))
        session.execute(text("UPDATE bot_notice SET status = 'sent'"))
        session.execute(text("UPDATE oms_mail SET status = 'sent'"))


# case 113
@pytest.mark.usefixtures("answered")
def test_after_four_hundred_days_nothing_is_left_over_and_the_books_are_as_they_were(
    settings: Settings, database: Database, ana: Someone, all_rows: Rows, tmp_path: Path
) -> None:
    before = all_rows()
    with time_machine.travel(clock.now() + timedelta(days=400), tick=False):
        forgotten = forget_old(settings, database)
        assert forget_old(settings, database) == Forgotten(0, 0, 0, 0, 0, 0, 0)

    after = all_rows()
    gone = ("bot_attachment", "bot_choice", "bot_outgoing", "oms_idempotent_act", "oms_link_request")
    left = {table: len(after[table]) for table in gone if after[table]}
    says_her_name = [table for table in HER_WORDS if ana.words[0] in str(after[table])]
    files = [path for path in (tmp_path / "attachments").rglob("*") if path.is_file()]
    print(f"forgotten {forgotten}, left over {len(left) + len(says_her_name) + len(files)}")
    assert (left, says_her_name, files) == ({}, [], [])
    assert (forgotten.messages, forgotten.files, forgotten.remembered) == (2, 1, 1)
    # Notices of hers may name no one; mails are hers and, of the order, the shop's.
    assert forgotten.mails == len(before["oms_mail"])
    assert {table: after[table] for table in KEPT} == {table: before[table] for table in KEPT}
    assert after["oms_order"] == before["oms_order"]


# case 113
@pytest.mark.usefixtures("answered")
def test_what_is_younger_stays(settings: Settings, database: Database, all_rows: Rows) -> None:
    settings.keep_files_days = 500
    before = all_rows()
    with time_machine.travel(clock.now() + timedelta(days=300), tick=False):
        forgotten = forget_old(settings, database)

    assert (forgotten.messages, forgotten.files, forgotten.mails) == (0, 0, 0)
    assert all_rows()["bot_message"] == before["bot_message"]


@pytest.mark.usefixtures("ana")
def test_what_someone_has_still_to_look_at_stays(settings: Settings, database: Database, all_rows: Rows) -> None:
    with time_machine.travel(clock.now() + timedelta(days=400), tick=False):
        forgotten = forget_old(settings, database)

    assert "soy Ana María Rueda" in str(all_rows()["bot_message"])
    assert (forgotten.messages, forgotten.notices, forgotten.mails) == (1, 0, 0)
