"""What the bot's web side says while its database cannot be used, and that it goes on by itself afterwards."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.pool import Pool

from bot.app import create_app
from kernel import db
from kernel.config import Settings
from kernel.db import Database
from tests.backend.shopper import Http
from tests.bot.test_webhook_storm import webhook
from tests.bot.twilio import ACCOUNT, TOKEN, Twilio

OWN = 1


@pytest.fixture
def web(tmp_path: Path, database_url: str, twilio: Twilio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Http]:
    """With one connection beside those of the intake."""
    monkeypatch.setattr(db, "MORE_CONNECTIONS", 0)
    monkeypatch.setattr(db, "POOL_PATIENCE_S", 0.5)
    settings = Settings(
        COMANDA_HOME=tmp_path,
        DATABASE_URL=database_url,
        COMANDA_SECRET="a secret of tests that is long enough to be one",
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
        TWILIO_WHATSAPP_FROM="+14155238886",
        TWILIO_API_BASE=twilio.url,
        PUBLIC_URL="http://oms",
    )
    with Http(create_app(settings, Database(database_url, pool_size=OWN))) as client:
        yield client


def post(web: Http, number: int) -> int:
    head, _, body = webhook("http://oms", number).partition(b"\r\n\r\n")
    told = dict(line.split(": ", 1) for line in head.decode().splitlines()[1:])
    kept = {name: told[name] for name in ("X-Twilio-Signature", "Content-Type")}
    return web.request("POST", "/channels/whatsapp", content=body, headers=kept).status_code


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_disk_that_fails_while_a_webhook_waits_for_a_writer_is_told_as_away(
    web: Http, monkeypatch: pytest.MonkeyPatch
) -> None:  # case 7
    in_use: list[Any] = []

    def note(connection: Any, _record: object, _proxy: object) -> None:
        in_use.append(connection)

    def turn_read_only(_seconds: float) -> None:
        in_use[-1].execute("PRAGMA query_only=ON")

    event.listen(Pool, "checkout", note)
    monkeypatch.setattr(db, "time", SimpleNamespace(sleep=turn_read_only, monotonic=time.monotonic))
    other = Database(web.app.state.database.url, pool_size=1)
    try:
        with other.write() as session:
            session.connection()
            assert post(web, 1) == 503
    finally:
        event.remove(Pool, "checkout", note)
        other.dispose()
    _others, *its = in_use
    for connection in its:
        connection.execute("PRAGMA query_only=OFF")

    assert post(web, 1) == 200
    with web.app.state.database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM bot_message")) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_slow_queries_that_hold_every_connection_hold_up_no_webhook(web: Http) -> None:  # case 54
    database: Database = web.app.state.database
    is_held, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with database.read() as session:
            session.execute(text("SELECT 1"))
            is_held.set()
            may_go.wait(60)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert is_held.wait(20)
        with pytest.raises(Exception, match="QueuePool limit"), database.read() as session:
            session.execute(text("SELECT 1"))
        took = []
        for number in range(20):
            began = time.perf_counter()
            assert post(web, number) == 200
            took.append(time.perf_counter() - began)
        print(f"acknowledged 20 of 20, at most {max(took) * 1000:.0f} ms, with no other connection free")
    finally:
        may_go.set()
        holder.join()
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM bot_message")) == 20
