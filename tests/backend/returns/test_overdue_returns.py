"""Days that were promised and are over: what was not sent ends, and what the shop owes is shown to a person."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.events import Event
from backend.mail.models import Mail
from backend.workflows.announce_event import announce_event
from backend.workflows.drop_unsent_returns import drop_unsent_returns
from backend.workflows.find_stuck_orders import find_stuck_orders
from kernel import clock
from tests.backend.returns.conftest import asked
from tests.backend.shopper import BREAD, MILK


def dropped(database, **later):
    with time_machine.travel(clock.now() + timedelta(**later), tick=False):
        return drop_unsent_returns(database)


def stuck(database, **later):
    with time_machine.travel(clock.now() + timedelta(**later), tick=False), database.read() as session:
        return [one.reason for one in find_stuck_orders(session) if one.reason.startswith("return_")]


def letters_of_returns(database):
    """The subjects of the letters that the returns so far deserve."""
    with database.write() as session:
        for event in session.scalars(select(Event).where(Event.kind.like("return.%")).order_by(Event.id)):
            announce_event(session, event.id)
        return list(session.scalars(select(Mail.subject).where(Mail.subject.like("%RMA-%")).order_by(Mail.id)))


@pytest.fixture
def weekdays(desk):
    """A shop that works from Monday to Friday: only so it promises days."""
    days = [{"weekday": day, "opens_at": "08:00", "closes_at": "18:00", "cut_off": "15:00"} for day in range(5)]
    answer = desk.act("/calendar/week", {"working_days": days}, method="PUT")
    assert answer.status_code == 200, answer.text


def test_what_is_not_sent_in_time_is_cancelled_and_told(ana, desk, delivered, database, weekdays):
    number = delivered(ana, (MILK, "2"))
    rma = asked(ana, number, (MILK, 2))
    send_by = desk.done(rma, "accept")["send_by"]

    assert dropped(database, days=1) == 0
    assert (dropped(database, days=20), dropped(database, days=21)) == (1, 0)

    said = ana.get(f"/returns/{rma}").json()
    assert (said["status"], said["history"][-1]["who"]) == ("cancelled", "system")
    assert ana.get(f"/orders/{number}/returnable").json()["lines"][0]["left"] == 2
    with database.read() as session:
        told = session.scalars(select(Event).where(Event.kind == "return.cancelled")).one().payload
    assert (told["by"], told["not_sent_by"], told["return"]) == ("system", send_by, rma)


def test_its_customer_is_written_to_with_the_order_in_the_subject(ana, desk, delivered, database, weekdays):
    ana.act("PATCH", "/customers/me", {"email": "ana@example.com"})
    number = delivered(ana, (MILK, "2"))
    rma = asked(ana, number, (MILK, 2))
    desk.done(rma, "accept")
    dropped(database, days=20)

    assert letters_of_returns(database) == [
        f"Recibimos tu solicitud de devolución {rma}, del pedido {number}",
        f"Aceptamos tu devolución {rma}, del pedido {number}",
        f"Cancelamos tu devolución {rma}, del pedido {number}",
    ]


def test_each_step_is_written_about_once(ana, desk, delivered, database):
    ana.act("PATCH", "/customers/me", {"email": "ana@example.com"})
    number = delivered(ana, (MILK, "2"))
    rma = asked(ana, number, (MILK, 2), wish="store_credit")
    desk.done(rma, "accept")
    desk.done(rma, "send")
    desk.done(rma, "send")
    desk.receive(rma, (MILK, 2))
    # In two goes, and one of them once more when it was refurbished.
    desk.inspect(rma, (MILK, 1, "refurbish"))
    desk.inspect(rma, (MILK, 1, "restock"))
    again = [{"line": MILK, "quantity": 1, "disposition": "restock", "is_again": True}]
    desk.done(rma, "inspections", location="CENTRO", lines=again)
    desk.done(rma, "resolve")

    assert letters_of_returns(database) == [
        f"Recibimos tu solicitud de devolución {rma}, del pedido {number}",
        f"Aceptamos tu devolución {rma}, del pedido {number}",
        f"Tu devolución {rma}, del pedido {number}, viene en camino",
        f"Llegó lo que devolviste del pedido {number} ({rma})",
        f"Revisamos lo que devolviste del pedido {number} ({rma})",
        f"Tu devolución {rma} del pedido {number} quedó lista",
    ]


@pytest.mark.parametrize("who", ["customer", "staff"])
def test_what_is_accepted_at_once_is_written_about_once(ana, desk, delivered, database, who):
    desk.policy(accept_up_to_minor=10_000_000)
    ana.act("PATCH", "/customers/me", {"email": "ana@example.com"})
    number = delivered(ana, (MILK, "2"))
    wish = {"lines": [{"line": MILK, "quantity": 1, "reason": "not_wanted"}]}
    if who == "customer":
        rma = asked(ana, number, (MILK, 1))
    else:
        rma = desk.act(f"/orders/{number}/returns", wish).json()["number"]

    assert letters_of_returns(database) == [f"Aceptamos tu devolución {rma}, del pedido {number}"]
    with database.read() as session:
        told = {each.kind: each.payload for each in session.scalars(select(Event).where(Event.kind.like("return.%")))}
    assert (told["return.requested"]["at_once"], told["return.accepted"]["by"]) == (True, who)


def test_what_was_sent_paid_or_is_to_be_fetched_is_not_cancelled(ana, desk, delivered, database, weekdays):
    desk.policy(refund_when=[{"when": "on_request", "up_to_minor": 500_000}, {"when": "inspection"}])
    number = delivered(ana, (MILK, "3"), (BREAD, "1"))
    sent, fetched = asked(ana, number, (BREAD, 1)), asked(ana, number, (MILK, 2), way="pickup")
    paid = asked(ana, number, (MILK, 1))
    for rma in (sent, fetched, paid):
        desk.done(rma, "accept")
    desk.done(sent, "send")

    assert dropped(database, days=30) == 0

    assert [ana.get(f"/returns/{rma}").json()["status"] for rma in (sent, fetched, paid)] == [
        "in_transit", "accepted", "accepted",
    ]  # fmt: skip
    assert sorted(stuck(database, days=30)) == ["return_lost", "return_not_sent", "return_not_sent"]


def test_whoever_has_the_next_step_is_shown_when_they_are_late(ana, desk, delivered, database, weekdays):
    rma = asked(ana, delivered(ana, (MILK, "2")), (MILK, 2))
    assert (stuck(database, hours=1), stuck(database, days=9)) == ([], ["return_unanswered"])
    desk.done(rma, "accept")
    assert stuck(database, days=9) == []
    desk.receive(rma, (MILK, 2))
    assert (stuck(database, hours=1), stuck(database, days=9)) == ([], ["return_not_inspected"])
    desk.inspect(rma, (MILK, 2, "restock"))
    assert stuck(database, days=9) == ["return_not_resolved"]
    desk.done(rma, "resolve")
    assert stuck(database, days=9) == []
