"""An older version and this one together on one database, as while a shop is brought up to date without a stop.

The older one is a commit of this repository: the last before the newest migrations. Its processes run on the tables
of today as they do beside new ones after `comanda migrate`, until they are asked to end. Customers write meanwhile.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from twilio.request_validator import RequestValidator
from websockets.exceptions import WebSocketException

from backend.audit import audit
from backend.client import BackendClient
from bench.confirmed_carts import ConfirmedCart, confirmed_carts
from bench.running import COMANDA
from comanda import database
from kernel.errors import ComandaError
from tests.bot.conftest import ROOT, START_S, Running
from tests.bot.neighbours import Items, Neighbours, Question, wait_until
from tests.bot.page import Page
from tests.bot.twilio import ACCOUNT, TOKEN

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]

# The last commit before OMS 0034 and bot 0017. At a release: the one before.
OLDER = "bfd047d048b5c2cd32fb3cd2e41a04b671d7d991"
PUBLIC = "https://tienda.example"
VISITORS, SAYINGS, ORDERS = 4, 12, 8
# Of a customer whose line is cut.
GIVES_UP = 60
THROTTLED_S = 25


class Version(Running):
    """All of Comanda but Rasa, from a tree."""

    def __init__(self, tree: Path, home: Path, database_url: str, neighbours: Neighbours, executor: str) -> None:
        super().__init__(home, database_url, neighbours)
        home.mkdir()
        self.tree = tree
        self.log = home / "log"
        self.environment |= {
            "PYTHONPATH": str(tree),
            "COMANDA_EXECUTOR": executor,
            "COMANDA_DEMO_MONTH": "0",
            "PUBLIC_URL": PUBLIC,
            "BACKEND_URL": f"{self.url}/api",
            "BOT_URL": self.url,
        }
        self.settings = self.settings.model_validate(self.environment)

    def start_web(self) -> None:
        self._start("web", "comanda.web")
        wait_until(self._web_answers, timeout_s=START_S, what="the web process")

    def _start(self, name: str, module: str) -> None:
        with self.log.open("ab") as said:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module],
                env=os.environ | self.environment,
                cwd=self.tree,
                stdout=said,
                stderr=said,
            )

    def command(self, *words: str) -> None:
        subprocess.run(
            [COMANDA, *words], env=os.environ | self.environment, cwd=self.tree, check=True, capture_output=True
        )

    def errors(self) -> list[str]:
        said = self.log.read_text(errors="replace").splitlines()
        return [line for line in said if '"level": "error"' in line or "[error" in line or "Traceback" in line]


@dataclass
class Roll:
    old: Version
    new: Version

    def write_on_whatsapp(self, version: Version, number: int, body: str) -> int:
        form = {"MessageSid": f"SM{number:032x}", "AccountSid": ACCOUNT, "From": "whatsapp:+573001112233"}
        form |= {"To": "whatsapp:+14155238886", "NumMedia": "0", "Body": body, "WaId": "573001112233"}
        signature = RequestValidator(TOKEN).compute_signature(f"{PUBLIC}/channels/whatsapp", form)
        headers = {"X-Twilio-Signature": signature}
        return httpx.post(
            f"{version.url}/channels/whatsapp", data=form, headers=headers, trust_env=False, timeout=30
        ).status_code


@pytest.fixture(scope="session")
def older_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    packed = subprocess.run(["git", "archive", OLDER], cwd=ROOT, capture_output=True, check=False)
    if packed.returncode != 0:
        pytest.skip(f"the history of this copy does not reach back to {OLDER[:12]}: git fetch --unshallow")
    tree = tmp_path_factory.mktemp("older")
    with tarfile.open(fileobj=BytesIO(packed.stdout)) as archive:
        archive.extractall(tree, filter="data")
    return tree


@pytest.fixture
def roll(older_tree: Path, tmp_path: Path, empty_database_url: str, neighbours: Neighbours) -> Iterator[Roll]:
    old = Version(older_tree, tmp_path / "old", empty_database_url, neighbours, "worker-1")
    new = Version(ROOT, tmp_path / "new", empty_database_url, neighbours, "worker-2")
    new.environment |= {name: old.environment[name] for name in ("TWILIO_API_BASE", "TELEGRAM_API_BASE")}
    try:
        yield Roll(old, new)
    finally:
        old.stop()
        new.stop()


class Visitor(threading.Thread):
    """Says one thing after the other; when a line is cut, goes on at the next process, as behind a balancer."""

    def __init__(self, name: str, page: Page, versions: list[Version]) -> None:
        super().__init__(name=name, daemon=True)
        self.page, self._versions = page, versions
        self.said = [f"{name} dice {number}" for number in range(SAYINGS)]
        self.cuts = 0
        self.is_half_way, self.may_go_on = threading.Event(), threading.Event()

    def run(self) -> None:
        for number, text in enumerate(self.said):
            if number == SAYINGS // 2:
                self.is_half_way.set()
                self.may_go_on.wait()
            self._until_told(f"{self.name}-{number}", text, number + 1)

    def _until_told(self, client_id: str, text: str, count: int) -> None:
        for _ in range(GIVES_UP):
            try:
                if self.page.socket is None:
                    self.page.open()
                self.page.say(text, client_id=client_id)
                self.page.receive("ack", client_id=client_id, timeout_s=60)
                while len([reply for reply in self.page.replies if reply.startswith("echo: ")]) < count:
                    self.page.receive("message", timeout_s=60)
                return
            except (OSError, WebSocketException):
                self.cuts += 1
                self.page.socket = None
                self._versions.append(self._versions.pop(0))
                self.page.go_to(self._versions[0].url)
        raise AssertionError(f"{self.name} gave up")


def answer(question: Question) -> Items:
    if question["metadata"]["via"] == "button":
        return [{"text": f"pressed {question['message']}"}]
    if question["message"] == "leche":
        buttons = [{"title": title, "payload": f"/choose_{title}"} for title in ("entera", "deslactosada")]
        return [{"text": "¿Cuál leche?", "buttons": buttons}]
    return [{"text": f"echo: {question['message']}"}]


async def place(versions: list[Version], cart: ConfirmedCart) -> set[str]:
    """The same confirmation at each of them at once, as a client does who was not answered in time."""
    clients = [BackendClient(version.settings.backend_url, token=cart.token) for version in versions]
    try:
        placed = await asyncio.gather(*(client.place_order(cart.confirmation) for client in clients))
    finally:
        for client in clients:
            await client.close()
    return {order.number for order in placed}


# case 127
def test_an_older_version_and_this_one_serve_one_shop_together_until_the_older_ends(roll: Roll) -> None:
    old, new = roll.old, roll.new
    old.neighbours.answer = answer
    old.command("migrate")
    old.command("seed")
    old.start_web()
    old.start_worker()
    presser = old.page(origin=PUBLIC)
    presser.say("leche")
    asking = presser.receive("message", text="¿Cuál leche?", timeout_s=60)
    [choice, _] = asking["choices"]

    # The tables of today, under the older ones, which go on.
    database.migrate(new.settings)
    carts = confirmed_carts(new.settings, ORDERS)
    new.start_web()
    new.start_worker()

    visitors = [
        Visitor(f"v{number}", version.page(origin=PUBLIC), [version, other])
        for number in range(VISITORS)
        for version, other in [((old, new), (new, old))[number % 2]]
    ]
    for visitor in visitors:
        visitor.start()
    refused: list[object] = []
    numbers: list[str] = []
    bodies = [f"por WhatsApp {number}" for number in range(SAYINGS)]
    for number, body in enumerate(bodies):
        # Twilio tells again what was not acknowledged in time: each version hears of it.
        codes = [roll.write_on_whatsapp(version, number + 1, body) for version in (old, new)]
        refused += [code for code in codes if code != httpx.codes.OK]
        if number < ORDERS // 2:
            try:
                numbers += asyncio.run(place([old, new], carts[number]))
            except ComandaError as error:
                refused.append(error)
    for visitor in visitors:
        assert visitor.is_half_way.wait(120)
    # What was taken in and not answered is in the tables when the older ones end.
    old.neighbours.stop()
    for visitor in visitors:
        visitor.may_go_on.set()
    last = new.page(origin=PUBLIC)
    last.say("al final")
    last.receive("ack")
    bodies.append("al final por WhatsApp")
    assert roll.write_on_whatsapp(old, 100, bodies[-1]) == httpx.codes.OK
    assert old.terminate("worker") == 0
    # uvicorn ends in peace, and then as the signal would have had it.
    assert old.terminate("web", 60) == -signal.SIGTERM
    old.neighbours.start()
    # Another new one under the name of the one that ended, as a supervisor starts it.
    new.kill("worker")
    new.environment["COMANDA_EXECUTOR"] = "worker-1"
    new.start_worker()
    new.processes["second"] = new.processes.pop("worker")
    new.environment["COMANDA_EXECUTOR"] = "worker-2"
    new.start_worker()
    for cart in carts[ORDERS // 2 :]:
        numbers += asyncio.run(place([new], cart))

    presser.close()
    presser.go_to(new.url)
    presser.open()
    presser.press(choice["token"])
    presser.receive("message", text="pressed /choose_entera", timeout_s=60)
    for visitor in visitors:
        visitor.join(180)
    wait_until(lambda: not new.rows("SELECT 1 FROM bot_turn WHERE status = 'received'"), timeout_s=60)
    wait_until(lambda: len(echoes(old.twilio.bodies())) >= len(bodies), timeout_s=60, what="WhatsApp")

    last.receive("message", text="echo: al final", timeout_s=60)

    asked = [text for visitor in visitors for text in visitor.said] + [*bodies, "al final"]
    heard = Counter(str(said) for (said,) in new.rows("SELECT text FROM bot_message WHERE author = 'customer'"))
    said = [reply for page in (last, *(visitor.page for visitor in visitors)) for reply in page.replies]
    answered = Counter(text.removeprefix("echo: ") for text in echoes([*said, *old.twilio.bodies()]))
    lost = [text for text in asked if not (heard[text] and answered[text])]
    twice = [text for text in asked if heard[text] > 1 or answered[text] > 1]
    errors = [*refused, *old.errors(), *new.errors()]
    errors += [frame for visitor in visitors for frame in visitor.page.frames if frame["type"] == "error"]
    with new.database.read() as session:
        findings = audit(session, has_worker=False)
    cuts = sum(visitor.cuts for visitor in visitors)
    print(
        f"{len(asked)} messages, {len(numbers)} orders, {cuts} lines cut: "
        f"errors {len(errors)}, lost {len(lost)}, twice {len(twice)}"
    )
    assert cuts >= VISITORS // 2  # those of the older web process
    assert presser.replies.count("pressed /choose_entera") == 1
    assert (errors, lost, twice, findings) == ([], [], [], [])
    assert [count for (count,) in new.rows("SELECT count(*) FROM oms_order")] == [len(set(numbers))] == [ORDERS]
    assert old.twilio.violations == []


# case 127
def test_what_waits_in_the_outbox_of_the_older_version_is_sent_once_by_this_one(roll: Roll) -> None:
    old, new = roll.old, roll.new
    old.command("migrate")
    old.command("seed")
    old.start_web()
    old.start_worker()
    # Longer than the older worker takes to end: it is not the one that asks again.
    old.twilio.fail = [(httpx.codes.TOO_MANY_REQUESTS, 20429, THROTTLED_S)]
    assert roll.write_on_whatsapp(old, 1, "antes") == httpx.codes.OK
    fates = "SELECT DISTINCT status FROM bot_outgoing"
    wait_until(lambda: not old.twilio.fail and old.rows(fates) == [("queued",)], timeout_s=60, what="it to wait")
    assert old.terminate("worker") == 0
    assert old.terminate("web", 60) == -signal.SIGTERM
    assert (old.rows(fates), old.twilio.sent) == ([("queued",)], [])

    database.migrate(new.settings)
    new.environment["COMANDA_EXECUTOR"] = "worker-1"
    new.start_web()
    new.start_worker()
    wait_until(lambda: echoes(old.twilio.bodies()), timeout_s=4 * THROTTLED_S, what="what waited")
    assert roll.write_on_whatsapp(new, 2, "después") == httpx.codes.OK
    wait_until(lambda: "echo: después" in old.twilio.bodies(), timeout_s=60, what="what came after it")

    copies = Counter(old.twilio.bodies())
    print(f"copies of what waited in the outbox of the older version: {copies['echo: antes']}")
    assert echoes(old.twilio.bodies()) == ["echo: antes", "echo: después"]
    assert set(copies.values()) == {1}
    assert new.rows("SELECT status, count(*) FROM bot_outgoing GROUP BY status") == [("sent", copies.total())]
    assert (old.errors(), new.errors(), old.twilio.violations) == ([], [], [])


def echoes(said: list[str]) -> list[str]:
    return [text for text in said if text.startswith("echo: ")]
