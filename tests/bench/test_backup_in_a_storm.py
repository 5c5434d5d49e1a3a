"""A backup taken while everyone is at work, restored elsewhere: its books are right, and nothing leaves twice."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.audit import audit
from backend.counters import next_value
from bench.processes import free_port, process
from bench.storm.customers import ACCOUNT, FROM, TOKEN
from bench.storm.parts import READY
from bench.storm.run import storm
from bench.storm.stage import PATIENCE_S, Stage, stage
from bench.storm.stand_ins import Gateway, serving
from bot.channels.pushed import open_channels
from bot.contacts import service as contacts
from bot.conversations import service as conversations
from bot.delivery import Delivery
from bot.hints import LocalHints
from comanda.backup.make import backup
from comanda.backup.restore import restore
from comanda.database import opened
from kernel import clock
from kernel.config import Settings
from tests.bot.neighbours import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]
SEED, SECONDS, BEFORE_S = 11, 20.0, 8.0
NEW = "+573009990000"
ENOUGH = {"place": 4, "say": 15}
LEFT = (
    "SELECT count(*) FROM bot_outgoing WHERE status IN ('queued', 'sending')",
    "SELECT count(*) FROM oms_mail WHERE status IN ('queued', 'sending')",
    "SELECT count(*) FROM bot_turn WHERE status = 'received'",
)
COUNTS = {"orders": "oms_order", "moves": "oms_stock_move", "messages": "bot_message"}


async def saved_in_the_middle(comanda: Stage, copy: Path) -> None:
    async def save() -> None:
        await asyncio.sleep(BEFORE_S)
        await asyncio.to_thread(backup, comanda.settings, copy)

    saving = asyncio.create_task(save())
    await storm(comanda, SEED, SECONDS, calm=True, enough=ENOUGH)
    await saving


def counts(settings: Settings) -> Counter[str]:
    with opened(settings) as database, database.read() as session:
        return Counter({name: session.scalar(text(f"SELECT count(*) FROM {table}")) for name, table in COUNTS.items()})


# case 125
@pytest.mark.usefixtures("postgres_programs")
def test_what_was_saved_in_the_middle_of_a_storm_is_whole_elsewhere_and_sends_nothing_again(
    database_url: str, other_database_url: str, tmp_path: Path
) -> None:
    with stage(tmp_path / "storm", seed=SEED, database_url=database_url) as comanda:
        asyncio.run(saved_in_the_middle(comanda, tmp_path / "copy"))
    whole = counts(comanda.settings)
    gateway = Gateway(SEED)
    with serving(gateway):
        elsewhere = comanda.settings.model_copy(
            update={
                "home": tmp_path / "other",
                "database_url": other_database_url,
                "twilio_api_base": gateway.url,
            }
        )
        restore(elsewhere, tmp_path / "copy")
        saved = counts(elsewhere)
        with opened(elsewhere) as database, database.write() as session:
            findings = audit(session, has_worker=False)
            left = [session.scalar(text(query)) for query in LEFT]
            number = next_value(session, "order")
        told = max(int(row) for row in numbers(comanda.settings))
        sent_again = sent_by_a_worker(elsewhere, gateway, tmp_path / "worker.log")

    part = {name: f"{saved[name]} of {whole[name]}" for name in COUNTS}
    print(f"saved {part}; findings {len(findings)}, sent again {sent_again}, next order {number} after {told}")
    assert findings == []
    assert left == [0, 0, 0]
    assert sent_again == 0
    assert number > told
    assert 0 < saved["messages"] < whole["messages"]


def numbers(settings: Settings) -> list[str]:
    with opened(settings) as database, database.read() as session:
        return [number.rpartition("-")[2] for number in session.scalars(text("SELECT number FROM oms_order"))]


def sent_by_a_worker(settings: Settings, gateway: Gateway, log: Path) -> int:
    """How much leaves by itself when the restored shop is started."""
    environment = {
        "COMANDA_HOME": str(settings.home),
        "COMANDA_MODE": "demo",
        "COMANDA_SECRET": settings.secret.get_secret_value(),
        "DATABASE_URL": settings.database_url,
        "PORT": str(free_port()),
        "PUBLIC_URL": "",
        "BACKEND_URL": "",
        "BOT_URL": "",
        "RASA_URL": "http://127.0.0.1:1",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_WHATSAPP_FROM": FROM.removeprefix("whatsapp:"),
        "TWILIO_API_BASE": gateway.url,
    }
    with process([sys.executable, "-m", "bench.storm.parts"], environment, log) as parts:
        parts.wait_until(lambda: READY in parts.said(), PATIENCE_S)
        # Its own sign that it works: a new message goes the whole way, after all that could go before it.
        with opened(settings) as database:
            with database.write() as session:
                contacts.hear(contacts.ensure(session, "whatsapp", NEW, NEW), clock.now(), None)
                conversation_id = conversations.open_for(session, "whatsapp", NEW, "es").id
            channels = open_channels(Settings.model_validate(environment))
            with Delivery(database, LocalHints(lambda _: None), channels).to(conversation_id) as (session, to):
                conversations.append(session, to, "assistant", "hola")
        wait_until(lambda: gateway.taken, timeout_s=60, what="the new message")
    return gateway.taken.total() - 1
