"""Our importer makes of the training files what Rasa's own does, and leaves it what it does not know."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from comanda.project import ROOT
from tests.nlu.test_understanding import in_rasa

pytestmark = pytest.mark.rasa

RICH = r"""version: "3.1"
nlu:
- intent: order
  examples: |
    - a [large](size) one
    - a [big]{"entity": "size", "value": "large"} one
- synonym: large
  examples: |
    - huge
- regex: number
  examples: |
    - \d+
"""
SCRIPT = "tests/nlu/import_beside_rasas.py"


def imported(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    ours, rasas = json.loads(in_rasa(SCRIPT, str(folder)).splitlines()[-1])
    return ours, rasas


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small project with a file of plain lines and one of entities, synonyms and a regular expression."""
    shutil.copy(ROOT / "config.yml", tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "domain.yml").write_text(
        'version: "3.1"\nintents: [greet, order]\nentities: [size]\nresponses: {utter_hi: [{text: hi}]}\n', "utf-8"
    )
    (tmp_path / "data" / "rules.yml").write_text(
        'version: "3.1"\nrules:\n- rule: greet\n  steps: [{intent: greet}, {action: utter_hi}]\n', "utf-8"
    )
    (tmp_path / "data" / "plain.yml").write_text(
        'version: "3.1"\nnlu:\n- intent: greet\n  metadata: {language: en}\n  examples: |\n    - hi\n    - hi\n'
        '    -  hello there \n    - "hey"\n',
        "utf-8",
    )
    (tmp_path / "data" / "rich.yml").write_text(RICH, "utf-8")
    return tmp_path


def test_our_own_files_are_imported_as_by_rasa() -> None:
    ours, rasas = imported(ROOT)

    assert {name: ours[name] == rasas[name] for name in ("lines", "others", "rules", "domain")} == dict.fromkeys(
        ("lines", "others", "rules", "domain"), True
    )
    assert len(ours["lines"]) > 10_000
    assert (ours["kinds"], rasas["kinds"]) == (["Line", "Message"], ["Message"])


def test_a_file_with_entities_or_synonyms_is_read_as_by_rasa(project: Path) -> None:
    ours, rasas = imported(project)

    assert ours | {"kinds": None} == rasas | {"kinds": None}
    assert [line["text"] for line in ours["lines"] if line.get("intent") == "greet" and "text" in line] == [
        "hi", "hello there", '"hey"',
    ]  # fmt: skip
    assert ours["others"][0] == {"big": "large", "huge": "large"}


@pytest.mark.parametrize(
    "wrong",
    [
        'version: "3.1"\nnlu:\n- intnt: greet\n  examples: |\n    - hi\n',
        'version: "3.1"\nnlu:\n- intent: greet\n  examples: 7\n',
        'version: "3.1"\nnlu: greet\n',
    ],
)
def test_what_rasa_refuses_is_refused(project: Path, wrong: str) -> None:
    (project / "data" / "wrong.yml").write_text(wrong, "utf-8")

    with pytest.raises(AssertionError, match=r"wrong\.yml"):
        imported(project)
