"""The processes that make up a running Comanda, and how each is started."""

from __future__ import annotations

import socket
import sys
from functools import partial
from pathlib import Path

from comanda import readiness
from comanda.failure import Failure
from comanda.project import RASA_ENVIRONMENT, READING_SETTINGS
from comanda.supervisor import ProcessSpec
from comanda.telemetry import LOOPBACK, PORTS
from kernel.config import Settings

# On a machine that is full, what was written is taken in and acknowledged before anything is thought about: providers
# give up on whoever is slow, and what is stored can wait.
THINKING = 10


class PortTaken(Failure):
    """Something else listens where we would, with the setting to change."""


def rasa(settings: Settings, model: Path) -> ProcessSpec:
    """Rasa with its API, on loopback only: it obeys whoever reaches it."""
    command = [
        str(RASA_ENVIRONMENT / "bin" / "python"), "-m", "rasa", "run", "--enable-api",
        "--interface", "127.0.0.1", "--port", str(settings.rasa_port), "--model", str(model),
    ]  # fmt: skip
    is_ready = partial(readiness.rasa_is_ready, settings)
    return ProcessSpec("rasa", command, is_ready, rasa_environment(settings), THINKING)


def rasa_environment(settings: Settings) -> dict[str, str]:
    """What `endpoints.yml` reads, and what keeps Rasa quiet and at home."""
    return (
        _environment(settings)
        | READING_SETTINGS
        | {
            "ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
            "RASA_TRACKER_DB": str(settings.home / "rasa-trackers.db"),
        }
    )


def actions(settings: Settings) -> ProcessSpec:
    is_ready = partial(readiness.actions_are_ready, settings)
    return _ours("actions", settings, is_ready, module="comanda.action_server", niceness=THINKING)


def web(settings: Settings) -> ProcessSpec:
    return _ours("web", settings, partial(readiness.web_is_ready, settings), module="comanda.prefork")


def worker(settings: Settings) -> ProcessSpec:
    # The sign of the previous worker's life is not this one's.
    readiness.worker_sign(settings).unlink(missing_ok=True)
    return _ours("worker", settings, partial(readiness.worker_is_ready, settings), niceness=THINKING)


def refuse_taken_ports(settings: Settings) -> None:
    """Raises: PortTaken, naming the port and the setting that moves us elsewhere."""
    metered = settings.metrics_port > 0
    for variable, host, port in (
        ("PORT", settings.host, settings.port),
        ("RASA_PORT", "127.0.0.1", settings.rasa_port),
        ("ACTIONS_PORT", "127.0.0.1", settings.actions_port),
        *(("COMANDA_METRICS_PORT", LOOPBACK, settings.metrics_port + each) for each in PORTS.values() if metered),
    ):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            # As servers do: a port that merely lingers from a closed connection is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise PortTaken(
                    f"port {port} on {host} cannot be used ({error.strerror}). "
                    f"Choose another, for example: {variable}={port + 1000} make up"
                ) from None


def _ours(name: str, settings: Settings, is_ready: partial[bool], module: str = "", niceness: int = 0) -> ProcessSpec:
    command = [sys.executable, "-m", module or f"comanda.{name}"]
    return ProcessSpec(name, command, is_ready, _environment(settings), niceness)


def _environment(settings: Settings) -> dict[str, str]:
    """The same settings for every process, whatever directory it runs in."""
    return {
        "COMANDA_HOME": str(settings.home),
        "COMANDA_MODE": settings.mode,
        "COMANDA_SECRET": settings.secret.get_secret_value(),
        "COMANDA_ALLOWED_ORIGINS": settings.allowed_origins,
        "DATABASE_URL": settings.database_url,
        "HOST": settings.host,
        "PORT": str(settings.port),
        "RASA_PORT": str(settings.rasa_port),
        "ACTIONS_PORT": str(settings.actions_port),
        "PUBLIC_URL": settings.public_url,
        "BACKEND_URL": settings.backend_url,
        "RASA_URL": settings.rasa_url,
        "LOG_LEVEL": settings.log_level,
        "OTEL_EXPORTER_OTLP_ENDPOINT": settings.otlp_endpoint,
        "COMANDA_METRICS_PORT": str(settings.metrics_port),
        "PYTHONUNBUFFERED": "1",
    }
