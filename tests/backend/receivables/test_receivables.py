"""What is open, by how long it is overdue, and whose it is."""

from datetime import timedelta

import pytest
from sqlalchemy import event, update

from backend.catalog.service import shop, shop_day
from backend.customers.models import Customer
from backend.orders.models import Order
from backend.workflows.open_amounts import open_documents, owed_on_credit
from tests.backend.shopper import BREAD, MILK, SODA, code_of

# One milk and the delivery; two milks more.
FIRST, SECOND = 850_000, 900_000


@pytest.fixture
def today(database, market):
    with database.read() as session:
        return shop_day(shop(session))


@pytest.fixture
def number(ana):
    return ana.order((MILK, "3"))["number"]


def amounts(database, customer_id):
    with database.read() as session:
        return {each.number: each.open_minor for each in open_documents(session, customer_id)}


def test_an_invoice_is_open_for_what_is_not_credited_and_not_paid(ana, number, bill, credit, pay, database):
    bill(number, {MILK: 3})
    assert amounts(database, ana.id) == {"FV-1": 1_750_000}

    pay(number, 500_000)
    credit("FV-1", (1, 1))
    assert amounts(database, ana.id) == {"FV-1": 800_000}

    pay(number, 800_000)
    assert amounts(database, ana.id) == {}


def test_what_a_note_takes_from_a_paid_invoice_is_the_customers_balance(ana, number, bill, credit, pay, database):
    bill(number, {MILK: 3})
    pay(number, 1_750_000)

    credit("FV-1", (1, 1))

    assert amounts(database, ana.id) == {}
    assert ana.get("/customers/me/balance").json()["balance"]["amount_minor"] == 450_000


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (0, "current"),
        (1, "days_1_30"),
        (30, "days_1_30"),
        (31, "days_31_60"),
        (60, "days_31_60"),
        (61, "days_61_90"),
        (90, "days_61_90"),
        (91, "days_over_90"),
    ],
)
def test_each_day_overdue_has_its_bucket(number, bill, finance, today, days, bucket):
    bill(number, {MILK: 1})

    (cop,) = finance(f"/staff/receivables/aging?as_of={today + timedelta(days)}").json()["currencies"]

    assert (cop["documents"], cop["open"]["amount_minor"]) == (1, FIRST)
    assert cop["overdue"]["amount_minor"] == (FIRST if days else 0)
    assert {name: money["amount_minor"] for name, money in cop["buckets"].items() if money["amount_minor"]} == {
        bucket: FIRST
    }


def test_a_day_before_it_was_issued_an_invoice_is_not_open(number, bill, pay, finance, today):
    bill(number, {MILK: 1})
    pay(number, FIRST)

    for day in (today - timedelta(1), today):
        assert finance(f"/staff/receivables/aging?as_of={day}").json() == {"as_of": day.isoformat(), "currencies": []}


def test_who_owes_most_comes_first_with_the_limit(ana, beto, number, bill, finance, database):
    bill(number, {MILK: 1})
    bill(beto.order((SODA, "4"))["number"], {SODA: 4}, "shipment:2")
    with database.write() as session:
        session.execute(update(Customer).where(Customer.id == ana.id).values(name="Ana", credit_limit_minor=2_000_000))

    first, second = finance("/staff/receivables").json()["customers"]

    assert (first["customer_id"], first["open"]["amount_minor"], first["credit_limit"]) == (beto.id, 1_828_000, None)
    assert (second["name"], second["open"]["amount_minor"]) == ("Ana", FIRST)
    assert (second["credit_limit"]["amount_minor"], second["credit_used"]["amount_minor"]) == (2_000_000, 0)
    assert len(finance("/staff/receivables?limit=1").json()["customers"]) == 1


def test_days_of_sales_outstanding_are_what_is_open_of_what_was_billed(number, bill, credit, pay, finance, today):
    url = f"/staff/receivables/days-sales-outstanding?since={today - timedelta(9)}&through={today}"
    assert finance(url).json()["days"] is None
    bill(number, {MILK: 3})
    credit("FV-1", (1, 1))
    pay(number, 975_000)

    found = finance(url).json()

    assert (found["open"]["amount_minor"], found["billed"]["amount_minor"]) == (325_000, 1_300_000)
    assert found["days"] == "2.5"


