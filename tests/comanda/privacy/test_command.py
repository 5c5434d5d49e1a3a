"""`comanda privacy` as a person at the terminal meets it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select, text
from typer.testing import CliRunner

from backend.trail import AuditEntry
from comanda.cli import app as cli
from comanda.privacy.erase import RECEIPTS
from kernel.config import Settings, get_settings
from kernel.db import Database
from tests.backend.shopper import KEY
from tests.comanda.privacy.conftest import Someone
from tests.comanda.privacy.test_erase import Rows, naming

Comanda = Callable[..., Result]


@pytest.fixture
def comanda(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Comanda]:
    def run(*arguments: str) -> Result:
        home = {"COMANDA_HOME": str(settings.home), "DATABASE_URL": settings.database_url, "COMANDA_SECRET": KEY}
        for name, value in home.items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        return CliRunner().invoke(cli, ["privacy", *arguments])

    yield run
    get_settings.cache_clear()


def test_a_person_is_handed_out_and_then_erased_with_a_receipt(comanda: Comanda, ana: Someone, tmp_path: Path) -> None:
    target = tmp_path / "ana.zip"
    told = comanda("export", ana.phone, "--to", str(target))
    assert (told.exit_code, target.exists()) == (0, True)
    assert f"is in {target}: " in told.stderr
    again = comanda("export", ana.phone, "--to", str(target))
    assert (again.exit_code, "is there already: name another file with --to" in again.stderr) == (1, True)

    erased = comanda("erase", ana.phone, "--yes")
    assert erased.exit_code == 0
    assert json.loads(erased.stdout)["left"] == []
    assert "rows kept by law" in erased.stderr
    nobody = comanda("erase", ana.phone, "--yes")
    assert (nobody.exit_code, "nobody is known as" in nobody.stderr) == (1, True)


def test_who_was_erased_already_is_not_erased_again_and_their_copy_says_so(
    comanda: Comanda, ana: Someone, settings: Settings, tmp_path: Path
) -> None:
    assert comanda("erase", ana.number, "--yes").exit_code == 0
    receipts = (settings.home / RECEIPTS).read_text()

    again = comanda("erase", ana.number, "--yes")
    copy = comanda("export", ana.number, "--to", str(tmp_path / "ana.zip"))
    by_phone = comanda("export", ana.phone, "--to", str(tmp_path / "phone.zip"))

    at = json.loads(receipts)["at"]
    assert again.exit_code == 1
    assert f"'{ana.number}' was erased at {at} already: the receipt is in {settings.home / RECEIPTS}" in again.stderr
    assert (settings.home / RECEIPTS).read_text() == receipts
    assert copy.exit_code == 0
    assert f"; they were erased at {at}, and this is what the law has you keep" in copy.stderr
    assert by_phone.exit_code == 1
    assert "who was erased is found by the number of an order or their id alone" in by_phone.stderr


def test_what_is_left_of_someone_is_erased_by_doing_it_again(
    comanda: Comanda, ana: Someone, settings: Settings
) -> None:
    assert comanda("erase", ana.number, "--yes").exit_code == 0
    receipts = settings.home / RECEIPTS
    receipts.write_text(receipts.read_text().replace('"left": []', '"left": ["the database\'s log"]'))

    assert comanda("erase", ana.number, "--yes").exit_code == 0
    assert comanda("erase", ana.number, "--yes").exit_code == 1


def test_without_a_yes_nothing_is_erased(comanda: Comanda, ana: Someone) -> None:
    assert comanda("erase", ana.phone).exit_code == 1
    assert comanda("erase").exit_code == 2
    assert comanda("export", ana.phone, "--to", "/dev/null").exit_code == 1


# case 92
def test_what_is_done_to_a_persons_data_at_the_terminal_is_in_the_trail(
    comanda: Comanda, ana: Someone, database: Database, tmp_path: Path
) -> None:
    known_before = _trail(database)
    assert comanda("export", "nobody@example.com", "--to", str(tmp_path / "nobody.zip")).exit_code == 1
    assert comanda("erase", "nobody@example.com", "--yes").exit_code == 1
    assert _trail(database) == known_before

    comanda("export", ana.phone, "--to", str(tmp_path / "ana.zip"))
    comanda("erase", ana.phone, "--yes")

    assert _trail(database)[len(known_before) :] == [
        ("system", "comanda", "comanda privacy export", ana.customer_id),
        ("system", "comanda", "comanda privacy erase", ana.customer_id),
    ]


# case 92
def test_what_the_trail_does_not_take_is_not_done(
    comanda: Comanda, ana: Someone, database: Database, all_rows: Rows, tmp_path: Path
) -> None:
    if not database.is_sqlite:
        pytest.skip("refused by a trigger of SQLite")
    before = naming(all_rows(), ana)
    with database.write() as session:
        refuse = "CREATE TRIGGER full BEFORE INSERT ON oms_audit_entry BEGIN SELECT RAISE(ABORT, 'full'); END"
        session.execute(text(refuse))

    copied = comanda("export", ana.phone, "--to", str(tmp_path / "ana.zip"))
    erased = comanda("erase", ana.phone, "--yes")

    assert (copied.exit_code, erased.exit_code) == (1, 1)
    assert ("full" in str(copied.exception), "full" in str(erased.exception)) == (True, True)
    assert list(tmp_path.glob("ana.zip*")) == []
    assert naming(all_rows(), ana) == before


def _trail(database: Database) -> list[tuple[str, str, str, str | None]]:
    with database.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.who, row.name, row.act, row.subject) for row in rows]
