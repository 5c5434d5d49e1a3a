"""An export has everything of one person and nothing of anyone else."""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from comanda.failure import Failure
from comanda.privacy.export import export
from kernel.config import Settings
from kernel.db import Database
from tests.comanda.privacy.conftest import Someone

Rows = Callable[[], dict[str, list[str]]]


@pytest.fixture
def exported(settings: Settings, database: Database, ana: Someone, beto: Someone, tmp_path: Path) -> zipfile.ZipFile:
    export(settings, database, ana.phone, tmp_path / "ana.zip")
    return zipfile.ZipFile(tmp_path / "ana.zip")


# case 109
def test_it_has_every_row_that_names_its_person_and_none_that_names_another(
    exported: zipfile.ZipFile, ana: Someone, beto: Someone, all_rows: Rows
) -> None:
    data: dict[str, list[dict[str, Any]]] = json.loads(exported.read("datos.json"))
    names = re.compile("|".join(map(re.escape, [ana.customer_id, ana.number, ana.conversation_id, *ana.words])))

    missing = [
        (table, row)
        for table, rows in all_rows().items()
        if table.startswith(("oms_", "bot_"))
        for row in rows
        if names.search(row) and not any(_is_in(row, each) for each in data.get(table, []))
    ]
    whole = " ".join(exported.read(name).decode() for name in exported.namelist() if name.endswith((".json", ".txt")))
    foreign = [each for each in (beto.customer_id, beto.number, beto.conversation_id, *beto.words) if each in whole]
    print(f"tables {len(data)}, rows {sum(map(len, data.values()))}, missing {len(missing)}, foreign {len(foreign)}")
    assert (missing, foreign) == ([], [])
    assert len(data) > 25


def _is_in(row: str, exported: dict[str, Any]) -> bool:
    """Is it this row: by its key, which is the first of its columns or two?"""
    return all(str(value) in row for value in list(exported.values())[:1])


def test_it_can_be_read_by_people_too(exported: zipfile.ZipFile, ana: Someone) -> None:
    talk = exported.read("conversaciones.txt").decode()
    assert "== whatsapp, " in talk
    assert f"Tú / You: soy Ana María Rueda, mi número es {ana.phone}" in talk
    assert f"Pedido / Order {ana.number}: closed" in exported.read("resumen.txt").decode()
    assert "soy Ana María Rueda" in exported.read("asistente.json").decode()
    (photo,) = [name for name in exported.namelist() if name.startswith("archivos/")]
    assert exported.read(photo).startswith(b"\xff\xd8\xff")
    assert stat.S_IMODE(Path(str(exported.filename)).stat().st_mode) == 0o600


@pytest.mark.parametrize("way", ["id", "phone", "spaced", "email", "order", "channel"])
def test_a_person_is_found_by_whatever_they_are_called(
    settings: Settings, database: Database, ana: Someone, beto: Someone, tmp_path: Path, way: str
) -> None:
    named = {
        "id": ana.customer_id,
        "phone": ana.phone,
        "spaced": "57 300 111-2233",
        "email": ana.email.upper(),
        "order": ana.number.lower(),
        "channel": f"whatsapp:{ana.phone}",
    }[way]
    assert export(settings, database, named, tmp_path / "ana.zip")["oms_customer"] == 1


def test_nobody_and_several_are_refused_with_what_to_do(
    settings: Settings, database: Database, live: Callable[..., Someone], tmp_path: Path
) -> None:
    with pytest.raises(Failure, match=r"nobody is known as 'x@example\.com'"):
        export(settings, database, "x@example.com", tmp_path / "x.zip")
    live("Ana María Rueda", "+573001112233")
    live("Ana María Rueda", "+573001112244")
    with pytest.raises(Failure, match="is several people; give the id of one"):
        export(settings, database, "ana.maria.rueda@example.com", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()
