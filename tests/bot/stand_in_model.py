"""A language model's endpoint for tests: a process of its own that says what it is told to (`model_process.py`)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

_PROCESS = Path(__file__).with_name("model_process.py")


@dataclass(frozen=True, slots=True)
class StandInModel:
    """Answers under `{url}/v1` as OpenAI's chat completions do."""

    url: str

    def says(self, answers: str) -> None:
        """How the model named `told` answers from now on: `say:…`, `slow`, `broken` …"""
        httpx.put(f"{self.url}/told", json={"model": answers}).raise_for_status()

    def seen(self) -> list[dict[str, Any]]:
        """What it was asked, oldest first."""
        return list(httpx.get(f"{self.url}/seen").json())


@contextmanager
def stand_in_model() -> Iterator[StandInModel]:
    """One on a free port, until the end of the block."""
    with subprocess.Popen([sys.executable, str(_PROCESS)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield StandInModel(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        process.terminate()
