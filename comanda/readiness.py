"""Is a part ready to work? One question per part, each answered within two seconds."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import httpx

from kernel import tls
from kernel.config import Settings

ASK_TIMEOUT_S = 2.0
# The worker says that it lives every 2 s; this long without a word and it does not.
WORKER_SILENCE_MOST_S = 10.0
# A proxy from the environment has no business between two local processes.
_http = httpx.Client(timeout=ASK_TIMEOUT_S, trust_env=False, verify=tls.context())


def rasa_is_ready(settings: Settings) -> bool:
    """Rasa answers, and with a model loaded: before that `/status` is a 409."""
    return _ask(f"{settings.rasa_url}/status") is not None


def rasa_remembers(settings: Settings) -> bool:
    """Rasa reaches what it keeps of conversations: without it, it answers nothing (comanda/trackers.py)."""
    return _ask(f"{settings.rasa_url}/conversations/readyz/tracker?include_events=NONE") is not None


def rasa_model(settings: Settings) -> str | None:
    """The file name of the model that Rasa serves, or None when it serves none."""
    status = _ask(f"{settings.rasa_url}/status")
    return Path(str(status["model_file"])).name if status and status.get("model_file") else None


def actions_are_ready(settings: Settings) -> bool:
    return _ask(f"http://127.0.0.1:{settings.actions_port}/health") is not None


def web_is_ready(settings: Settings) -> bool:
    return _ask(f"{local_url(settings)}/healthz") is not None


def worker_is_ready(settings: Settings) -> bool:
    try:
        silence_s = time.time() - worker_sign(settings).stat().st_mtime
    except FileNotFoundError:
        return False
    return silence_s < WORKER_SILENCE_MOST_S


def worker_sign(settings: Settings) -> Path:
    """The file whose age says how long ago the worker last lived."""
    return settings.home / "run" / "worker.alive"


def local_url(settings: Settings) -> str:
    """The web process as seen from this machine, wherever the public reach it."""
    return f"http://127.0.0.1:{settings.port}"


def _ask(url: str) -> Any | None:
    """The JSON that a 200 carries; None for anything else."""
    try:
        answer = _http.get(url)
        return answer.json() if answer.status_code == httpx.codes.OK else None
    except (httpx.HTTPError, ValueError):
        return None
