"""A whole assistant for tests: the model of the present sources in a real Rasa, the real actions, the real OMS.

Started once for all tests of a process: training is skipped when the model exists, and Rasa takes half a minute.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import uvicorn

from backend.app import create_app
from backend.client import BackendClient
from bot.desk.handing_back import HANDED_BACK
from comanda import processes
from comanda.model import ensure_model
from comanda.project import ROOT
from comanda.supervisor import ProcessSpec
from kernel.config import Settings
from kernel.db import Database
from kernel.tokens import Principal, mint
from kernel.vouchers import Vouched, vouch

START_S = 180
TURN_S = 20
DOORS = {"whatsapp": "https://wa.me/14155238886?text={text}", "telegram": "https://t.me/laesquina_bot?start={token}"}
SECRET = "a-secret-for-tests-that-is-long-enough"


@dataclass
class Assistant:
    """Rasa, actions and OMS running; every conversation is a customer's own."""

    settings: Settings
    rasa: httpx.Client

    def service(self) -> BackendClient:
        """The OMS as the bot sees it."""
        return BackendClient(self.settings.backend_url, self.token("service", "bot"))

    def staff(self) -> BackendClient:
        """The OMS as the shop's people see it."""
        return BackendClient(self.settings.backend_url, self.token("staff", "warehouse"))

    def customer(self, customer_id: str) -> BackendClient:
        """The OMS with a customer's authority."""
        return BackendClient(self.settings.backend_url, self.token("customer", customer_id))

    def token(self, role: str, subject: str, conversation_id: str | None = None) -> str:
        grants = frozenset({"role:admin"}) if role == "staff" else frozenset()
        principal = Principal(role, subject, conversation_id, grants=grants)  # type: ignore[arg-type]
        return mint(principal, self.settings.signing_key(), timedelta(hours=1))


@dataclass
class Chat:
    """One customer's conversation, as the bot would carry it to Rasa."""

    assistant: Assistant
    customer_id: str
    locale: str | None = None
    channel: str = "web"
    id: str = field(default_factory=lambda: str(uuid4()))
    message_ids: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.assistant.token("customer", self.customer_id, self.id)

    def oms(self) -> BackendClient:
        """The OMS with this customer's authority."""
        return BackendClient(self.assistant.settings.backend_url, self.token)

    def send(
        self,
        text: str,
        *,
        via: str = "text",
        message_id: str | None = None,
        files: Sequence[dict[str, str]] = (),
        start_token: str | None = None,
        **told: Any,
    ) -> list[dict[str, Any]]:
        """What the assistant answers: Rasa's items. A button sends its payload with `via="button"`.

        `told` is what else the bot tells of the message.
        """
        self.message_ids.append(message_id or str(uuid4()))
        metadata = {
            "conversation_id": self.id,
            "message_id": self.message_ids[-1],
            "channel": self.channel,
            "locale": self.locale,
            "customer_token": self.token,
            "via": via,
            "attachments": list(files),
            "start_token": start_token,
            "doors": DOORS,
            **told,
        }
        body = {"sender": self.id, "message": text, "metadata": metadata}
        answer = self.assistant.rasa.post("/webhooks/rest/webhook", json=body)
        answer.raise_for_status()
        items: list[dict[str, Any]] = answer.json()
        return items

    def send_photo(self, words: str = "") -> list[dict[str, Any]]:
        """A photo like no other, with words or without, as the bot tells of it."""
        file = Vouched(str(uuid4()), self.customer_id, uuid4().hex * 2, "image/jpeg")
        voucher = vouch(file, self.assistant.settings.signing_key(), timedelta(days=7))
        files = [{"id": file.attachment_id, "type": file.type, "voucher": voucher}]
        return self.send(words or "/attachment_send", via="text" if words else "attachment", files=files)

    def give_back(self, numbers: Sequence[str]) -> list[dict[str, Any]]:
        """A person gives the conversation back to the assistant, as the bot tells it."""
        told = {"agent": "Rosa", "reason": "requested", "done": None, "messages": 2, "numbers": list(numbers)}
        return self.send(HANDED_BACK, via="button", handed_back=told)

    def slots(self) -> dict[str, Any]:
        """What Rasa remembers of the conversation."""
        tracker = self.assistant.rasa.get(f"/conversations/{self.id}/tracker").json()
        slots: dict[str, Any] = tracker["slots"]
        return slots


@contextmanager
def running_assistant(home: Path, shop: Path) -> Iterator[Assistant]:
    """Start everything on free ports with a copy of the database `shop` in `home`; stop it at the end."""
    settings = _settings(home)
    shutil.copy(shop, home / "comanda.db")
    with ExitStack() as stack:
        stack.enter_context(_oms(settings))
        model = ensure_model()
        stack.enter_context(_process(processes.actions(settings), home))
        stack.enter_context(_process(processes.rasa(settings, model), home))
        rasa = stack.enter_context(httpx.Client(base_url=settings.rasa_url, timeout=TURN_S))
        yield Assistant(settings, rasa)


def _settings(home: Path) -> Settings:
    oms, rasa, actions = _free_ports(3)
    return Settings.model_validate(
        {
            "COMANDA_HOME": home,
            "COMANDA_SECRET": SECRET,
            "DATABASE_URL": f"sqlite:///{home / 'comanda.db'}",
            "PORT": oms,
            "RASA_PORT": rasa,
            "ACTIONS_PORT": actions,
            "BACKEND_URL": f"http://127.0.0.1:{oms}",
            "RASA_URL": f"http://127.0.0.1:{rasa}",
        }
    )


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


@contextmanager
def _oms(settings: Settings) -> Iterator[None]:
    """The OMS in a thread of this process."""
    database = Database(settings.database_url)
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings, database), port=settings.port, log_level="warning", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        _wait(lambda: server.started, "the OMS did not start")
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        database.dispose()


@contextmanager
def _process(spec: ProcessSpec, home: Path) -> Iterator[None]:
    log = home / f"{spec.name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            spec.command, cwd=ROOT, env=os.environ | spec.environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:

            def is_ready() -> bool:
                assert process.poll() is None, f"{spec.name} ended with {process.returncode}:\n{_tail(log)}"
                return spec.is_ready()

            _wait(is_ready, f"{spec.name} is not ready after {START_S} s", log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(is_ready: Any, complaint: str, log: Path | None = None) -> None:
    deadline = time.monotonic() + START_S
    while not is_ready():
        assert time.monotonic() < deadline, complaint + (f":\n{_tail(log)}" if log else "")
        time.sleep(0.1)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])
