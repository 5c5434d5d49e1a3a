"""What staff taught becomes training lines: once, checked against what is there, and it changes what is understood."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest
from typer.testing import CliRunner

from bot.learning import service as learning
from bot.learning.service import Unsure
from comanda import lessons, model
from comanda.cli import app
from comanda.lessons import LabelsUnreadable, judge, learn
from comanda.project import RASA_ENVIRONMENT, READING_SETTINGS, ROOT
from comanda.training_lines import Line, read_lines
from kernel import ids
from kernel.config import Settings
from kernel.db import Database
from kernel.tables import write_table
from tests.bot.desk_of import Shop

# What "errand" means for a Colombian, and no line of ours says it.
SLANG = "cómo va la vueltica"


COMES_WITH = {
    "data/nlu/orders.es.yml": """\
        nlu:
        - intent: order_track
          metadata: {language: es}
          examples: |
            - dónde está mi pedido
            - ya viene lo que pedí ayer
        - intent: pay_start
          metadata: {language: es}
          examples: |
            - quiero pagar la cuenta
        - intent: greet
          metadata: {language: es}
          examples: |
            - buenos días
        - intent: human_request
          metadata: {language: en}
          examples: |
            - let me talk to a person
        """,
    "tests/nlu/heldout/first.es.yml": "order_track:\n- oiga por dónde va el pedido que hice\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with a few lines to train by, and one to measure by."""
    root = tmp_path / "project"
    for name, content in COMES_WITH.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(dedent(content), encoding="utf-8")
    return root


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(COMANDA_HOME=tmp_path)


def told(folder: Path, *rows: tuple[str, str, str]) -> Path:
    file = folder / "labels.csv"
    file.write_text("\ufeff" + write_table([("language", "intent", "text"), *rows]), encoding="utf-8")
    return file


def learnt(root: Path) -> list[tuple[str, str, str]]:
    return [(line.language, line.intent, line.text) for line in read_lines(root / lessons.WHERE)]


def test_labels_become_training_lines_and_learning_again_changes_nothing(project: Path, settings: Settings) -> None:
    file = told(
        project,
        ("es", "order_track", SLANG),
        ("en", "human_request", "put the boss on"),
        ("es", "greet", "=wenas ñero"),
    )

    first = learn(settings, file, project)
    before = {path: path.stat().st_mtime_ns for path in (project / lessons.WHERE).iterdir()}
    second = learn(settings, file, project)

    assert (len(first.taken), first.left, second) == (3, [], first)
    assert learnt(project) == [
        ("en", "human_request", "put the boss on"),
        ("es", "greet", "=wenas ñero"),
        ("es", "order_track", SLANG),
    ]
    assert {path: path.stat().st_mtime_ns for path in (project / lessons.WHERE).iterdir()} == before


def test_what_is_no_longer_taught_is_forgotten(project: Path, settings: Settings) -> None:
    learn(settings, told(project, ("es", "order_track", SLANG)), project)

    learn(settings, told(project), project)

    assert learnt(project) == []


@pytest.mark.parametrize(
    ("why", "label"),
    [
        ("contradiction", Line("labels", "es", "pay_start", "Dónde está mi pedido?")),
        ("double", Line("labels", "es", "order_track", "donde esta mi pedido")),
        # What is measured by is not learnt by heart.
        ("leak", Line("labels", "es", "order_track", "oiga, por donde va el pedido que hice")),
        ("unknown_intent", Line("labels", "es", "sing_a_song", "cántame algo")),
        ("unknown_language", Line("labels", "pt", "greet", "bom dia para você")),
        ("too_long", Line("labels", "es", "greet", "hola " * 50)),
        ("empty", Line("labels", "es", "greet", "")),
    ],
)
def test_a_label_that_teaches_nothing_or_the_contrary_is_left_out(project: Path, why: str, label: Line) -> None:
    judged = judge([label], project)
    assert [(each.why, each.line) for each in judged.left] == [(why, label)]
    assert judged.taken == []


def test_nearly_the_words_of_another_wish_is_just_what_is_to_be_learnt(project: Path) -> None:
    label = Line("labels", "es", "order_track", "ya quiero pagar la cuenta")
    assert judge([label], project).taken == [label]


def test_of_two_labels_for_the_same_words_the_newer_counts(project: Path) -> None:
    older, newer = (Line("labels", "es", intent, SLANG) for intent in ("pay_start", "order_track"))

    judged = judge([older, newer], project)

    assert judged.taken == [newer]
    assert [(each.why, each.line) for each in judged.left] == [("contradiction", older)]


def test_marks_of_training_files_in_a_customers_words_are_only_blanks(project: Path, settings: Settings) -> None:
    learn(settings, told(project, ("es", "greet", "el [pan](order_number) ñeco\n- intent: x")), project)

    assert learnt(project) == [("es", "greet", "el pan order_number ñeco - intent: x")]


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"a,b\n1,2\n", b""])
def test_a_file_that_is_no_table_of_labels_is_refused_and_nothing_forgotten(
    project: Path, settings: Settings, content: bytes
) -> None:
    learn(settings, told(project, ("es", "order_track", SLANG)), project)
    file = project / "other.csv"
    file.write_bytes(content)

    with pytest.raises(LabelsUnreadable, match=r"other\.csv is not a labels\.csv"):
        learn(settings, file, project)

    assert learnt(project) == [("es", "order_track", SLANG)]


def test_the_labels_of_the_database_are_learnt(project: Path, database: Database, tmp_path: Path) -> None:
    shop = Shop(database, tmp_path)
    conversation_id = shop.opens("hola", owner="assistant", sender=ids.new_id())
    for words, intent in ((SLANG, "order_track"), ("q sale", None)):
        message_id = shop.hears(conversation_id, words)
        with shop.delivery.to(conversation_id) as (session, conversation):
            learning.note(session, message_id, conversation, Unsure("cart_add", 41, False))
            learning.label(session, message_id, intent, words if intent else "", "rosa")

    learn(Settings(COMANDA_HOME=tmp_path, DATABASE_URL=database.url), root=project)

    assert learnt(project) == [("es", "order_track", SLANG)]


def parsed(path: Path) -> str:
    command = [str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "nlu.parse", "--model", str(path), "--json", "--", SLANG]
    environment = os.environ | READING_SETTINGS | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return str(json.loads(done.stdout)["intent"])


# A training takes some 20 seconds, and many times that on a machine that does much else.
@pytest.mark.timeout(900)
@pytest.mark.rasa
def test_one_label_changes_what_the_trained_model_understands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parsed(model.ensure_model()) != "order_track"
    root = whole_project(tmp_path / "whole")
    for module in (model, lessons):
        monkeypatch.setattr(module, "ROOT", root)
    monkeypatch.setattr(model, "MODELS", root / "models")
    monkeypatch.setenv("COMANDA_HOME", str(tmp_path))

    file = told(tmp_path, ("es", "order_track", SLANG))
    done = CliRunner().invoke(app, ["train", "--labels", str(file)])

    assert done.exit_code == 0, done.output
    assert "1 of 1 labels" in done.stderr
    assert parsed(model.model_path()) == "order_track"


def whole_project(root: Path) -> Path:
    """A copy of all that a model is made from."""
    root.mkdir()
    for name in ("config.yml", "domain.yml"):
        shutil.copy(ROOT / name, root / name)
    shutil.copytree(ROOT / "data", root / "data", ignore=shutil.ignore_patterns("learnt"))
    for name in ("nlu", "tests"):
        (root / name).symlink_to(ROOT / name)
    return root
