"""A running bot: its web process and its worker as real processes, with the neighbours of neighbours.py."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from kernel.config import Settings
from kernel.db import Database
from tests.bot.neighbours import Neighbours, echo, wait_until
from tests.bot.page import Page
from tests.bot.telegram import TOKEN as TELEGRAM_TOKEN
from tests.bot.telegram import Telegram
from tests.bot.twilio import ACCOUNT, TOKEN, Twilio
from tests.conftest import DATABASES, PostgresServer
from tests.forked import Forked

SITE_KEY = "the key that the shop's own site signs with"
ROOT = Path(__file__).parents[2]
# Importing takes seconds on a busy machine.
START_S = 120.0


class Running:
    """The bot of one test. Processes are ended by their pid, and started again with the same settings."""

    def __init__(self, home: Path, database_url: str, neighbours: Neighbours) -> None:
        self.neighbours = neighbours
        self.twilio = Twilio()
        self.telegram = Telegram()
        self.port = _free_port()
        self.environment = {
            "COMANDA_HOME": str(home),
            "COMANDA_SECRET": "a secret of tests that is long enough to be one",
            "DATABASE_URL": database_url,
            "PORT": str(self.port),
            "RASA_URL": neighbours.url,
            "BACKEND_URL": neighbours.url,
            "LOG_LEVEL": "WARNING",
            # Tests do not type as slowly as people.
            "COMANDA_TURNS_A_MINUTE": "10000",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_WHATSAPP_FROM": "+14155238886",
            "TWILIO_API_BASE": self.twilio.url,
            "TELEGRAM_BOT_TOKEN": TELEGRAM_TOKEN,
            "TELEGRAM_API_BASE": self.telegram.url,
            "COMANDA_SITE_KEY": SITE_KEY,
            # All visitors of a test come from here.
            "COMANDA_MESSAGES_PER_ADDRESS": "0",
        }
        self.settings = Settings.model_validate(self.environment)
        self.database = Database(database_url)
        self.processes: dict[str, Forked | subprocess.Popen[bytes]] = {}
        self.pages: list[Page] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start_web(self) -> None:
        self._start("web", "tests.bot.web_process")
        wait_until(self._web_answers, timeout_s=START_S, what="the web process")

    def start_worker(self) -> None:
        sign = self.settings.home / "run" / "worker.alive"
        sign.unlink(missing_ok=True)
        self._start("worker", "comanda.worker")
        wait_until(lambda: sign.exists() or self._has_ended("worker"), timeout_s=START_S, what="the worker")

    def _start(self, name: str, module: str) -> None:
        self.processes[name] = Forked(module, os.environ | self.environment)

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait()

    def terminate(self, name: str, timeout_s: float = 60.0) -> int:
        self.processes[name].send_signal(signal.SIGTERM)
        return self.processes[name].wait(timeout_s)

    def _has_ended(self, name: str) -> bool:
        assert self.processes[name].poll() is None, f"the {name} process ended"
        return False

    def _web_answers(self) -> bool:
        self._has_ended("web")
        try:
            return httpx.get(f"{self.url}/healthz", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False

    def page(self, **options: str) -> Page:
        page = Page(self.url, **options).open()
        self.pages.append(page)
        return page

    def page_of(self, token: str | None) -> Page:
        """The page of a visitor who comes back, and has forgotten what was said."""
        page = Page(self.url)
        page.token = token
        self.pages.append(page)
        return page.open()

    def rows(self, query: str, **parameters: object) -> list[tuple[object, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query), parameters)]

    def close_pages(self) -> None:
        for page in self.pages:
            page.close()
        self.pages.clear()

    def end_processes(self) -> None:
        self.close_pages()
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
                process.wait()
        self.processes.clear()

    def stop(self) -> None:
        self.end_processes()
        self.database.dispose()
        self.twilio.stop()
        self.telegram.stop()


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
def own_bot(tmp_path: Path, database_url: str, neighbours: Neighbours) -> Iterator[Running]:
    """A bot of this test alone, to be hurt. Nothing of it runs yet."""
    running = Running(tmp_path, database_url, neighbours)
    yield running
    running.stop()


@pytest.fixture(scope="session", params=DATABASES)
def shared_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("shared-bot") / "comanda.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    yield from postgres.database(request.getfixturevalue("postgres_template"))


_shared: list[Running] = []


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """A bot at rest still looks for work: the shared one ends with the last test here, or starts again for another."""
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        for running in _shared:
            running.end_processes()


@pytest.fixture(scope="session")
def shared_bot(shared_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    neighbours = Neighbours()
    neighbours.start()
    running = Running(tmp_path_factory.mktemp("home"), shared_database_url, neighbours)
    _shared.append(running)
    yield running
    _shared.remove(running)
    running.stop()
    neighbours.stop()


@pytest.fixture
def bot(shared_bot: Running) -> Iterator[Running]:
    """A running bot that the tests of a run share: each is a visitor, and leaves it as it was."""
    if not shared_bot.processes:
        shared_bot.start_web()
        shared_bot.start_worker()
    yield shared_bot
    shared_bot.neighbours.answer = echo
    shared_bot.close_pages()


@pytest.fixture
def page(bot: Running) -> Page:
    return bot.page()


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    """Twilio's API, which takes nothing that Twilio would not."""
    twilio = Twilio()
    yield twilio
    twilio.stop()
    assert twilio.violations == []


@pytest.fixture
def telegram() -> Iterator[Telegram]:
    """Telegram's Bot API, which takes nothing that Telegram would not."""
    telegram = Telegram()
    yield telegram
    telegram.stop()
    assert telegram.violations == []
