"""Wake-up hints: telling the web processes that a conversation has news.

The rows are the truth: a hint may be lost, and a sweep (bot/channels/hub.py) repairs it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

import httpx
import psycopg
from sqlalchemy.orm import Session

from kernel import notify, tls, tokens
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)

_PG_CHANNEL = "bot_news"
_TOKEN_LIFETIME = timedelta(minutes=5)
_RECONNECT_S = 1.0
# How long the listener may take to notice that it should stop.
_LISTEN_SLICE_S = 1.0


# Before the id of a conversation: no news, but that the person who has it is writing there.
WRITING = "writing "


class Hints(Protocol):
    """A sender of hints. One of the two does something, by what the database can do."""

    def within(self, session: Session, *conversation_ids: str) -> None:
        """Called in the transaction that makes the news."""

    def after(self, conversation_id: str) -> None:
        """Called when it is committed."""


class PostgresHints:
    """NOTIFY in the transaction itself: it is heard if and when the transaction commits."""

    def within(self, session: Session, *conversation_ids: str) -> None:
        notify.at_commit(session, _PG_CHANNEL, *conversation_ids)

    def after(self, conversation_id: str) -> None:
        pass


class LoopbackHints:
    """From the worker to the one web process of a SQLite set-up, over loopback HTTP."""

    def __init__(self, web_url: str, signing_key: str) -> None:
        self._key = signing_key
        self._http = httpx.Client(base_url=web_url, timeout=0.5, trust_env=False, verify=tls.context())

    def within(self, session: Session, *conversation_ids: str) -> None:
        pass

    def after(self, conversation_id: str) -> None:
        token = tokens.mint(tokens.Principal(role="service", subject="worker"), self._key, _TOKEN_LIFETIME)
        try:
            self._http.post(
                "/internal/wake",
                json={"conversation_id": conversation_id},
                headers={"Authorization": f"Bearer {token}"},
            ).raise_for_status()
        except httpx.HTTPError as error:
            # The web process is restarting: its sockets will read the rows when they come back.
            log.info("hint_lost", error=type(error).__name__)


class LocalHints:
    """Within the web process itself."""

    def __init__(self, wake: Callable[[str], None]) -> None:
        self._wake = wake

    def within(self, session: Session, *conversation_ids: str) -> None:
        pass

    def after(self, conversation_id: str) -> None:
        self._wake(conversation_id)


class PostgresListener:
    """A thread that turns NOTIFYs into calls of `wake`, and reconnects for as long as it lives."""

    def __init__(self, database: Database, wake: Callable[[str], None]) -> None:
        self._url = database.url.replace("postgresql+psycopg://", "postgresql://", 1)
        self._wake = wake
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bot-hints", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._is_stopping.set()
        self._thread.join(timeout=2 * _LISTEN_SLICE_S)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                self._listen()
            except psycopg.Error as error:
                log.warning("hint_listener_lost", error=type(error).__name__)
                self._is_stopping.wait(_RECONNECT_S)

    def _listen(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"LISTEN {_PG_CHANNEL}")
            while not self._is_stopping.is_set():
                for notification in connection.notifies(timeout=_LISTEN_SLICE_S):
                    self._wake(notification.payload)


def for_worker(database: Database, web_url: str, signing_key: str) -> Hints:
    return LoopbackHints(web_url, signing_key) if database.is_sqlite else PostgresHints()


def for_web(database: Database, wake: Callable[[str], None]) -> Hints:
    return LocalHints(wake) if database.is_sqlite else PostgresHints()
