"""The shop's line on WhatsApp, of which a test does each step: its webhooks, its turns and its sends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator

from bot.conversations.models import Conversation
from bot.outbox.models import Status
from bot.telling.looking import LookHandler
from kernel.config import Settings
from kernel.db import Database
from tests.bot.neighbours import Neighbours
from tests.bot.pushed_chat import KEY, PushedChat
from tests.bot.twilio import ACCOUNT, TOKEN, Twilio

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


class Line(PushedChat):
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
        super().__init__(settings, database, neighbours)
        self.twilio = twilio
        self.looks = LookHandler(database, self.delivery, self.channels, KEY)

    async def post(
        self, fields: dict[str, str], path: str = "/channels/whatsapp", token: str = TOKEN, **headers: str
    ) -> int:
        signature = RequestValidator(token).compute_signature(PUBLIC + path, fields)
        return await self.post_raw(urlencode(fields), path, {"X-Twilio-Signature": signature} | headers)

    async def post_raw(self, body: str | bytes, path: str, headers: Mapping[str, str | bytes]) -> int:
        kind: dict[str, str | bytes] = {"Content-Type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://inside:8080") as http:
            content = body if isinstance(body, bytes) else body.encode()
            return (await http.post(path, content=content, headers=_raw(kind | dict(headers)))).status_code

    def look(self) -> None:
        """Look for all of which nobody knows, as the worker would."""
        for (outgoing_id,) in self.rows(
            "SELECT id FROM bot_outgoing WHERE status = 'uncertain' ORDER BY created_at, id"
        ):
            self.looks.look(str(outgoing_id))

    async def fetch(self, message_id: str, url: str, *, is_last: bool = False) -> bool:
        return await asyncio.to_thread(self.fetches.attempt, message_id, [url], is_last=is_last)

    def conversation(self) -> Conversation:
        with self.database.read() as session:
            return session.query(Conversation).one()


def _raw(headers: Mapping[str, str | bytes]) -> list[tuple[bytes, bytes]]:
    return [(n.encode(), v if isinstance(v, bytes) else v.encode()) for n, v in headers.items()]


@pytest.fixture
def line(database: Database, neighbours: Neighbours, twilio: Twilio, tmp_path: Path) -> Line:
    return Line(database, neighbours, twilio, tmp_path)
