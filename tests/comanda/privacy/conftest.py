"""Two people of a shop, each with all that a shop may come to keep of one."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.orm import Session

from backend.claims import service as claims
from backend.consents import service as consents
from backend.customers.models import Customer
from backend.mail import service as mail
from backend.orders import service as orders
from backend.orders.models import Order
from backend.workflows.issue_invoice import Leaving, issue_invoice
from backend.workflows.record_payment import record_payment
from bot.attachments.intake import Intake
from bot.channels.base import InboundMessage
from bot.contacts import service as contacts
from bot.conversations import service as conversations
from bot.delivery import Delivery
from bot.handoff import papers
from bot.handoff import service as handoffs
from bot.handoff.acts import Doer
from bot.hints import LocalHints
from bot.listening.inbound import Inbox
from bot.notices.models import Notice
from bot.outbox import service as outbox
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from kernel.ids import new_id
from kernel.tokens import Principal
from tests.backend.conftest import app, http, market, settings
from tests.backend.shopper import MILK, Http, Market, Shopper, bearer
from tests.bot.pictures import picture

__all__ = ["app", "http", "market", "settings"]


@dataclass(frozen=True)
class Someone:
    """`words` name them, and nobody else."""

    customer_id: str
    phone: str
    email: str
    number: str
    conversation_id: str
    words: tuple[str, ...]


@pytest.fixture
def live(
    database: Database, http: Http, market: Market, settings: Settings, tmp_path: Path
) -> Callable[[str, str], Someone]:
    """`live("Ana María Rueda", "+573001112233")`: an order that is over, its invoice, a claim, mails, a chat, files."""

    def make(name: str, phone: str, *, is_over: bool = True) -> Someone:
        handle = name.lower().replace(" ", ".").replace("í", "i")
        email, address = f"{handle}@example.com", f"Carrera 9 # 8-77 torre {name}"
        bot = bearer(Principal("service", "bot")) | {"Idempotency-Key": phone}
        body = {"channel": "whatsapp", "external_id": phone, "phone": phone}
        customer_id = http.request("PUT", "/customers/identities", json=body, headers=bot).json()["customer_id"]
        shopper = Shopper(http, customer_id)
        assert shopper.act("PATCH", "/customers/me", {"name": name, "email": email}).status_code == 200
        assert shopper.act("POST", "/customers/me/addresses", {"text": address}).status_code == 201
        assert shopper.act("PUT", "/customers/me/preferences", {"marketing": False}).status_code == 200
        shopper.add(MILK, "3")
        choice = {"address_text": address, "payment_method": "nequi"}
        assert shopper.act("PUT", "/cart/checkout", choice).status_code == 200
        number = shopper.place(shopper.confirm()).json()["number"]
        with database.write() as session:
            session.execute(update(Customer).where(Customer.id == customer_id).values(legal_name=f"{name} SAS"))
            _settle(session, number, name, email, customer_id, is_over=is_over)
        conversation_id = _chat(database, settings, customer_id, name, phone, number)
        _remember(tmp_path / "rasa-trackers.db", conversation_id, name, phone)
        return Someone(customer_id, phone, email, number, conversation_id, (name, email, phone, address))

    return make


def _settle(session: Session, number: str, name: str, email: str, customer_id: str, *, is_over: bool) -> None:
    order = orders.find_any(session, number, lock=True)
    invoice = issue_invoice(session, order, [Leaving(line, 3) for line in order.lines], "shipment:1", "system").invoice
    record_payment(
        session,
        order,
        key=f"pay:{number}",
        method="nequi",
        amount_minor=invoice.payable_minor,
        reference=None,
        who="staff:1",
    )
    claim = claims.open_claim(session, order.order.id, f"falta una leche, llamar a {name}", "missing")
    consents.write_down(session, customer_id, "privacy", consents.Said("whatsapp", "Al seguir…", "m-1"), version="1")
    mail.queue(session, f"test:{number}", email, f"Pedido {number}", f"Hola {name}", f"<p>Hola {name}</p>")
    if is_over:
        claims.close(session, claim, "staff:1", answer=f"{name} lo encontró")
        session.execute(update(Order).where(Order.number == number).values(status="closed"))


def _chat(database: Database, settings: Settings, customer_id: str, name: str, phone: str, number: str) -> str:
    delivery = Delivery(database, LocalHints(lambda _: None))
    inbox, intake = Inbox(delivery), Intake(settings, database)
    with delivery.to_found(lambda s: conversations.open_for(s, "whatsapp", phone, "es")) as (session, conversation):
        conversation.customer_id = customer_id
        contact = contacts.ensure(session, "whatsapp", phone, phone)
        contacts.hear(contact, clock.now(), "out")

    async def content() -> AsyncIterator[bytes]:
        yield picture()

    file = asyncio.run(intake.take(conversation.id, f"{name}.jpg", content()))
    said = f"soy {name}, mi número es {phone}"
    inbox.receive(InboundMessage(conversation.id, f"SM{uuid4().hex}", said, attachments=(file.id,)))
    with delivery.to(conversation.id) as (session, conversation):
        offer = (conversations.Button(f"Sí, soy {name}", "/affirm"),)
        answer = conversations.append(session, conversation, "assistant", f"Hola {name}", buttons=offer)
        outbox.put(session, conversation, answer, [{"body": f"Hola {name}"}])
        facts = {"number": number, "customer_id": customer_id, "name": name}
        session.add(_notice(number, customer_id, facts))
        rosa = Doer("rosa", "Rosa", f"note:{number}", "")
        papers.add_note(session, conversation.id, rosa, f"{name} llamó dos veces")
        papers.keep_draft(session, conversation.id, "rosa", f"Hola {name}, te cuento")
        papers.set_tags(session, conversation.id, [f"amiga de {name}"])
        handoffs.ask(session, conversation, "requested").done = f"hablé con {name}"
        handoffs.give_back(session, conversation, "returned")
    return conversation.id


def _notice(number: str, customer_id: str, facts: dict[str, str]) -> Notice:
    return Notice(
        id=new_id(), event_id=new_id(), what="shipment.shipped", subject=number, customer_id=customer_id, facts=facts,
        status="queued", reason=None, attempts=0, message_id=None, created_at=clock.now(), due_at=clock.now(),
        ended_at=None,
    )  # fmt: skip


def _remember(path: Path, conversation_id: str, name: str, phone: str) -> None:
    """As Rasa's SQL tracker store does."""
    with closing(sqlite3.connect(path)) as trackers, trackers:
        trackers.execute("CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY, sender_id TEXT, data TEXT)")
        event = json.dumps({"event": "user", "text": f"soy {name}, {phone}"}, ensure_ascii=False)
        trackers.execute("INSERT INTO events (sender_id, data) VALUES (?, ?)", (conversation_id, event))


@pytest.fixture
def ana(live: Callable[..., Someone]) -> Someone:
    return live("Ana María Rueda", "+573001112233")


@pytest.fixture
def beto(live: Callable[..., Someone]) -> Someone:
    return live("Beto Quintero Paz", "+573009998877")


@pytest.fixture
def all_rows(database: Database) -> Callable[[], dict[str, list[str]]]:
    """Every row of every table, as text."""

    def look() -> dict[str, list[str]]:
        with database.read() as session:
            connection = session.connection()
            kind = "pg_tables WHERE schemaname = 'public'" if connection.dialect.name == "postgresql" else ""
            query = f"SELECT tablename FROM {kind}" if kind else "SELECT name FROM sqlite_master WHERE type = 'table'"
            tables = [row[0] for row in session.execute(text(query))]
            return {
                each: [str(tuple(row)) for row in session.execute(text(f'SELECT * FROM "{each}"'))] for each in tables
            }

    return look
