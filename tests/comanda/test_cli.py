"""The command line as a person meets it: its words, its exit codes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from comanda.cli import app
from kernel.config import get_settings
from tests.backend.shopper import KEY
from tests.journeys.product import free_ports

Comanda = Callable[..., Result]


@pytest.fixture
def comanda(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Comanda]:
    """Runs a command with a home and ports of its own, and whatever else is set."""

    def run(*arguments: str, **environment: str) -> Result:
        ports = dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), map(str, free_ports(3)), strict=True))
        for name, value in ({"COMANDA_HOME": str(tmp_path)} | ports | environment).items():
            monkeypatch.setenv(name, value)
        get_settings.cache_clear()
        return CliRunner().invoke(app, arguments)

    yield run
    get_settings.cache_clear()


def test_production_without_a_secret_is_refused_in_one_clear_message(comanda: Comanda, tmp_path: Path) -> None:
    told = comanda("up", COMANDA_MODE="production")

    assert told.exit_code == 1
    assert "COMANDA_SECRET must be set to at least 32 random characters" in told.stderr
    assert "Traceback" not in told.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_short_secret_is_refused_in_production(comanda: Comanda, tmp_path: Path) -> None:
    told = comanda("up", COMANDA_MODE="production", COMANDA_SECRET="short")

    assert (told.exit_code, "COMANDA_SECRET must be" in told.stderr) == (1, True)


def test_a_wrong_setting_is_named(comanda: Comanda, tmp_path: Path) -> None:
    told = comanda("doctor", PORT="eighty")

    assert told.exit_code == 1
    assert told.stderr.startswith("\ncomanda: PORT: Input should be a valid integer")


def test_a_demo_shop_is_not_put_into_production(comanda: Comanda, tmp_path: Path) -> None:
    told = comanda("seed", COMANDA_MODE="production", COMANDA_SECRET=KEY)

    assert (told.exit_code, list(tmp_path.iterdir())) == (1, [])


def test_the_demo_shop_is_seeded_once_and_its_books_are_in_order(comanda: Comanda) -> None:
    first = comanda("seed")
    second = comanda("seed")
    audit = comanda("audit")

    assert (first.exit_code, second.exit_code, audit.exit_code) == (0, 0, 0)
    assert "variants added" in first.stderr
    assert "orders of the past month" in first.stderr
    assert "nothing to add, its orders are there" in second.stderr
    assert audit.stdout == "✓ The books are in order.\n"


def test_the_doctor_says_what_to_do_when_nothing_runs(comanda: Comanda) -> None:
    told = comanda("doctor")

    assert told.exit_code == 1
    assert "✗ supervisor" in told.stdout
    assert "nothing runs from this home\n" in told.stdout
    assert "→ make up" in told.stdout


def test_the_doctor_asks_for_migrations_until_they_are_made(comanda: Comanda) -> None:
    before = comanda("doctor").stdout
    migrated = comanda("migrate")
    after = comanda("doctor").stdout

    assert "behind: oms, bot" in before
    assert migrated.exit_code == 0
    assert "every table is of the newest version" in after
    assert "0 variants in the catalog" in after


def test_the_doctor_reads_the_shops_own_policies(comanda: Comanda, tmp_path: Path) -> None:
    (own := tmp_path / "policy.yml").write_text("version: '7'\nes: Guardamos lo que nos escribes.\n")

    lacking = comanda("doctor", COMANDA_PRIVACY_POLICY=str(own)).stdout
    own.write_text(own.read_text() + "en: We keep what you write.\n")

    assert "✗ policies" in lacking
    assert f"{own} needs version (up to 40 characters), es and en: ['en']" in lacking
    assert "privacy policy 7, the shop's own" in comanda("doctor", COMANDA_PRIVACY_POLICY=str(own)).stdout


def test_the_doctor_finds_a_shop_that_went_live_with_the_demo_provider(comanda: Comanda, tmp_path: Path) -> None:
    production = {"COMANDA_MODE": "production", "COMANDA_SECRET": KEY}
    comanda("seed", COMANDA_DEMO_MONTH="0")

    assert "✓ online payments" in comanda("doctor").stdout
    told = comanda("doctor", **production).stdout
    assert "✗ online payments" in told
    assert "the shop names demo, which cannot be used here" in told
    assert "set STRIPE_API_KEY" in told


def test_an_unreachable_database_is_said_so_and_its_password_is_not(comanda: Comanda) -> None:
    url = "postgresql://shop:geheim@127.0.0.1:1/shop"
    told = comanda("doctor", DATABASE_URL=url)

    assert told.exit_code == 1
    assert "✗ database" in told.stdout
    assert "geheim" not in told.stdout + told.stderr


def test_say_without_a_running_comanda_fails_clearly_and_as_json(comanda: Comanda) -> None:
    told = comanda("say", "hola", "--conversation", "c", "--json")

    assert told.exit_code == 1
    assert '"error": {"code": "unreachable"' in told.stdout
    assert '"replies": []' in told.stdout


@pytest.mark.parametrize("arguments", [(), ("hola", "--choice", "1")])
def test_say_wants_either_words_or_a_choice(comanda: Comanda, arguments: tuple[str, ...]) -> None:
    assert comanda("say", *arguments).exit_code == 2


def test_parse_wants_either_a_text_or_a_file(comanda: Comanda) -> None:
    assert comanda("parse").exit_code == 2


def test_the_command_line_alone_loads_little() -> None:
    probe = "import resource, comanda.cli; print(resource.getrusage(resource.RUSAGE_SELF).ru_utime)"
    told = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert float(told.stdout) < 1.5


def test_a_catalogue_comes_in_from_a_file_and_leaves_as_one(comanda: Comanda, tmp_path: Path) -> None:
    assert comanda("seed").exit_code == 0
    sample = str(Path(__file__).parents[2] / "docs/files/catalogo.csv")

    trial = comanda("catalog", "import", sample, "--trial")
    assert "3 to add, 0 to change, 0 as they are, 0 problems" in trial.stderr
    assert comanda("catalog", "import", sample).exit_code == 0
    again = comanda("catalog", "import", sample)
    assert "0 to add, 0 to change, 3 as they are" in again.stderr

    out = tmp_path / "catalogue.csv"
    assert comanda("catalog", "export", "--to", str(out), "--language", "en").exit_code == 0
    assert "CAFE-BAS-500" in out.read_text(encoding="utf-8-sig")
    assert "0 to add, 0 to change" in comanda("catalog", "import", str(out)).stderr

    out.write_bytes("sku;precio\nCAFE-BAS-500;dieciocho mil\nÑ;1".encode("cp1252"))
    refused = comanda("catalog", "import", str(out))
    assert refused.exit_code == 1
    assert "row 2, precio: price_wrong dieciocho mil" in refused.stderr
