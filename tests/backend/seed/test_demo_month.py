"""The month of orders that a demo shop begins with, told by the real verbs. The auditor looks at it afterwards."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from backend.fulfillment.models import Fulfillment
from backend.mail.models import Mail
from backend.orders.models import Order
from backend.seed import seed, seed_month
from backend.seed.month import DAYS, tell_month
from backend.suggestions.models import Offer

UNTIL = datetime(2026, 11, 25, 15, tzinfo=UTC)


@pytest.fixture
def told(database, settings):
    """The number of orders of a month that ended on a Wednesday morning."""
    seed(database, settings)
    with database.write() as session:
        return tell_month(session, UNTIL)


def counts(database, column):
    with database.read() as session:
        return dict(session.execute(select(column, func.count()).group_by(column)).all())


def test_a_month_has_orders_in_every_state_and_leaves_something_to_do(told, database):
    assert told == sum(counts(database, Order.status).values())
    assert 120 <= told <= 180
    assert counts(database, Order.status).keys() >= {"closed", "confirmed", "cancelled"}
    fulfillments = counts(database, Fulfillment.status).keys()
    assert fulfillments >= {"delivered", "shipped", "cancelled"}
    assert fulfillments & {"pending", "picking", "picked", "packed"}, "which of them varies with the customers' ids"
    assert counts(database, Offer.outcome).keys() == {"offered", "accepted", "declined", "withheld"}
    with database.read() as session:
        first, last = session.execute(select(func.min(Order.placed_at), func.max(Order.placed_at))).one()
    assert UNTIL - timedelta(days=DAYS + 1) < first < UNTIL - timedelta(days=DAYS - 2)
    assert UNTIL - timedelta(days=1) < last <= UNTIL

    # Nobody hears of what is long past.
    assert counts(database, Mail.status).keys() <= {"kept"}
    workflows = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with database.read() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {workflows}")) == 0


def test_a_shop_that_has_orders_gets_no_other_past(database, settings):
    seed(database, settings)
    first = seed_month(database)

    assert first.endswith(" orders of the past month")
    assert seed_month(database) == "its orders are there"
    assert first.split()[0] == str(sum(counts(database, Order.status).values()))
