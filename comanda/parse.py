"""`comanda parse`: what the trained model understands, from the environment where it lives."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from comanda.model import ensure_model
from comanda.project import RASA_ENVIRONMENT, READING_SETTINGS, ROOT


def parse_texts(text: str | None, file: Path | None, *, as_json: bool) -> int:
    """Print what is understood in `text` or in each line of `file`; returns the exit code.

    Standard output carries the results alone. Raises: TrainingFailed when there is no model and none can be made.
    """
    model = ensure_model()
    command = [str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "nlu.parse", "--model", str(model)]
    command += ["--file", str(file.resolve())] if file else []
    command += ["--json"] if as_json else []
    # A text may begin with a dash, and is not an option then.
    command += ["--", text] if text is not None else []
    return subprocess.run(command, cwd=ROOT, env=os.environ | READING_SETTINGS).returncode
