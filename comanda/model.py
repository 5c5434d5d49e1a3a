"""The trained model: named after everything it is made from, so that it is trained once and never stale."""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import os
import shutil
import subprocess
import zlib
from pathlib import Path

from comanda.bootstrap import RASA_VERSION
from comanda.failure import Failure
from comanda.progress import heartbeat, say
from comanda.project import MODELS, RASA_ENVIRONMENT, RASA_SETTINGS, ROOT
from nlu.processor import runs_second_encoder

# What a model is made from, relative to the project: file patterns.
SOURCES = ("config.yml", "domain.yml", "domain/**/*.yml", "data/**/*.yml", "nlu/**/*.py", "nlu/**/*.yml")
# Rasa keeps no parts of a training for the next.
TRAINING_SETTINGS = RASA_SETTINGS | {"RASA_MAX_CACHE_SIZE": "0"}
KEPT = 3
LAST_WORDS = 12


class TrainingFailed(Failure):
    """Rasa refused to train, and what it said last."""


def model_path() -> Path:
    """Where the model of the present sources lies, or will: `models/<hash of its sources>.tar.gz`."""
    return MODELS / f"{sources_hash()}.tar.gz"


def sources_hash() -> str:
    """Sixteen hex digits that change with any source's name or content, or with Rasa's version."""
    digest = hashlib.sha256(RASA_VERSION.encode())
    if not runs_second_encoder():
        digest.update(b"one encoder")
    for path in source_files():
        digest.update(f"\0{path.relative_to(ROOT)}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def source_files() -> list[Path]:
    return sorted({path for pattern in SOURCES for path in ROOT.glob(pattern)})


def ensure_model() -> Path:
    """The model of the present sources, trained now if there is none. Two that want it at once train it once.

    Raises: TrainingFailed.
    """
    return model_path() if _is_whole(model_path()) else train()


def train(*, anew: bool = False) -> Path:
    """Train and return the model's path; `anew` trains even if there is one.

    Raises: TrainingFailed.
    """
    MODELS.mkdir(exist_ok=True)
    with (MODELS / "train.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        model = model_path()
        if anew or not _is_whole(model):
            _train_into(model)
            _forget_old_models(model)
    return model


def _is_whole(model: Path) -> bool:
    """Is it there, to its last byte? A copy that was cut off would leave Rasa running with nothing to understand by."""
    try:
        with gzip.open(model) as content:
            if not content.read(1):
                raise EOFError
            while content.read(1024 * 1024):
                pass
    except FileNotFoundError:
        return False
    except (EOFError, OSError, zlib.error):
        say(f"      {model.name} is damaged; training it anew")
        return False
    return True


def _train_into(model: Path) -> None:
    """Train beside `model` and move it there whole: a killed training leaves nothing that looks like a model.

    Rasa neither reads everything a second time to validate it, which a test does, nor looks for parts of earlier
    trainings: to find out whether one is the same takes it longer than to make them.
    """
    workplace = MODELS / f"training-{os.getpid()}"
    command = [
        str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "rasa", "train", "--quiet", "--force", "--skip-validation",
        "--out", str(workplace), "--fixed-model-name", "model",
    ]  # fmt: skip
    try:
        # Rasa says a great deal, most of it about the libraries it was made with; its last words matter when it fails.
        with heartbeat("training"), (MODELS / "train.log").open("w+") as log:
            done = subprocess.run(command, cwd=ROOT, env=os.environ | TRAINING_SETTINGS, stdout=log, stderr=log)
            log.seek(0)
            said = log.read().splitlines()
        if done.returncode != 0 or not (workplace / "model.tar.gz").exists():
            last_words = "\n".join(said[-LAST_WORDS:])
            raise TrainingFailed(
                f"rasa train ended with exit {done.returncode}. The end of models/train.log:\n{last_words}"
            )
        (workplace / "model.tar.gz").replace(model)
    finally:
        shutil.rmtree(workplace, ignore_errors=True)


def _forget_old_models(newest: Path) -> None:
    others = sorted((path for path in MODELS.glob("*.tar.gz") if path != newest), key=lambda path: path.stat().st_mtime)
    for path in others[: max(0, len(others) - (KEPT - 1))]:
        path.unlink()
