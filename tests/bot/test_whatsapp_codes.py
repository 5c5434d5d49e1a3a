"""A one-time code on WhatsApp: it comes to the number that was claimed, and nowhere else is it to be read."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import text

from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.notices import service as notices
from bot.telling.notifying import NoticeHandler
from kernel import clock, codes, ids
from tests.bot.line import ANA, CODES, Line, line, message
from tests.bot.pushed_chat import KEY

__all__ = ["line"]


class Claim:
    """Someone on the web who says that a number is theirs: the OMS's event of it, told to the bot."""

    id = "0193f2c1-7a30-7c11-9d5e-0c3f6c1b2a44"
    code = codes.code_of(id, KEY)

    def __init__(self, line: Line, **facts: Any) -> None:
        ends = clock.now() + timedelta(minutes=10)
        known = {"number": self.id, "customer_id": "c-573001", "channel": "whatsapp", "external_id": "+573001112233"}
        customers = Customers(line.neighbours.url, KEY)
        self.line = line
        self._handler = NoticeHandler(line.database, line.delivery, Assistant(line.neighbours.url), customers)
        with line.database.write() as session:
            notices.note(
                session, ids.new_id(), "identity.code_asked", known | {"expires_at": ends.isoformat()} | facts, 0
            )

    async def tell(self) -> list[dict[str, str]]:
        """What leaves because of it."""
        before = len(self.line.twilio.sent)
        for (notice_id,) in self.line.rows("SELECT id FROM bot_notice WHERE status = 'queued'"):
            await asyncio.to_thread(self._handler.attempt, notice_id)
        self.line.send()
        return self.line.twilio.sent[before:]


async def test_the_code_comes_to_the_number_that_was_claimed(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()

    [sent] = await Claim(line).tell()

    assert sent["To"] == ANA
    assert sent["Body"].startswith(f"Tu código es {Claim.code} y vale 10 minutos.")


async def test_outside_the_window_the_code_goes_by_its_template_alone(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()
    with line.database.write() as session:
        session.execute(text("UPDATE bot_contact SET heard_at = NULL"))

    [sent] = await Claim(line).tell()
    assert (sent["ContentSid"], json.loads(sent["ContentVariables"])) == (CODES, {"1": Claim.code})

    # There is none for codes in English, and a template for news is not one.
    with line.database.write() as session:
        session.execute(text("UPDATE bot_conversation SET language = 'en'"))
    assert await Claim(line).tell() == []
    assert line.outgoing()[-1] == ("skipped", "window_closed")


async def test_no_code_is_stored_where_staff_read(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()
    await Claim(line).tell()

    stored = str(line.rows("SELECT text FROM bot_message") + line.rows("SELECT part FROM bot_outgoing"))
    stored += str(line.rows("SELECT facts FROM bot_notice"))
    assert "Tu código es ••••••" in stored
    assert Claim.code not in stored


async def test_a_code_that_is_over_is_not_said(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()

    assert await Claim(line, expires_at=clock.now().isoformat()).tell() == []
    assert line.rows("SELECT status, reason FROM bot_notice") == [("skipped", "too_late")]


async def test_a_code_that_waited_until_it_was_over_does_not_leave(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()
    line.twilio.fail.append((429, 20429, None))
    await Claim(line).tell()

    with time_machine.travel(clock.now() + timedelta(minutes=10)):
        line.send()
    assert line.outgoing()[-1] == ("failed", "too_late")


async def test_a_code_to_a_number_that_nobody_has_is_not_said(line: Line) -> None:  # case 88
    await line.post(message())
    line.run()

    assert await Claim(line, customer_id=None, external_id=None).tell() == []
