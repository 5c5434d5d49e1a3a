"""When a model is current and when it is not."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from comanda import model
from comanda.model import TrainingFailed, ensure_model, sources_hash


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one source of each kind, and the place for its models."""
    for name, content in {
        "config.yml": "pipeline: []",
        "domain.yml": "intents: []",
        "data/nlu/greet.es.yml": "nlu: []",
        "nlu/features.py": "WIDTH = 3",
        "README.md": "Comanda",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(model, "ROOT", tmp_path)
    monkeypatch.setattr(model, "MODELS", tmp_path / "models")
    return tmp_path


def stand_in_for_rasa(project: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """A program in Rasa's place that is told the folder for its model, `$2`."""
    python = project / "rasa" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nwhile [ "$1" != --out ]; do shift; done\nmkdir -p "$2"; {does}\n')
    python.chmod(0o755)
    monkeypatch.setattr(model, "RASA_ENVIRONMENT", project / "rasa")


@pytest.mark.parametrize("source", ["config.yml", "domain.yml", "data/nlu/greet.es.yml", "nlu/features.py"])
def test_a_changed_source_asks_for_another_model(project: Path, source: str) -> None:
    before = sources_hash()

    (project / source).write_text("changed")

    assert sources_hash() != before


def test_a_new_source_asks_for_another_model(project: Path) -> None:
    before = sources_hash()

    (project / "data/nlu/greet.en.yml").write_text("nlu: []")

    assert sources_hash() != before


def test_what_a_model_is_not_made_from_leaves_it_current(project: Path) -> None:
    before = sources_hash()

    (project / "README.md").write_text("changed")

    assert sources_hash() == before


def test_a_current_model_is_not_trained_again(project: Path) -> None:
    (project / "models").mkdir()
    current = project / "models" / f"{sources_hash()}.tar.gz"
    current.write_bytes(gzip.compress(b"a model"))

    assert ensure_model() == current
    assert gzip.decompress(current.read_bytes()) == b"a model"


# case 41
@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:-9], lambda whole: whole[:40] + b"?" + whole[41:], lambda _: b"", lambda _: b"?" * 99],
)
def test_a_damaged_model_is_trained_anew_and_never_served(
    project: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes]
) -> None:
    (project / "models").mkdir()
    current = project / "models" / f"{sources_hash()}.tar.gz"
    current.write_bytes(damage(gzip.compress(random.Random(1).randbytes(200))))
    stand_in_for_rasa(project, monkeypatch, 'printf anew | gzip > "$2/model.tar.gz"')

    assert ensure_model() == current
    assert gzip.decompress(current.read_bytes()) == b"anew"


def test_a_training_that_fails_leaves_nothing_that_looks_like_a_model(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a Rasa that is killed half-way: it has written a file and ends badly.
    stand_in_for_rasa(project, monkeypatch, ': > "$2/model.tar.gz"; exit 9')

    with pytest.raises(TrainingFailed, match="exit 9"):
        ensure_model()

    assert sorted(path.name for path in (project / "models").iterdir()) == ["train.lock", "train.log"]
