"""The bot's own API: what staff may see, and who else may not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from bot.app import create_app
from bot.client import BotClient
from bot.conversations import service
from bot.conversations.models import Owner
from bot.outbox import service as outbox
from bot.outbox.models import Outgoing, Status
from kernel import tokens
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import ComandaError

KEY = "a key of tests that is long enough to be one"


def token(role: tokens.Role, key: str = KEY) -> str:
    return tokens.mint(tokens.Principal(role=role, subject="somebody"), key, timedelta(minutes=1))


@pytest.fixture
def transport(database: Database, tmp_path: Path) -> httpx.ASGITransport:
    settings = Settings.model_validate({"COMANDA_SECRET": KEY, "COMANDA_HOME": tmp_path, "DATABASE_URL": database.url})
    return httpx.ASGITransport(create_app(settings, database))


@pytest.fixture
async def staff(transport: httpx.ASGITransport) -> AsyncIterator[BotClient]:
    client = BotClient("http://bot", token("staff"), transport)
    yield client
    await client.close()


def talk(database: Database, sender: str, *texts: str, owner: Owner = "assistant") -> str:
    with database.write() as session:
        conversation = service.open_for(session, "web", sender, "es")
        for text in texts:
            service.append(session, conversation, "customer", text)
        if owner != "assistant":
            service.change_owner(conversation, owner, reason="requested")
        return conversation.id


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([("read", None), ("delivered", None)], ("delivered", None)),
        ([("sent", None), ("queued", None)], ("queued", None)),
        ([("read", None), ("uncertain", "cut_off")], ("uncertain", "cut_off")),
        ([("failed", "blocked"), ("skipped", "blocked")], ("failed", "blocked")),
        ([("sent", None), ("skipped", "said_by_template")], ("sent", None)),
        ([("skipped", "opted_out")], ("skipped", "opted_out")),
        ([], None),
    ],
)
async def test_staff_see_what_became_of_a_message_and_why(
    database: Database, staff: BotClient, parts: list[tuple[Status, str | None]], told: tuple[str, str | None] | None
) -> None:
    conversation_id = talk(database, "a", "hola")
    with database.write() as session:
        conversation = service.lock(session, conversation_id)
        message = service.append(session, conversation, "assistant", "¡Hola!")
        outbox.put(session, conversation, message, [{"body": "¡Hola!"} for _ in parts])
        rows = session.scalars(select(Outgoing).order_by(Outgoing.position))
        for outgoing, (status, reason) in zip(rows, parts, strict=True):
            outgoing.status, outgoing.reason = status, reason

    [of_customer, of_shop] = [each.delivery for each in await staff.messages(conversation_id)]
    assert of_customer is None
    assert (of_shop and (of_shop.status, of_shop.reason)) == told


async def test_staff_see_what_was_enclosed(database: Database, staff: BotClient) -> None:
    conversation_id = talk(database, "a", "la factura")
    with database.write() as session:
        enclosed = [service.Enclosed("FV-1.pdf", "https://t.co/f/pdf")]
        service.append(
            session, service.lock(session, conversation_id), "assistant", "https://t.co/f", enclosures=enclosed
        )

    shown = [each.model_dump()["enclosures"] for each in await staff.messages(conversation_id)]
    assert shown == [[], [{"name": "FV-1.pdf", "url": "https://t.co/f/pdf"}]]


async def test_staff_see_conversations_with_the_latest_first(database: Database, staff: BotClient) -> None:
    talk(database, "silent")
    first = talk(database, "a", "hola")
    second = talk(database, "b", "buenas", "¿hay leche?", owner="queued")

    page, cursor, _ = await staff.conversations()

    assert [(c.id, c.owner, c.last_message_text, c.handoff_reason) for c in page] == [
        (second, "queued", "¿hay leche?", "requested"),
        (first, "assistant", "hola", None),
    ]
    assert cursor is None


async def test_staff_see_those_who_wait(database: Database, staff: BotClient) -> None:
    talk(database, "a", "hola")
    waiting = talk(database, "b", "buenas", owner="queued")

    page, _, _ = await staff.conversations(owner="queued")

    assert [c.id for c in page] == [waiting]


async def test_pages_follow_each_other_without_loss_or_repeat(database: Database, staff: BotClient) -> None:
    made = [talk(database, f"visitor {n}", "hola") for n in range(120)]

    seen, cursor, _ = await staff.conversations()
    sizes = [len(seen)]
    while cursor:
        page, cursor, _ = await staff.conversations(cursor=cursor)
        sizes.append(len(page))
        seen += page

    assert sizes == [50, 50, 20]
    assert [c.id for c in seen] == made[::-1]


async def test_staff_read_what_was_said(database: Database, staff: BotClient) -> None:
    conversation_id = talk(database, "a", "uno", "dos", "tres")

    messages = await staff.messages(conversation_id, after=1)

    assert [(m.seq, m.author, m.text) for m in messages] == [(2, "customer", "dos"), (3, "customer", "tres")]


@pytest.mark.parametrize(("cursor", "code"), [("nonsense", "cursor_invalid"), ("é", "cursor_invalid")])
async def test_a_cursor_that_is_not_ours_is_refused(staff: BotClient, cursor: str, code: str) -> None:
    with pytest.raises(ComandaError) as refused:
        await staff.conversations(cursor=cursor)
    assert (refused.value.code, refused.value.status) == (code, 422)


async def test_an_unknown_conversation_is_not_found(staff: BotClient) -> None:
    with pytest.raises(ComandaError) as refused:
        await staff.messages("no-such-conversation")
    assert refused.value.code == "conversation_not_found"


# case 84
@pytest.mark.parametrize(
    ("bearer", "status", "code"),
    # Made when they are used: a token ends after a minute, and a suite is longer than that.
    [
        (lambda: "", 401, "unauthenticated"),
        (lambda: "nonsense", 401, "token_refused"),
        (lambda: token("staff", key="another key that is just as long as ours"), 401, "token_refused"),
        (lambda: token("customer"), 403, "forbidden"),
        (lambda: token("service"), 403, "forbidden"),
    ],
    ids=["nobody", "nonsense", "another key", "customer", "service"],
)
@pytest.mark.parametrize("path", ["/bot/api/conversations", "/bot/api/conversations/x/messages"])
async def test_nobody_but_staff_reads_conversations(
    transport: httpx.ASGITransport, path: str, bearer: Callable[[], str], status: int, code: str
) -> None:
    headers = {"Authorization": f"Bearer {bearer()}"} if bearer() else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        answer = await http.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


# case 84
@pytest.mark.parametrize(("role", "status"), [("service", 204), ("staff", 403), ("customer", 403)])
async def test_only_our_own_services_give_hints(transport: httpx.ASGITransport, role: tokens.Role, status: int) -> None:
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as http:
        answer = await http.post(
            "/internal/wake", json={"conversation_id": "x"}, headers={"Authorization": f"Bearer {token(role)}"}
        )
    assert answer.status_code == status
