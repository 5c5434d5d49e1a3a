"""The public process put together: every part at its address, and the truth about its neighbours."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta

import httpx
import pytest
from starlette.routing import BaseRoute, Mount, Route
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from comanda.database import migrate
from comanda.readiness import web_is_ready, worker_sign
from comanda.web import create_app
from comanda.web_chat import ChatFailed, NoReply, Visitor, WebChat, chat_address
from kernel.config import Settings
from kernel.tokens import Principal, mint
from tests.journeys.product import free_ports, wait_until

FILES_AT_FIRST = 256
_INLINE = re.compile(r"""<script(?![^>]*\bsrc=)[^>]*>|<[^<>]*\son[a-z]+\s*=|["']\s*javascript:""", re.IGNORECASE)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    ports = dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), free_ports(3), strict=True))
    return Settings.model_validate({"COMANDA_HOME": tmp_path_factory.mktemp("web")} | ports)


@pytest.fixture(scope="module")
def process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """`python -m comanda.web`, with none of its neighbours."""
    environment = os.environ | {
        "COMANDA_HOME": str(settings.home),
        "PORT": str(settings.port),
        "RASA_PORT": str(settings.rasa_port),
        "ACTIONS_PORT": str(settings.actions_port),
    }
    migrate(settings)
    # As a system begins that lets a process raise its bound of open files itself, only lower.
    command = f"ulimit -Sn {FILES_AT_FIRST} && exec {shlex.quote(sys.executable)} -m comanda.web"
    process = subprocess.Popen(["/bin/sh", "-c", command], env=environment)
    try:
        wait_until(lambda: web_is_ready(settings), 60, "the web process")
        yield process
    finally:
        process.terminate()
        process.wait(15)


@pytest.fixture(scope="module")
def web(settings: Settings, process: subprocess.Popen[bytes]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=settings.public_url, timeout=30, trust_env=False) as client:
        yield client


# case 103
def test_more_chats_may_lie_idle_than_a_system_begins_with_files(settings: Settings, web: httpx.Client) -> None:
    address, origin = chat_address(settings, None)
    with ExitStack() as stack:
        for _ in range(FILES_AT_FIRST + 50):
            stack.enter_context(connect(address, origin=Origin(origin), proxy=None))
        assert httpx.get(f"{settings.public_url}/healthz", timeout=30, trust_env=False).status_code == 200
        print(f"idle sockets {FILES_AT_FIRST + 50}, files at first {FILES_AT_FIRST}: a page is answered")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/healthz", 200),
        ("/api/docs", 200),
        ("/api/openapi.json", 200),
        ("/console/signin", 200),
        ("/widget/comanda-chat.js", 200),
        ("/shop/static/shop.css", 200),
        ("/console/static/htmx.js", 200),
        ("/api", 308),
        ("/console", 308),
        ("/nowhere", 404),
        ("/api/orders", 401),
        ("/bot/api/conversations", 401),
    ],
)
def test_every_part_is_at_its_address_with_the_headers_of_all(web: httpx.Client, path: str, status: int) -> None:
    answer = web.get(path)

    assert answer.status_code == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers.get_list("X-Frame-Options") == ["DENY"]
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert "server" not in answer.headers


# case 106
def test_no_answer_lacks_a_header_and_no_page_runs_what_stands_in_it(web: httpx.Client, settings: Settings) -> None:
    admin = Principal("staff", "rosa", grants=frozenset({"role:admin"}))
    paths = sorted(set(_paths(create_app(settings).routes)))
    wrong, pages = [], 0

    cookie = {"Cookie": f"comanda_staff={mint(admin, settings.signing_key(), timedelta(minutes=5))}"}
    for path in paths:
        answer = web.get(re.sub(r"\{[^}]*\}", "x", path), headers=cookie)
        wrong += [f"{path} {answer.status_code}: {fault}" for fault in _faults(answer)]
        pages += answer.headers.get("content-type", "").startswith("text/html")
    web.cookies.clear()  # Some pages set one.

    print(f"{len(paths)} addresses, {pages} pages: {len(wrong)} faults")
    assert wrong == []
    assert pages > 80


