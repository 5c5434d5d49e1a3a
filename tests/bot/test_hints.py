"""News reaches the open sockets by a hint, and by the sweep when the hint is lost."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from bot.channels.hub import Hub, Listener, Watcher
from bot.conversations import service
from bot.delivery import Delivery
from bot.hints import LocalHints, LoopbackHints, PostgresHints, PostgresListener
from kernel.db import Database
from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until


@pytest.fixture
async def hub(database: Database) -> AsyncIterator[Hub]:
    hub = Hub(database)
    hub.start()
    yield hub
    await hub.stop()


async def rings(listener: Listener) -> bool:
    try:
        async with asyncio.timeout(0.3):
            await listener.news()
    except TimeoutError:
        return False
    return True


async def heard(watcher: Watcher) -> set[str]:
    try:
        async with asyncio.timeout(0.3):
            return await watcher.news()
    except TimeoutError:
        return set()


async def test_a_hint_from_any_thread_rings_the_sockets_of_that_conversation(hub: Hub) -> None:
    mine, other_tab, stranger = Listener("mine"), Listener("mine"), Listener("other")
    for listener in (mine, other_tab, stranger):
        hub.add(listener)

    await asyncio.to_thread(hub.wake, "mine")

    assert [await rings(listener) for listener in (mine, other_tab, stranger)] == [True, True, False]


async def test_a_socket_that_is_gone_is_not_rung(hub: Hub) -> None:
    listener = Listener("mine")
    hub.add(listener)
    hub.remove(listener)

    hub.wake("mine")

    assert not await rings(listener)


async def test_who_watches_hears_of_every_conversation_that_changed_since_they_last_looked(hub: Hub) -> None:
    watcher, gone = Watcher(), Watcher()
    for each in (watcher, gone):
        hub.watch(each)
    hub.unwatch(gone)

    for conversation_id in ("one", "other", "one"):
        await asyncio.to_thread(hub.wake, conversation_id)

    assert await heard(watcher) == {"one", "other"}
    assert await heard(watcher) == set()
    assert await heard(gone) == set()


async def test_the_sweep_tells_who_watches_of_messages_whose_hint_was_lost(hub: Hub, database: Database) -> None:
    watcher = Watcher()
    hub.watch(watcher)
    with database.write() as session:
        conversation = service.open_for(session, "web", "v", "es")
        service.append(session, conversation, "customer", "hola")

    await hub._sweep()

    assert await heard(watcher) == {conversation.id}
    with database.write() as session:
        service.append(session, service.lock(session, conversation.id), "customer", "¿hola?")
    hub.wake(conversation.id)
    assert await heard(watcher) == {conversation.id}

    await hub._sweep()

    assert await heard(watcher) == set()


async def test_the_sweep_rings_who_is_behind_and_nobody_else(hub: Hub, database: Database) -> None:
    with database.write() as session:
        conversation = service.open_for(session, "web", "v", "es")
        service.append(session, conversation, "customer", "hola")
    behind, up_to_date = Listener(conversation.id), Listener(conversation.id)
    behind.seen, up_to_date.seen = (0, "assistant", "es"), (1, "assistant", "es")
    hub.add(behind)
    hub.add(up_to_date)

    await hub._sweep()

    assert (await rings(behind), await rings(up_to_date)) == (True, False)


def test_nothing_is_hinted_that_the_customer_does_not_see(database: Database) -> None:
    hinted: list[str] = []
    delivery = Delivery(database, LocalHints(hinted.append))
    with database.write() as session:
        conversation_id = service.open_for(session, "web", "v", "es").id

    with delivery.to(conversation_id) as (_session, conversation):
        conversation.customer_id = "c-1"
    assert hinted == []
    with delivery.to(conversation_id) as (_session, conversation):
        service.change_owner(conversation, "queued")
    assert hinted == [conversation_id]


def test_postgresql_tells_of_what_is_committed_and_only_of_that(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no NOTIFY; its hint is the loopback call below")
    heard: queue.Queue[str] = queue.Queue()
    listener = PostgresListener(database, heard.put)
    listener.start()
    delivery = Delivery(database, PostgresHints())
    with database.write() as session:
        conversation_id = service.open_for(session, "web", "v", "es").id
    waiting = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()"
    wait_until(lambda: _scalar(database, waiting), what="the listener")

    with pytest.raises(ZeroDivisionError), delivery.to(conversation_id) as (session, conversation):  # noqa: PT012
        service.append(session, conversation, "assistant", "nunca dicho")
        raise ZeroDivisionError
    with delivery.to(conversation_id) as (session, conversation):
        service.append(session, conversation, "assistant", "dicho")

    assert heard.get(timeout=10) == conversation_id
    assert heard.empty()
    listener.stop()


def test_what_one_transaction_has_to_tell_is_told_in_one_go_and_once(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has no NOTIFY")
    hints, sent = PostgresHints(), list[object]()

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "pg_notify" in statement:
            sent.append(parameters)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.write() as session:
        hints.within(session, "one", "other")
        hints.within(session, "one")
        hints.within(session)
        assert sent == []

    assert sent == [[{"channel": "bot_news", "payload": each} for each in ("one", "other")]]


def test_the_worker_reaches_the_web_process_with_our_key_and_no_other(bot: Running) -> None:
    with capture_logs() as logs:
        LoopbackHints(bot.url, bot.settings.signing_key()).after("some-conversation")
    assert logs == []
    with capture_logs() as logs:
        LoopbackHints(bot.url, "another key that is long enough to be one").after("some-conversation")
    assert [entry["event"] for entry in logs] == ["hint_lost"]


def _scalar(database: Database, query: str) -> object:
    with database.read() as session:
        return session.scalar(text(query))
