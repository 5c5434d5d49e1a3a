"""The shop's line on WhatsApp, of which a test does each step: its webhooks, its turns and its sends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import text
from twilio.request_validator import RequestValidator

from bot.app import create_app
from bot.assistant import Assistant
from bot.attachments.intake import Intake
from bot.channels.pushed import open_channels
from bot.conversations import service
from bot.conversations.models import Conversation
from bot.conversations.service import Button, Enclosed
from bot.customers import Customers
from bot.delivery import Delivery
from bot.fetching import FetchHandler
from bot.hints import LocalHints
from bot.looking import LookHandler
from bot.notices.models import Notice
from bot.outbox.models import Status
from bot.sending import SendHandler
from bot.turns import TurnHandler
from kernel import clock, ids
from kernel.config import Settings
from kernel.db import Database
from tests.bot.neighbours import Neighbours
from tests.bot.twilio import ACCOUNT, TOKEN, Twilio

KEY = "a key of tests that is long enough to be one"
OLD_TOKEN = "the token that is being changed"
PUBLIC = "https://tienda.example"
ANA = "whatsapp:+573001112233"
SHOP = "whatsapp:+14155238886"
STATES: tuple[Status, ...] = ("sending", "sent", "failed", "delivered", "read")
BUTTON, LIST, NEWS, CODES = (f"HX{digit * 32}" for digit in "1234")
TEMPLATES = f"""
notices:
  any:
    es: {{sid: {NEWS}, variables: [number, text]}}
    en: {{sid: {NEWS}, variables: [number, text]}}
  identity.code_asked:
    es: {{sid: {CODES}, variables: [code]}}
buttons: {{2: {BUTTON}}}
lists: {{4: {LIST}}}
"""


def message(number: int = 1, **fields: str) -> dict[str, str]:
    """What Twilio posts of a message of Ana's."""
    known = {"MessageSid": f"SM{number:032x}", "AccountSid": ACCOUNT, "From": ANA, "To": SHOP, "NumMedia": "0"}
    return known | {"Body": "hola", "ProfileName": "Ana", "WaId": "573001112233"} | fields


class Line:
    """The shop's line: its webhooks, its turns and its sends, each done when the test says so."""

    def __init__(self, database: Database, neighbours: Neighbours, twilio: Twilio, home: Path) -> None:
        (home / "templates.yml").write_text(TEMPLATES)
        settings = Settings.model_validate(
            {
                "COMANDA_SECRET": KEY,
                "COMANDA_HOME": home,
                "DATABASE_URL": database.url,
                "PUBLIC_URL": PUBLIC,
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": TOKEN,
                "TWILIO_AUTH_TOKEN_SECONDARY": OLD_TOKEN,
                "TWILIO_WHATSAPP_FROM": "+14155238886",
                "TWILIO_API_BASE": twilio.url,
                "COMANDA_WHATSAPP_TEMPLATES": home / "templates.yml",
            }
        )
        self.database, self.twilio, self.neighbours = database, twilio, neighbours
        self.channels = open_channels(settings)
        self.delivery = Delivery(database, LocalHints(lambda _: None), self.channels)
        asked = Assistant(neighbours.url), Customers(neighbours.url, KEY)
        self.turns = TurnHandler(self.delivery, *asked, channels=self.channels)
        self.sends = SendHandler(database, self.channels, KEY)
        self.looks = LookHandler(database, self.delivery, self.channels, KEY)
        self.fetches = FetchHandler(self.delivery, Intake(settings, database), self.channels)
        self._app = create_app(settings, database)

    async def post(
        self, fields: dict[str, str], path: str = "/channels/whatsapp", token: str = TOKEN, **headers: str
    ) -> int:
        signature = RequestValidator(token).compute_signature(PUBLIC + path, fields)
        return await self.post_raw(urlencode(fields), path, {"X-Twilio-Signature": signature} | headers)

    async def post_raw(self, body: str | bytes, path: str, headers: Mapping[str, str | bytes]) -> int:
        kind: dict[str, str | bytes] = {"Content-Type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://inside:8080") as http:
            content = body if isinstance(body, bytes) else body.encode()
            return (await http.post(path, content=content, headers=_raw(kind | dict(headers)))).status_code

    def run(self) -> None:
        """Answer and send all that is open, as the worker would."""
        for (message_id,) in self.rows("SELECT message_id FROM bot_turn WHERE status = 'received' ORDER BY message_id"):
            assert self.turns.attempt(str(message_id)) is None
        self.send()

    def send(self) -> list[float | None]:
        open_ = "SELECT DISTINCT message_id FROM bot_outgoing WHERE status IN ('queued', 'sending') ORDER BY message_id"
        return [self.sends.attempt(str(message_id)) for (message_id,) in self.rows(open_)]

    def look(self) -> None:
        """Look for all of which nobody knows, as the worker would."""
        for (outgoing_id,) in self.rows(
            "SELECT id FROM bot_outgoing WHERE status = 'uncertain' ORDER BY created_at, id"
        ):
            self.looks.look(str(outgoing_id))

    async def fetch(self, message_id: str, url: str, *, is_last: bool = False) -> bool:
        return await asyncio.to_thread(self.fetches.attempt, message_id, [url], is_last=is_last)

    def say(
        self,
        words: str,
        *titles: str,
        notice: str | None = None,
        enclosed: str | None = None,
        facts: dict[str, Any] | None = None,
    ) -> None:
        """Something that the shop says first, or the assistant asks; with a PDF at an address."""
        with self.database.read() as session:
            conversation_id = session.execute(text("SELECT id FROM bot_conversation")).scalar_one()
        with self.delivery.to(conversation_id) as (session, conversation):
            buttons = tuple(Button(title, f"/choose_{title}") for title in titles)
            enclosures = [Enclosed("FV-1.pdf", enclosed)] if enclosed else []
            said = service.append(session, conversation, "assistant", words, buttons=buttons, enclosures=enclosures)
            if notice:
                session.add(_notice(notice, said.id, facts or {}))

    def outgoing(self) -> list[tuple[Any, ...]]:
        query = "SELECT o.status, o.reason FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id"
        return self.rows(f"{query} ORDER BY m.seq, o.position")

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]

    def conversation(self) -> Conversation:
        with self.database.read() as session:
            return session.query(Conversation).one()


def _raw(headers: Mapping[str, str | bytes]) -> list[tuple[bytes, bytes]]:
    return [(n.encode(), v if isinstance(v, bytes) else v.encode()) for n, v in headers.items()]


def _notice(what: str, message_id: str, facts: dict[str, Any]) -> Notice:
    at = clock.now()
    return Notice(
        id=ids.new_id(), event_id=ids.new_id(), what=what, subject="PED-1", customer_id="c",
        facts={"number": "PED-1"} | facts,
        status="sent", reason=None, attempts=0, message_id=message_id, created_at=at, due_at=at, ended_at=at,
    )  # fmt: skip


@pytest.fixture
def line(database: Database, neighbours: Neighbours, twilio: Twilio, tmp_path: Path) -> Line:
    return Line(database, neighbours, twilio, tmp_path)
