"""Who owes is reminded politely: once for each stage of an invoice, not after paying, not before a promised day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import text, update

from backend.catalog.shop import ReminderStage, set_reminders, shop, shop_day
from backend.customers import service as customers
from backend.events import Event
from backend.orders.models import Order
from backend.reminders.models import PaymentPromise, Reminder
from backend.workflows.link_customers import link_customers
from backend.workflows.promise_payment import promise_payment
from backend.workflows.remind_customers import remind_customers
from tests.backend.shopper import MILK, code_of, staff_as

STAGES = {"soon": -3, "today": 0, "late": 7, "later": 15, "last": 30}
BOGOTA = ZoneInfo("America/Bogota")
OWED = 1_750_000


@pytest.fixture
def owes(ana, database, bill):
    """An invoice of 17,500 pesos on credit: the day it is due, 30 days from now."""
    number = ana.order((MILK, "3"))["number"]
    with database.write() as session:
        set_reminders(session, [ReminderStage(stage, days) for stage, days in STAGES.items()])
        session.execute(update(Order).values(payment_method="customer_credit"))
    return bill(number, {MILK: 3}).invoice.due_on


@pytest.fixture
def remind(database):
    def at(day, hour=10):
        with time_machine.travel(datetime.combine(day, time(hour), BOGOTA), tick=False), database.write() as session:
            return remind_customers(session)

    return at


@pytest.fixture
def told(database):
    def look(kind="invoice.reminded", what="stage"):
        with database.read() as session:
            found = session.query(Event).filter(Event.kind == kind).order_by(Event.id)
            return [event.payload[what] for event in found]

    return look


def promise(database, customer_id, day, at):
    with time_machine.travel(datetime.combine(at, time(10), BOGOTA), tick=False), database.write() as session:
        return promise_payment(session, customer_id, day, "te pago el viernes").state


def states(database):
    with database.read() as session:
        return [each.state for each in session.query(PaymentPromise).order_by(PaymentPromise.id)]


def days(count):
    return timedelta(days=count)


def test_each_stage_is_told_once_on_its_day(owes, remind, told):
    heard = [
        (offset, stage)
        for offset in range(-5, 40)
        for count in [len(told())]
        if remind(owes + days(offset)) + remind(owes + days(offset), 16)
        for stage in told()[count:]
    ]

    assert heard == [(-3, "soon"), (0, "today"), (7, "late"), (15, "later"), (30, "last")]


def test_what_is_told(owes, remind, told, ana):
    remind(owes)

    assert told(what="document") == ["FV-1"]
    assert told(what="customer_id") == [ana.id]
    assert told(what="due_on") == [owes.isoformat()]
    assert told(what="amount") == [{"amount_minor": OWED, "currency": "COP"}]


def test_what_was_missed_is_not_made_up_for(owes, remind, told):
    remind(owes + days(20))
    assert told() == ["later"]
    assert remind(owes + days(200)) == 0


def test_nobody_is_reminded_at_night(owes, remind):
    assert [remind(owes, hour) for hour in (0, 8, 19, 23)] == [0, 0, 0, 0]
    assert remind(owes, 18) == 1


def test_it_stops_at_payment(owes, remind, told, pay):
    remind(owes)
    pay("PED-10001", OWED - 1)
    remind(owes + days(7))
    assert told(what="amount")[-1]["amount_minor"] == 1

    pay("PED-10001", 1)
    assert remind(owes + days(15)) == 0


def test_who_had_no_days_to_pay_in_is_not_reminded_before_it_is_late(ana, database, bill, remind, told):
    number = ana.order((MILK, "3"))["number"]
    with database.write() as session:
        set_reminders(session, [ReminderStage(stage, offset) for stage, offset in STAGES.items()])
    due_on = bill(number, {MILK: 3}).invoice.due_on

    assert (remind(due_on), remind(due_on + days(6)), remind(due_on + days(7))) == (0, 0, 1)
    assert told() == ["late"]


def test_a_shop_without_stages_reminds_nobody(owes, remind, database):
    with database.write() as session:
        set_reminders(session, [])

    assert remind(owes + days(7)) == 0


def test_who_promised_is_left_alone_until_the_day_after(owes, remind, told, ana, database):
    promise(database, ana.id, owes + days(10), at=owes + days(5))

    assert [remind(owes + days(offset)) for offset in range(5, 11)] == [0] * 6
    assert (states(database), told("promise.broken", "promised_on")) == (["open"], [])
    assert remind(owes + days(11)) == 1
    assert told() == ["late"]
    assert states(database) == ["broken"]
    assert told("promise.broken", "customer_id") == [ana.id]
    assert told("promise.broken", "amount") == [{"amount_minor": OWED, "currency": "COP"}]
    remind(owes + days(12))
    assert len(told("promise.broken", "customer_id")) == 1


def test_a_promise_that_is_paid_was_kept(owes, remind, told, ana, pay, database):
    promise(database, ana.id, owes + days(10), at=owes + days(5))
    pay("PED-10001", OWED)

    remind(owes + days(11))
    assert (states(database), told("promise.broken", "customer_id")) == (["kept"], [])


def test_what_a_person_promised_on_one_channel_holds_for_what_they_owe_of_another(owes, remind, told, ana, database):
    with database.write() as session:
        phone = customers.resolve(session, "whatsapp", "+573001112233", "+573001112233")
        assert link_customers(session, ana.id, phone, "code", "test").person_id == phone
    promise(database, phone, owes + days(10), at=owes + days(5))

    assert remind(owes + days(8)) == 0
    assert (states(database), told("promise.made", "amount")) == (
        ["open"],
        [{"amount_minor": OWED, "currency": "COP"}],
    )
    assert remind(owes + days(11)) == 1
    assert states(database) == ["broken"]


def test_another_promise_replaces_the_first(owes, ana, database):
    promise(database, ana.id, owes, at=owes - days(5))
    promise(database, ana.id, owes + days(3), at=owes - days(4))

    assert states(database) == ["replaced", "open"]


def test_a_promise_is_made_and_listed(owes, ana, beto, http, database):
    with database.read() as session:
        today = shop_day(shop(session))
    made = ana.act("POST", "/customers/me/payment-promises", {"promised_on": (today + days(3)).isoformat()})

    assert (made.status_code, made.json()["amount"]["amount_minor"], made.json()["state"]) == (201, OWED, "open")
    listed = http.request("GET", "/staff/receivables/promises?state=open", headers=staff_as("finance")).json()
    assert [(each["customer_id"], each["promised_on"]) for each in listed] == [(ana.id, (today + days(3)).isoformat())]
    refused = beto.act("POST", "/customers/me/payment-promises", {"promised_on": today.isoformat()})
    assert code_of(refused) == (409, "nothing_owed")


@pytest.mark.parametrize("ahead", [-1, 32])
def test_a_promise_is_for_one_of_the_next_days(owes, ana, database, count_rows, ahead):
    with database.read() as session:
        day = shop_day(shop(session)) + days(ahead)

    answer = ana.act("POST", "/customers/me/payment-promises", {"promised_on": day.isoformat()})

    assert code_of(answer) == (422, "promise_out_of_range")
    assert count_rows(PaymentPromise) == 0


def test_the_stages_are_the_shops_to_set(market, http):
    def put(key, *stages):
        body = {"stages": [{"stage": stage, "days": offset} for stage, offset in stages]}
        headers = staff_as("admin") | {"Idempotency-Key": key}
        return http.request("PUT", "/staff/receivables/reminders", json=body, headers=headers)

    assert put("1", ("late", 5), ("soon", -2)).json() == {
        "stages": [{"stage": "soon", "days": -2}, {"stage": "late", "days": 5}]
    }
    for key, wrong in (("2", [("soon", -2), ("soon", 1)]), ("3", [("late", 5), ("later", 5)])):
        assert code_of(put(key, *wrong)) == (422, "reminder_stages_invalid")
    kept = http.request("GET", "/staff/receivables/reminders", headers=staff_as("finance")).json()
    assert [each["days"] for each in kept["stages"]] == [-2, 5]


def test_two_at_once_remind_once(owes, remind, database, count_rows):
    """The row of the stage is the guard: what another worker wrote meanwhile is found, not written again."""
    with database.write() as session:
        invoice_id = session.execute(text("SELECT id FROM oms_invoice")).scalar()
        row = Reminder(id="other", invoice_id=invoice_id, stage="today", open_minor=1, reminded_at=datetime.now(UTC))
        session.add(row)

    assert (remind(owes), count_rows(Reminder)) == (0, 1)
