"""A backup while customers write and order; the machine burns; restored elsewhere it goes on, and repeats nothing."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from backend.audit import audit
from backend.customers.models import Customer
from backend.inventory import service as inventory
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import confirm_cart
from backend.workflows.place_order import place_order
from bench.arrivals import arrivals
from bench.webhooks import post_all
from comanda.backup.make import backup
from comanda.backup.restore import restore
from kernel.db import Database
from tests.backend.mail.post_box import PostBox
from tests.backend.shopper import MILK, Market, add_customer, open_market
from tests.bot.conftest import Running
from tests.bot.neighbours import Neighbours, wait_until
from tests.bot.test_webhook_storm import echoes, webhook

pytestmark = pytest.mark.chaos

PER_SECOND, LOAD_S = 8.0, 4.0
OPEN = (
    "SELECT message_id FROM bot_turn WHERE status = 'received'",
    "SELECT id FROM bot_outgoing WHERE status IN ('queued', 'sending')",
    "SELECT id FROM oms_mail WHERE status IN ('queued', 'sending')",
)


class Machine(Running):
    """One that mails, too."""

    def __init__(self, home: Path, url: str, neighbours: Neighbours, box: PostBox) -> None:
        super().__init__(home, url, neighbours)
        self.environment |= {"SMTP_URL": box.url, "MAIL_FROM": "tienda@esquina.example"}

    def is_quiet(self) -> bool:
        return not any(self.rows(query) for query in OPEN)


@pytest.fixture
def box() -> Iterator[PostBox]:
    with PostBox() as box:
        yield box


@pytest.fixture
def neighbours() -> Iterator[Neighbours]:
    neighbours = Neighbours()
    neighbours.start()
    yield neighbours
    neighbours.stop()


def order(database: Database) -> str:
    """A new customer with an e-mail address orders one; the order's number."""
    with database.write() as session:
        customer_id = add_customer(session)
        session.get_one(Customer, customer_id).email = f"{customer_id}@example.com"
        change_cart(session, customer_id, [Change("add", MILK, "1")])
        choose_checkout(session, customer_id, address_text="Calle 1 # 2-3", payment_method="cash_on_delivery")
        return str(place_order(session, customer_id, confirm_cart(session, customer_id).confirmation).order.number)


def a_market(database: Database) -> Market:
    with database.write() as session:
        market = open_market(session)
        inventory.receive(session, MILK, market.centro, 10_000)
    return market


def kill_both(machine: Machine) -> None:
    machine.kill("web")
    machine.kill("worker")


# case 125
def test_a_backup_under_load_restored_elsewhere_goes_on_and_sends_nothing_again(
    tmp_path: Path, database_url: str, other_database_url: str, neighbours: Neighbours, box: PostBox
) -> None:
    old = Machine(tmp_path / "home", database_url, neighbours, box)
    new = Machine(tmp_path / "other", other_database_url, neighbours, box)
    new.twilio.stop()
    new.twilio, new.environment["TWILIO_API_BASE"] = old.twilio, old.twilio.url
    is_over = threading.Event()
    try:
        a_market(old.database)
        old.start_web()
        old.start_worker()
        moments = list(arrivals(PER_SECOND, LOAD_S, seed=7))
        writing = threading.Thread(
            target=lambda: asyncio.run(
                post_all(old.port, [webhook(old.settings.public_url, n) for n in range(len(moments))], moments)
            )
        )

        def keep_ordering() -> None:
            while not is_over.wait(0.1):
                order(old.database)

        ordering = threading.Thread(target=keep_ordering)
        for thread in (writing, ordering):
            thread.start()
        wait_until(lambda: len(echoes(old)) > 5 and len(box.mails) > 3, timeout_s=120, what="a shop in full swing")
        made = backup(old.settings, tmp_path / "copy")
        writing.join()
        is_over.set()
        ordering.join()
        wait_until(old.is_quiet, timeout_s=120, what="all that was said and mailed")
        kill_both(old)

        restore(new.settings, tmp_path / "copy")

        with new.database.read() as session:
            findings = audit(session)
            last = str(session.scalar(text("SELECT max(number) FROM oms_order")))
        assert findings == []
        sent, mailed = Counter(old.twilio.bodies()), Counter(mail["Message-ID"] for mail in box.mails)
        new.start_web()
        new.start_worker()
        number = order(new.database)
        said = webhook(new.settings.public_url, 100_000, sender=999)
        asyncio.run(post_all(new.port, [said], [0.0]))
        wait_until(lambda: new.is_quiet() and "echo: mensaje 100000" in echoes(new), timeout_s=120, what="the new ones")

        again = Counter(old.twilio.bodies()) - sent
        again_mailed = Counter(mail["Message-ID"] for mail in box.mails) - mailed
        print(
            f"rows {made.census.total}, messages sent {sent.total()}, mails {mailed.total()}; "
            f"findings {len(findings)}, sent again {again.total() - 1}, mailed again {again_mailed.total() - 1}"
        )
        assert again == {"echo: mensaje 100000": 1}
        assert list(again_mailed.values()) == [1]
        assert box.mails[-1]["Subject"].find(number) >= 0
        assert int(number.removeprefix("PED-")) > int(last.removeprefix("PED-"))
    finally:
        is_over.set()
        new.stop()
        old.stop()
