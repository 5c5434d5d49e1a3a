"""From a fact to the customer through real processes: worker and web, a real SMTP server, and kill -9 in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from backend import events
from backend.customers.models import Customer
from kernel import clock
from tests.backend.shopper import open_market
from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until
from tests.bot.page import Page
from tests.journeys.product import free_ports

pytestmark = pytest.mark.chaos

# Said at any hour, so that the test passes at night, too.
SHIPPED = {
    "number": "PED-1",
    "shipment": "PED-1-1-A",
    "carrier": "Veloz",
    "tracking_number": "V-77",
    "tracking_url": "https://shop.example/t/abc",
    "promised_on": "2026-11-26",
    "is_partial": False,
    "lines": [{"name": "Leche entera 1 L", "name_en": "Whole milk 1 L", "quantity": 3}],
}


class PostBox:
    """A real SMTP server. `answers` are given to the next mails in turn; afterwards everything is taken."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.answers: list[str] = []
        [port] = free_ports(1)
        self.url = f"smtp://127.0.0.1:{port}"
        self.controller = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802  aiosmtpd's name
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"


@pytest.fixture
def post_box() -> Iterator[PostBox]:
    box = PostBox()
    box.controller.start()
    yield box
    box.controller.stop()


@pytest.fixture
def telling(own_bot: Running, post_box: PostBox) -> Running:
    own_bot.environment |= {"SMTP_URL": post_box.url, "MAIL_FROM": "La Esquina <shop@esquina.example>"}
    own_bot.neighbours.preferences = AnyHour()
    return own_bot


class AnyHour(dict[str, Any]):
    """Customers who are never asleep."""

    def get(self, _customer_id: str, _default: Any = None) -> Any:
        return {"quiet_from": "00:00:00", "quiet_until": "00:00:00"}


def known_customer(running: Running, page: Page) -> str:
    """The customer of a page, who has written once, and whose e-mail the shop knows."""
    page.say("hola")
    page.until_replies(1)
    [(customer_id,)] = running.rows("SELECT customer_id FROM bot_conversation WHERE id = :id", id=page.conversation_id)
    with running.database.write() as session:
        session.add(Customer(id=customer_id, name="Ana", email="ana@example.com", created_at=clock.now()))
        open_market(session)
    return str(customer_id)


def happens(running: Running, kind: str, facts: dict[str, Any]) -> None:
    with running.database.write() as session:
        events.record(session, kind, facts["number"], facts)


def ends(running: Running, table: str, status: str) -> Callable[[], bool]:
    return lambda: running.rows(f"SELECT status FROM {table}") == [(status,)]


# case 17, 18
def test_a_parcel_that_left_is_told_once_in_chat_and_once_by_mail_though_the_worker_is_killed(
    telling: Running, post_box: PostBox
) -> None:
    telling.start_web()
    telling.start_worker()
    page = telling.page()
    customer_id = known_customer(telling, page)
    post_box.answers = ["451 come back later"]

    happens(telling, "shipment.shipped", SHIPPED | {"customer_id": customer_id})
    wait_until(lambda: telling.rows("SELECT 1 FROM oms_webhook_delivery"), what="the event to leave")
    telling.kill("worker")
    telling.start_worker()

    page.until_replies(2, timeout_s=40)
    wait_until(ends(telling, "oms_mail", "sent"), timeout_s=60, what="the mail")
    wait_until(ends(telling, "oms_webhook_delivery", "delivered"), what="the delivery")
    assert page.replies[1] == (
        "Tu pedido PED-1 ya salió con Veloz, guía V-77. Llega el jueves 26 de noviembre. "
        "Míralo aquí: https://shop.example/t/abc"
    )
    page.hear(1)
    assert len(page.replies) == 2
    [mail] = post_box.mails
    assert (mail["To"], mail["Subject"].strip()) == ("ana@example.com", "Tu pedido PED-1 va en camino")
    assert telling.rows("SELECT status, reason FROM bot_notice") == [("sent", None)]
