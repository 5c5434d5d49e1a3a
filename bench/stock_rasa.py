"""Rasa as it comes: the starter bot of `rasa init` with its default pipeline, trained once.

Its REST channel is what is asked: its socket channel does not take a WebSocket with the Sanic that Rasa 3.6.21 brings.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Process, answers, free_port, process
from comanda.bootstrap import RASA_VERSION
from comanda.project import RASA_ENVIRONMENT, RASA_SETTINGS

RASA = [str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "rasa"]
# Where it is kept from one measurement to the next.
FOLDER = Path(tempfile.gettempdir()) / f"comanda-bench-rasa-init-{RASA_VERSION}"
READY_PATIENCE_S = 180.0


def trained() -> Path:
    """The folder of the starter bot with its model, trained now if it is not there yet (some minutes)."""
    if not FOLDER.exists():
        with tempfile.TemporaryDirectory(dir=FOLDER.parent) as workplace:
            draft = Path(workplace) / "bot"
            draft.mkdir()
            command = [*RASA, "init", "--no-prompt", "--init-dir", str(draft)]
            with (Path(workplace) / "init.log").open("w+") as log:
                done = subprocess.run(command, env=os.environ | RASA_SETTINGS, stdout=log, stderr=log)
                log.seek(0)
                assert done.returncode == 0, log.read()[-3000:]
            shutil.move(draft, FOLDER)
    return FOLDER


@contextmanager
def stock_rasa(log: Path) -> Iterator[tuple[int, Process]]:
    """It answers on the port; its process."""
    port, folder = free_port(), trained()
    command = [
        *RASA, "run", "--enable-api", "--interface", "127.0.0.1", "--port", str(port),
        "--model", str(folder / "models"), "--credentials", str(folder / "credentials.yml"),
        "--endpoints", str(folder / "endpoints.yml"),
    ]  # fmt: skip
    with process(command, RASA_SETTINGS, log) as server:
        server.wait_until(lambda: answers(f"http://127.0.0.1:{port}/status"), READY_PATIENCE_S)
        yield port, server
