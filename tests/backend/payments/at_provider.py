"""The demo's payment provider in this process, as the worker and a customer's browser reach it."""

import asyncio
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import text

from backend.catalog.shop import set_up_shop, shop
from backend.events import Event
from backend.payments.models import Payment
from backend.payments.providers import Providers
from backend.payments.providers.demo import Demo
from backend.workflows.check_payment import check_payment
from backend.workflows.send_refund import send_refund
from backend.workflows.start_payment import open_at_provider
from comanda.demo_provider import create_app
from tests.backend.shopper import BREAD


class InProcess(httpx.BaseTransport):
    """An ASGI app for a client that is not asynchronous."""

    def __init__(self, app):
        self._inner, self._runner = httpx.ASGITransport(app), asyncio.Runner()

    def handle_request(self, request):
        async def ask():
            sent = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
            answer = await self._inner.handle_async_request(sent)
            return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

        return self._runner.run(ask())

    def close(self):
        self._runner.close()


class Online:
    """The demo's provider as the worker and a customer's browser reach it; it tells nothing by itself."""

    def __init__(self, settings, database):
        self.database, self.secret = database, settings.demo_provider_secret()
        self.transport = InProcess(create_app(settings, tells=False))
        self.browser = httpx.Client(base_url="http://provider", transport=self.transport)
        self.demo = Demo("http://provider", self.secret, transport=self.transport)
        self.providers = Providers({"demo": self.demo})

    def payment(self):
        with self.database.read() as session:
            return session.query(Payment).order_by(Payment.id.desc()).first()

    def open(self):
        open_at_provider(self.database, self.providers, self.payment().id, "http://shop")
        return self.payment()

    def press(self, wish):
        return self.browser.post(f"/{self.payment().provider_ref}", data={"wish": wish})

    def send(self, refund_id):
        send_refund(self.database, self.providers, refund_id)

    def check(self):
        check_payment(self.database, self.providers, self.payment().id)
        return self.payment()


# What a customer cancels goes back by itself up to 20,000.00.
REFUND_LIMITS = {"customer": 2_000_000, "agent": 100_000, "finance": 1_000_000}


@pytest.fixture
def online(settings, database, market):
    with database.write() as session:
        facts = shop(session)
        session.execute(text("DELETE FROM oms_shop"))
        set_up_shop(session, replace(facts, online_provider="demo", refund_limits=REFUND_LIMITS))
    made = Online(settings, database)
    yield made
    made.transport.close()


@pytest.fixture
def number(ana, online):
    return ana.order((BREAD, "1"))["number"]


def ask(shopper, number, key=None):
    return shopper.act("POST", f"/orders/{number}/payment-link", key=key)


def told(database, kind):
    with database.read() as session:
        return [event.payload for event in session.query(Event).filter(Event.kind == kind)]
