"""A running bot: its web process and its worker as real processes, with the neighbours of neighbours.py."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from kernel.config import Settings
from kernel.db import Database
from tests.bot.neighbours import Neighbours, wait_until
from tests.bot.page import Page

ROOT = Path(__file__).parents[2]


class Running:
    """The bot of one test. Processes are ended by their pid, and started again with the same settings."""

    def __init__(self, home: Path, database_url: str, neighbours: Neighbours) -> None:
        self.neighbours = neighbours
        self.port = _free_port()
        self.environment = {
            "COMANDA_HOME": str(home),
            "COMANDA_SECRET": "a secret of tests that is long enough to be one",
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "RASA_URL": neighbours.url,
            "BACKEND_URL": neighbours.url,
            "LOG_LEVEL": "WARNING",
        }
        self.settings = Settings.model_validate(self.environment)
        self.database = Database(database_url)
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.pages: list[Page] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_web(self) -> None:
        self._start("web", "tests.bot.web_process")
        wait_until(self._web_answers, what="the web process")

    def start_worker(self) -> None:
        sign = self.settings.home / "run" / "worker.alive"
        sign.unlink(missing_ok=True)
        self._start("worker", "comanda.worker")
        wait_until(sign.exists, what="the worker")

    def _start(self, name: str, module: str) -> None:
        environment = os.environ | self.environment
        self.processes[name] = subprocess.Popen([sys.executable, "-m", module], env=environment, cwd=ROOT)

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def terminate(self, name: str, timeout_s: float = 20.0) -> int:
        self.processes[name].send_signal(signal.SIGTERM)
        return self.processes[name].wait(timeout_s)

    def _web_answers(self) -> bool:
        assert self.processes["web"].poll() is None, "the web process ended"
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def page(self, **options: str) -> Page:
        page = Page(self.url, **options).open()
        self.pages.append(page)
        return page

    def rows(self, query: str, **parameters: object) -> list[tuple[object, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query), parameters)]

    def stop(self) -> None:
        for page in self.pages:
            page.close()
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        self.database.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def neighbours() -> Iterator[Neighbours]:
    neighbours = Neighbours()
    neighbours.start()
    yield neighbours
    neighbours.stop()


@pytest.fixture
def stopped_bot(tmp_path: Path, database_url: str, neighbours: Neighbours) -> Iterator[Running]:
    """Nothing runs yet."""
    running = Running(tmp_path, database_url, neighbours)
    yield running
    running.stop()


@pytest.fixture
def bot(stopped_bot: Running) -> Running:
    stopped_bot.start_web()
    stopped_bot.start_worker()
    return stopped_bot


@pytest.fixture
def page(bot: Running) -> Page:
    return bot.page()
