"""However many ask for money back at once, and in whatever order, no more goes back than came."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.audit import audit
from backend.ledger import chart
from backend.payments import refunds
from backend.payments import service as payments
from backend.payments.models import Payment, Refund
from backend.workflows.decide_refund import approve_refund, lock_refund, reject_refund
from backend.workflows.request_refund import lock_and_request
from backend.workflows.settle_refund import drop, succeed
from kernel.errors import ComandaError
from tests.backend.shopper import BREAD, DELIVERY_FEE
from tests.backend.storm import Storm

TOTAL = 620_000 + DELIVERY_FEE
PROCESSES = int(os.environ.get("STORM_PROCESSES", "20"))


def ask(database, number, amount_minor, key):
    """The number of the refund, or the code of the refusal."""
    try:
        with database.write() as session:
            return _ask(session, number, amount_minor, key).number
    except ComandaError as refusal:
        return refusal.code


def _ask(session, number, amount_minor, key, roles=frozenset({"finance"})):
    payment = payments.find(session, number)
    return lock_and_request(
        session, payment, amount_minor, "COP", key=key, reason="x", who="staff:1", roles=roles, way=None
    )


@pytest.mark.timeout(1_800)
def test_of_twenty_who_want_half_of_it_back_two_get_it(ana, finance, database, database_url, count_rows):  # case 71
    paid = finance.pay(ana.order((BREAD, "1"))["number"], TOTAL)["number"]

    with Storm(database_url, PROCESSES) as storm:
        answers = storm.rage([(ask, paid, TOTAL // 2, f"refund:{each}") for each in range(PROCESSES)])

    assert sorted(answers) == ["DEV-10001", "DEV-10002"] + ["refund_too_large"] * (PROCESSES - 2)
    assert count_rows(Refund) == 2


@pytest.mark.timeout(1_800)
def test_of_twenty_with_one_key_all_get_the_same_refund(ana, finance, database_url, count_rows):  # case 71
    paid = finance.pay(ana.order((BREAD, "1"))["number"], TOTAL)["number"]

    with Storm(database_url, PROCESSES) as storm:
        answers = storm.rage([(ask, paid, TOTAL // 4, "refund:one")] * PROCESSES)

    assert (set(answers), count_rows(Refund)) == ({"DEV-10001"}, 1)


STEPS = st.one_of(
    st.tuples(st.sampled_from(["ask", "ask_small_role"]), st.integers(1, TOTAL + 1)),
    st.tuples(st.sampled_from(["approve", "reject", "succeed", "fail"]), st.integers(0, 5)),
)


def take(session, step, value, paid, key):
    if step.startswith("ask"):
        _ask(session, paid, value, key, frozenset({"finance"} if step == "ask" else {"agent"}))
        return
    there = refunds.page(session, None, None, 10)
    if not there:
        return
    refund = there[value % len(there)]
    match step:
        case "approve":
            approve_refund(session, refund.number, "staff:2", frozenset({"finance"}))
        case "reject":
            reject_refund(session, refund.number, "no", "staff:2")
        case _ if refund.status != "requested":
            payment, locked = lock_refund(session, refund)
            if step == "succeed":
                succeed(session, payment, locked, chart.BANK, "staff:2")
            else:
                drop(session, payment, locked, "failed", "staff:2")


class Undone(Exception):
    pass


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=12))
def test_whatever_is_asked_and_becomes_of_it_no_more_goes_back_than_came(ana, finance, database, steps):  # case 71
    with database.read() as session:
        known = session.query(Payment.number).limit(1).scalar()
    paid = known or finance.pay(ana.order((BREAD, "1"))["number"], TOTAL)["number"]

    try:
        with database.write() as session:
            for position, (step, value) in enumerate(steps):
                with_savepoint = session.begin_nested()
                try:
                    take(session, step, value, paid, f"step:{position}")
                    with_savepoint.commit()
                except ComandaError:
                    with_savepoint.rollback()
            session.flush()
            payment = payments.find(session, paid)
            done = sum(
                each.amount_minor for each in refunds.of_payment(session, payment.id) if each.status == "succeeded"
            )
            assert payment.refunded_minor == done <= payment.captured_minor
            assert audit(session) == []
            raise Undone
    except Undone:
        pass