def test_a_statement_tells_what_was_added_and_paid_line_by_line(ana, number, bill, credit, pay, finance, today):
    bill(number, {MILK: 3})
    pay(number, 500_000)
    credit("FV-1", (1, 1))

    told = finance(f"/staff/customers/{ana.id}/statement").json()

    assert (told["opening"]["amount_minor"], told["closing"]["amount_minor"]) == (0, 800_000)
    assert [
        (line["kind"], line["about"], line["amount"]["amount_minor"], line["balance"]["amount_minor"])
        for line in told["lines"]
    ] == [
        ("invoice", None, 1_750_000, 1_750_000),
        ("payment", "FV-1", -500_000, 1_250_000),
        ("credit_note", "FV-1", -450_000, 800_000),
    ]
    later = finance(f"/staff/customers/{ana.id}/statement?since={today + timedelta(1)}&through={today + timedelta(2)}")
    assert (later.json()["opening"]["amount_minor"], later.json()["lines"]) == (800_000, [])
    assert code_of(finance("/staff/customers/nobody/statement")) == (404, "customer_not_found")


def test_a_statement_is_a_table_too(ana, number, bill, finance, today):
    bill(number, {MILK: 1})

    answer = finance(f"/staff/customers/{ana.id}/statement.csv?since={today}")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines() == [
        "on,kind,number,about,amount_minor,balance_minor,currency",
        f"{today},opening,,,0,0,COP",
        f"{today},invoice,FV-1,,{FIRST},{FIRST},COP",
    ]


def test_a_customer_sees_their_own_open_invoices_alone(ana, beto, number, bill, pay, database, today):
    bill(number, {MILK: 1})
    bill(number, {MILK: 2}, "shipment:2")
    pay(number, 50_000)

    own = ana.get("/customers/me/open-invoices").json()

    assert (own["owed"]["amount_minor"], own["overdue"]["amount_minor"], own["with_us"]["amount_minor"]) == (
        FIRST + SECOND - 50_000,
        0,
        0,
    )
    assert [(each["number"], each["open"]["amount_minor"], each["due_on"]) for each in own["documents"]] == [
        ("FV-1", FIRST - 50_000, today.isoformat()),
        ("FV-2", SECOND, today.isoformat()),
    ]
    assert beto.get("/customers/me/open-invoices").json()["documents"] == []  # case 82


def test_credit_is_used_by_what_is_open_and_what_is_not_invoiced_yet(ana, number, bill, pay, database):
    other = ana.order((BREAD, "1"))["number"]
    with database.write() as session:
        session.execute(update(Order).values(payment_method="customer_credit"))

    def used(**given):
        with database.read() as session:
            return owed_on_credit(session, ana.id, **given)

    assert used() == 1_750_000 + 1_020_000
    bill(number, {MILK: 1})
    assert used() == 1_750_000 + 1_020_000
    pay(number, FIRST)
    assert used() == SECOND + 1_020_000
    with database.read() as session:
        order_id = session.query(Order.id).filter(Order.number == other).scalar()
    assert used(without_order_id=order_id) == SECOND


def test_the_credit_of_many_customers_is_asked_for_at_once(ana, beto, number, bill, database, finance):
    theirs = beto.order((BREAD, "1"))["number"]
    with database.write() as session:
        session.execute(update(Order).values(payment_method="customer_credit"))
    bill(number, {MILK: 1})
    bill(theirs, {BREAD: 1}, "shipment:2")
    asked = []

    def listen(_connection, _cursor, statement, *_):
        asked.append("oms_invoice" in statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        customers = finance("/staff/receivables").json()["customers"]
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)

    assert {each["customer_id"]: each["credit_used"]["amount_minor"] for each in customers} == {
        ana.id: 1_750_000,
        beto.id: 1_020_000,
    }
    assert sum(asked) == 2
