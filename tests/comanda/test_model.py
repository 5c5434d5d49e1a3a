"""When a model is current and when it is not."""

from __future__ import annotations

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
    current.write_text("a model")

    assert ensure_model() == current
    assert current.read_text() == "a model"


def test_a_training_that_fails_leaves_nothing_that_looks_like_a_model(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = project / "rasa" / "bin" / "python"
    python.parent.mkdir(parents=True)
    # Stands in for a Rasa that is killed half-way: it has written a file and ends badly.
    python.write_text(
        '#!/bin/sh\nwhile [ "$1" != --out ]; do shift; done\nmkdir -p "$2"; : > "$2/model.tar.gz"; exit 9\n'
    )
    python.chmod(0o755)
    monkeypatch.setattr(model, "RASA_ENVIRONMENT", project / "rasa")

    with pytest.raises(TrainingFailed, match="exit 9"):
        ensure_model()

    assert sorted(path.name for path in (project / "models").iterdir()) == ["train.lock", "train.log"]
