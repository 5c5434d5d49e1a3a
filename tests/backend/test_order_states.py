"""Which step follows which: every pair is tried, and the page in the docs says the same."""

from itertools import product

import pytest

from backend.fulfillment import service as fulfillment
from backend.fulfillment.errors import FulfillmentStepIllegal
from backend.fulfillment.models import Fulfillment
from backend.orders.errors import IllegalStep
from backend.orders.models import STATUSES, Order
from backend.orders.status import STEPS, step
from backend.states import AXES, PAGE, draw


def test_the_page_of_the_docs_is_made_from_the_tables():
    assert PAGE.read_text(encoding="utf-8") == draw(AXES), "run `python -m backend.states`"


def test_every_status_has_its_row():
    assert tuple(STEPS) == STATUSES


@pytest.mark.parametrize(("before", "after"), list(product(STEPS, STEPS)))
def test_an_order_takes_the_steps_of_the_table_and_no_other(before, after):
    order = Order(number="PED-1", status=before, version=1)

    if after in STEPS[before]:
        step(order, after)
        assert (order.status, order.version) == (after, 2)
    else:
        with pytest.raises(IllegalStep) as refused:
            step(order, after)
        assert (refused.value.status, refused.value.code) == (409, "order_step_illegal")
        assert refused.value.params == {"number": "PED-1", "status": before, "step": after}
        assert (order.status, order.version) == (before, 1)


@pytest.mark.parametrize(("before", "after"), list(product(fulfillment.STEPS, fulfillment.STEPS)))
def test_a_fulfillment_takes_the_steps_of_the_table_and_no_other(database, before, after):
    row = Fulfillment(number="PED-1-1", status=before, version=1)

    with database.read() as session:
        if after in fulfillment.STEPS[before]:
            fulfillment.step(session, row, after)
            assert (row.status, row.version) == (after, 2)
        else:
            with pytest.raises(FulfillmentStepIllegal) as refused:
                fulfillment.step(session, row, after)
            assert refused.value.status == 409
            assert (row.status, row.version) == (before, 1)
