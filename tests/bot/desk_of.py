"""An agent at the bot's API, and a conversation for them: real app, real database, no processes."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bot.app import create_app
from bot.channels.base import InboundMessage
from bot.client import BotClient
from bot.conversations import service
from bot.conversations.models import Owner
from bot.delivery import Delivery
from bot.handoff import service as handoffs
from bot.hints import LocalHints
from bot.listening.inbound import Inbox
from kernel import ids, tokens
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import ComandaError

KEY = "a key of tests that is long enough to be one"


async def refusal(asked: Awaitable[object]) -> tuple[str, int, dict[str, object]]:
    with pytest.raises(ComandaError) as refused:
        await asked
    return refused.value.code, refused.value.status, refused.value.params


def token_of(name: str, *roles: str) -> str:
    grants = frozenset(f"role:{role}" for role in roles)
    principal = tokens.Principal(role="staff", subject=f"id-of-{name}", grants=grants, name=name.capitalize())
    return tokens.mint(principal, KEY, timedelta(hours=1))


@dataclass
class Shop:
    """`agent("rosa")` is Rosa's client; `opens` makes a conversation that waits, or does not."""

    database: Database
    home: Path
    environment: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.settings = Settings.model_validate(
            {"COMANDA_SECRET": KEY, "COMANDA_HOME": self.home, "DATABASE_URL": self.database.url} | self.environment
        )
        self.app = create_app(self.settings, self.database)
        self.transport = httpx.ASGITransport(self.app)
        self.delivery = Delivery(self.database, LocalHints(lambda _: None), self.app.state.channels)

    def agent(self, name: str, *roles: str) -> BotClient:
        return BotClient("http://bot", token_of(name, *(roles or ("agent",))), self.transport)

    def opens(
        self, *texts: str, owner: Owner = "queued", sender: str = "visitor", channel: str = "web", language: str = "es"
    ) -> str:
        with self.delivery.to_found(lambda session: service.open_for(session, channel, sender, language)) as found:
            session, conversation = found
            for said in texts or ("¿hay alguien?",):
                service.append(session, conversation, "customer", said)
            if owner == "queued":
                handoffs.ask(session, conversation, "requested")
            elif owner != "assistant":
                service.change_owner(conversation, owner)
            return conversation.id

    def hears(self, conversation_id: str, words: str) -> str:
        """A customer's message; its id."""
        inbound = InboundMessage(conversation_id, f"{conversation_id}:{ids.new_id()}", words)
        return Inbox(self.delivery).receive(inbound).message_id

    def presses(self, conversation_id: str, token: str) -> str:
        """A customer's button; the id of the message."""
        inbound = InboundMessage(conversation_id, f"{conversation_id}:{ids.new_id()}", "", token)
        return Inbox(self.delivery).receive(inbound).message_id

    def rows(self, query: str) -> Sequence[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]
