"""What a driver took at the door is recorded with the delivery, in the same transaction, once for each parcel."""

from itertools import count

import pytest

from backend.ledger import chart
from backend.payments.models import Payment
from backend.shipping.models import TrackingEvent
from tests.backend.parcels import ship_order_of
from tests.backend.shopper import BREAD, DELIVERY_FEE, code_of, staff_as
from tests.backend.test_carrier_webhooks import said, send, signed

TOTAL = 620_000 + DELIVERY_FEE
_keys = count(1)


@pytest.fixture
def parcel(ana, database):
    """A parcel on its way, to be paid in cash."""
    number = ana.order((BREAD, "1"))["number"]
    with database.write() as session:
        return ship_order_of(session, number).number


@pytest.fixture
def enter(http, parcel):
    def deliver(key=None, **given):
        headers = staff_as("warehouse") | {"Idempotency-Key": key or f"door:{next(_keys)}"}
        body = {"kind": "delivered"} | given
        return http.request("POST", f"/staff/shipments/{parcel}/events", json=body, headers=headers)

    return deliver


def status(ana):
    order = ana.get("/orders/latest").json()
    return order["status"], order["payment_status"], order["due"]["amount_minor"]


def money(books):
    return {code: minor for code, minor in books().items() if code in (chart.CASH, chart.RECEIVABLE, chart.ADVANCES)}


def balance(ana):
    return ana.get("/customers/me/balance").json()["balance"]["amount_minor"]


def test_what_is_due_and_collected_pays_the_order(ana, parcel, enter, books, database):
    assert status(ana) == ("confirmed", "due", TOTAL)

    assert enter(collected_minor=TOTAL).status_code == 200

    assert status(ana) == ("closed", "paid", 0)
    assert money(books) == {chart.CASH: TOTAL}
    with database.read() as session:
        [paid] = session.query(Payment).all()
        assert (paid.method, paid.provider, paid.reference, paid.who) == (
            "cash_on_delivery",
            "manual",
            parcel,
            "staff:someone",
        )


def test_less_leaves_it_partly_paid(ana, enter, books):
    enter(collected_minor=TOTAL - 100_000)

    assert status(ana) == ("closed", "partly_paid", 100_000)
    assert money(books) == {chart.CASH: TOTAL - 100_000, chart.RECEIVABLE: 100_000}


def test_more_becomes_the_customers_balance(ana, enter, books):
    enter(collected_minor=TOTAL + 50_000)

    assert status(ana) == ("closed", "overpaid", 0)
    assert money(books) == {chart.CASH: TOTAL + 50_000, chart.ADVANCES: 50_000}
    assert balance(ana) == 50_000


@pytest.mark.parametrize("collected", [None, 0])
def test_nothing_collected_is_no_payment(ana, enter, count_rows, collected):
    enter(collected_minor=collected)

    assert (status(ana), count_rows(Payment)) == (("closed", "due", TOTAL), 0)


def test_the_same_told_twice_counts_once(ana, enter, count_rows, books):  # case 67
    first, again = (enter(key="driver:1", collected_minor=TOTAL) for _ in range(2))
    another = enter(collected_minor=TOTAL)

    assert (first.status_code, again.json(), another.status_code) == (200, first.json(), 200)
    assert (count_rows(Payment), money(books)) == (1, {chart.CASH: TOTAL})


def test_the_carrier_tells_it_too_and_once(ana, http, parcel, books, count_rows):
    for event_id in ("1", "1", "2"):
        delivered = said("delivered", parcel, event_id, collected_minor=TOTAL)
        assert send(http, signed([delivered])).status_code == 200

    assert status(ana) == ("closed", "paid", 0)
    assert (count_rows(Payment), money(books)) == (1, {chart.CASH: TOTAL})


def test_money_that_is_told_after_the_delivery_counts_too(ana, enter, books):
    enter()
    enter(collected_minor=TOTAL)

    assert (status(ana), money(books)) == (("closed", "paid", 0), {chart.CASH: TOTAL})


@pytest.mark.parametrize("wrong", [{"kind": "in_transit", "collected_minor": 5}, {"collected_minor": -1}])
def test_what_cannot_be_collected_is_refused_and_nothing_written(ana, enter, count_rows, wrong):
    before = count_rows(TrackingEvent)

    assert code_of(enter(**wrong)) == (422, "invalid_request")
    assert (count_rows(Payment), count_rows(TrackingEvent)) == (0, before)