async def test_a_shop_at_https_stays_there(settings: Settings) -> None:
    shop = create_app(settings.model_copy(update={"public_url": "https://tienda.example"}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(shop), base_url="https://tienda.example") as client:
        answers = [await client.get(path) for path in ("/healthz", "/no-such-page", "/console/static/none.js")]

    assert {each.headers["Strict-Transport-Security"] for each in answers} == {"max-age=31536000"}


def _paths(routes: Iterable[BaseRoute], before: str = "") -> Iterator[str]:
    """Every address that answers GET, but for streams without an end."""
    for route in routes:
        if isinstance(route, Mount):
            yield from _paths(route.routes or (), before + route.path)
            yield f"{before}{route.path}/no-such-page"
        elif isinstance(route, Route) and "GET" in (route.methods or ()) and not route.path.endswith("/events"):
            yield before + route.path


def _faults(answer: httpx.Response) -> Iterator[str]:
    policy = {name: rest for name, _, rest in (part.strip().partition(" ") for part in
              answer.headers.get("Content-Security-Policy", "").split(";"))}  # fmt: skip
    scripts = policy.get("script-src", policy.get("default-src", "*"))
    if any(word in scripts.split() for word in ("*", "'unsafe-inline'", "'unsafe-eval'", "data:", "https:", "http:")):
        yield f"scripts from {scripts}"
    if answer.headers.get_list("X-Content-Type-Options") != ["nosniff"]:
        yield "its type may be guessed"
    if answer.headers.get("X-Frame-Options") != "DENY":
        yield "it may be framed"
    if answer.headers.get("Referrer-Policy") not in ("no-referrer", "same-origin", "strict-origin-when-cross-origin"):
        yield "its address is told"
    if answer.headers.get("content-type", "").startswith("text/html"):
        if not {policy.get("frame-ancestors"), policy.get("base-uri")} <= {"'none'"}:
            yield "it may be framed, or its links be turned"
        yield from (f"it runs {each}" for each in _INLINE.findall(answer.text))


def test_the_page_is_visibly_a_demonstration(web: httpx.Client) -> None:
    assert "demostración" in web.get("/", headers={"Accept-Language": "es"}).text


def test_readiness_names_each_part_that_is_away(web: httpx.Client) -> None:
    answer = web.get("/readyz")

    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not_ready",
        "parts": {"database": True, "rasa": False, "actions": False, "worker": False},
    }


def test_a_worker_is_there_while_it_says_so(web: httpx.Client, settings: Settings) -> None:
    sign = worker_sign(settings)
    sign.parent.mkdir(parents=True, exist_ok=True)
    sign.touch()

    assert web.get("/readyz").json()["parts"]["worker"] is True


def test_a_worker_that_fell_silent_is_not_there(web: httpx.Client, settings: Settings) -> None:
    sign = worker_sign(settings)
    sign.parent.mkdir(parents=True, exist_ok=True)
    sign.touch()
    os.utime(sign, (time.time() - 60, time.time() - 60))

    assert web.get("/readyz").json()["parts"]["worker"] is False


def test_large_answers_are_compressed_for_who_asks(web: httpx.Client) -> None:
    answer = web.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"})

    assert answer.headers["Content-Encoding"] == "gzip"


# case 87
@pytest.mark.parametrize("origin", [None, "null", "http://evil.example"])
def test_a_foreign_page_gets_no_chat_through_the_assembled_app(
    web: httpx.Client, settings: Settings, origin: str | None
) -> None:
    with pytest.raises(InvalidStatus, match="HTTP 403"):
        connect(chat_address(settings, None)[0], origin=origin, proxy=None)  # type: ignore[arg-type]


def test_a_chat_opens_through_the_assembled_app(web: httpx.Client, settings: Settings) -> None:
    with WebChat(*chat_address(settings, None), Visitor()) as chat:
        assert (chat.owner, len(chat.conversation_id), chat.unread) == ("assistant", 36, [])


def test_a_message_outlives_the_socket_it_came_on(web: httpx.Client, settings: Settings) -> None:
    visitor = Visitor()
    with WebChat(*chat_address(settings, None), visitor) as chat:
        chat.post("hola", timeout_s=20)
    again = Visitor(token=visitor.token)
    with WebChat(*chat_address(settings, None), again) as chat:
        assert [message["text"] for message in chat.unread] == ["hola"]


def test_the_channel_refuses_in_its_own_words(web: httpx.Client, settings: Settings) -> None:
    with (
        WebChat(*chat_address(settings, None), Visitor(), "en") as chat,
        pytest.raises(ChatFailed, match="message is too long") as refusal,
    ):
        chat.say("x" * 1001, timeout_s=20)

    assert refusal.value.code == "text_too_long"


def test_a_message_that_nobody_answers_is_told_after_the_time_given(web: httpx.Client, settings: Settings) -> None:
    with WebChat(*chat_address(settings, None), Visitor()) as chat, pytest.raises(NoReply):
        chat.say("hola", timeout_s=1)


def test_an_open_stream_of_events_ends_in_seconds_when_the_process_is_restarted(
    web: httpx.Client, settings: Settings, process: subprocess.Popen[bytes]
) -> None:
    """The last of this module: the process is gone after it."""
    member = Principal("staff", "rosa", grants=frozenset({"role:agent"}))
    cookies = {"comanda_staff": mint(member, settings.signing_key(), timedelta(minutes=5))}
    with web.stream("GET", "/console/events", cookies=cookies) as stream:
        lines = stream.iter_lines()
        assert "event: ready" in next(line for line in lines if line.startswith("event"))
        process.terminate()
        began = time.monotonic()
        with suppress(httpx.TransportError):
            for _ in lines:
                pass
        took_s = time.monotonic() - began

    print(f"a stream of events ended {took_s:.1f} s after the word to stop")
    assert took_s < 5
    assert process.wait(15) is not None
