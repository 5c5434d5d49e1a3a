"""The whole product as its owner runs it: `comanda up`, with every process real, in a home of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx
from sqlalchemy import select, text

from backend.audit import Finding, audit
from backend.client import BackendClient
from bot.notices import service as notices
from bot.notices.models import Notice
from bot.notices.plan import FEEDBACK
from comanda.process_identity import ProcessIdentity
from comanda.project import ROOT
from comanda.web_chat import Visitor, WebChat, chat_address
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal, mint

ARTIFACTS = ROOT / "artifacts"
# What every process of a product reads first: it notes who would reach beyond this machine.
EGRESS = Path(__file__).parent / "egress"
COMANDA = Path(sys.executable).parent / "comanda"
# With no model yet it trains one, and other tests take their share of the machine.
START_TIMEOUT_S = 600
STOP_TIMEOUT_S = 30
TOKEN_LIFETIME = timedelta(minutes=5)
Answer = TypeVar("Answer")
PROCESSES = ("rasa", "actions", "web", "worker")


class Product:
    """A running Comanda. `rows` asks its database, `pid` names its processes, `chat` is a customer."""

    def __init__(self, home: Path) -> None:
        ports = dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), map(str, free_ports(3)), strict=True))
        # Tests run at night, too: with quiet hours a notice would wait for the morning.
        self.egress_log = home / "egress.log"
        self.environment = ports | {
            "PYTHONPATH": str(EGRESS),
            "EGRESS_LOG": str(self.egress_log),
            "COMANDA_HOME": str(home),
            "COMANDA_MODE": "demo",
            "COMANDA_DEMO_MONTH": "0",
            "COMANDA_QUIET_HOURS": "00:00-00:00",
            # Nor do tests type as slowly as people.
            "COMANDA_TURNS_A_MINUTE": "10000",
        }
        self.settings = Settings.model_validate(self.environment)
        self.home = home
        self.url = self.settings.public_url
        self._log = home / "up.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._database: Database | None = None

    def start(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        clean = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "PUBLIC_URL")}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen([COMANDA, "up"], cwd=ROOT, env=clean | self.environment, stderr=log)
        wait_until(lambda: "Comanda is ready" in self.said() or self._has_ended(), START_TIMEOUT_S, "a ready Comanda")
        assert not self._has_ended(), f"comanda up ended with exit {self._process.returncode}:\n{self.said()}"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return self._process.wait(STOP_TIMEOUT_S)

    def said(self) -> str:
        """What `comanda up` told the person at the terminal."""
        return self._log.read_text(errors="replace")

    def pid(self, name: str) -> int:
        identity = ProcessIdentity.read(self.home / "run" / f"{name}.pid")
        assert identity is not None, f"{name} does not run"
        return identity.pid

    def kill(self, name: str) -> None:
        """`kill -9` of one process; what follows is the supervisor's business."""
        os.kill(self.pid(name), signal.SIGKILL)

    def wait_until_ready(self, timeout_s: float = 180) -> None:
        wait_until(self.is_ready, timeout_s, "every part to be ready")

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", timeout=10).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """The rows of a query, as the product's own database tells them."""
        with self._opened().read() as session:
            return [dict(row) for row in session.execute(text(statement), parameters).mappings()]

    def does(self, statement: str, **parameters: Any) -> None:
        """What time, or somebody else, does to the product's database."""
        with self._opened().write() as session:
            session.execute(text(statement), parameters)

    def findings(self) -> list[Finding]:
        """What the auditor finds wrong in the product's database."""
        with self._opened().read() as session:
            return audit(session)

    def asks_now(self, number: str) -> None:
        """The ten minutes after which the bot asks how an order arrived are over."""
        with self._opened().write() as session:
            asked = select(Notice).where(Notice.what == FEEDBACK, Notice.subject == number)
            notices.postpone(session, session.scalars(asked).one(), clock.now())

    def staff(self, role: str, work: Callable[[BackendClient], Awaitable[Answer]]) -> Answer:
        """Work of the shop's people, through the real OMS, with what `role` allows and no more."""

        async def working() -> Answer:
            token = self._token(Principal("staff", role, grants=frozenset({f"role:{role}"})))
            async with BackendClient(self.settings.backend_url, token) as oms:
                return await work(oms)

        return asyncio.run(working())

    def partner_says(self, token: str, path: str, body: dict[str, Any]) -> Any:
        """One call of a partner's own program, which must succeed."""
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        answer = httpx.post(f"{self.settings.backend_url}/partner/{path}", json=body, headers=headers, timeout=30)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def _token(self, principal: Principal) -> str:
        return mint(principal, self.settings.signing_key(), TOKEN_LIFETIME)

    def _opened(self) -> Database:
        self._database = self._database or Database(self.settings.database_url)
        return self._database

    @contextmanager
    def chat(self, language: str = "es") -> Iterator[WebChat]:
        """A new customer, through the real web channel."""
        socket_url, origin = chat_address(self.settings, None)
        with WebChat(socket_url, origin, Visitor(), language) as chat:
            yield chat

    def keep_logs(self, name: str) -> None:
        """Leave what every process said where CI finds it."""
        folder = ARTIFACTS / "logs" / name
        shutil.rmtree(folder, ignore_errors=True)
        if self._log.exists():
            shutil.copytree(self.home / "logs", folder)
            shutil.copy(self._log, folder)

    def close(self) -> None:
        if self._database is not None:
            self._database.dispose()
        if self._process is not None and not self._has_ended():
            self.stop()

    def _has_ended(self) -> bool:
        assert self._process is not None
        return self._process.poll() is not None


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def free_row_of_ports(count: int) -> int:
    """The first of so many ports in a row that nobody listens on."""
    while True:
        (first,) = free_ports(1)
        try:
            if first <= 65_000:
                for port in range(first, first + count):
                    socket.create_server(("127.0.0.1", port)).close()
                return first
        except OSError:
            continue


def wait_until(fact: Callable[[], bool], timeout_s: float, what: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not fact():
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s in vain for {what}"
        time.sleep(0.1)
