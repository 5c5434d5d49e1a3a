"""A whole Comanda to measure: started by `comanda up` as people start it, with a home and ports of its own."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.processes import free_port, process
from comanda.process_identity import ProcessIdentity
from kernel.config import Settings

COMANDA = str(Path(sys.executable).parent / "comanda")
READY = "Comanda is ready"
READY_PATIENCE_S = 240.0


@dataclass(frozen=True, slots=True)
class Running:
    """It answers customers. `ready_s` is how long that took, from the command on."""

    settings: Settings
    ready_s: float

    def processes(self) -> dict[str, psutil.Process]:
        """Each process of it by name: web, worker, rasa, actions, and the supervisor that looks after them.

        `web` is the one that serves; `web-parent`, from which it was forked, waits for its end.
        """
        found = {path.stem: ProcessIdentity.read(path) for path in (self.settings.home / "run").glob("*.pid")}
        processes = {name: psutil.Process(identity.pid) for name, identity in sorted(found.items()) if identity}
        if "web" in processes and (forked := processes["web"].children()):
            processes |= {"web-parent": processes["web"], "web": forked[0]}
        return processes


@contextmanager
def running(home: Path, more: Mapping[str, str] | None = None) -> Iterator[Running]:
    """`comanda up` from `home`, with `more` settings, ready; everything of it has ended on the way out."""
    port, rasa_port, actions_port = (str(free_port()) for _ in range(3))
    environment = {
        "COMANDA_HOME": str(home),
        # Nobody types as fast as a measurement.
        "COMANDA_TURNS_A_MINUTE": "1000000",
        "PORT": port,
        "RASA_PORT": rasa_port,
        "ACTIONS_PORT": actions_port,
        # Whatever the shell has for a shop of one's own is not for this one.
        **dict.fromkeys(("DATABASE_URL", "PUBLIC_URL", "BACKEND_URL", "RASA_URL", "COMANDA_SECRET"), ""),
        "COMANDA_MODE": "demo",
        # All customers of a measurement come from here.
        "COMANDA_MESSAGES_PER_ADDRESS": "0",
        **(more or {}),
    }
    home.mkdir(parents=True, exist_ok=True)
    began_at = time.monotonic()
    with process([COMANDA, "up"], environment, home / "up.log") as supervisor:
        supervisor.wait_until(lambda: READY in supervisor.said(), READY_PATIENCE_S)
        yield Running(Settings.model_validate(environment), time.monotonic() - began_at)
