"""The auditor finds what should have gone out long ago and did not end."""

import pytest
from sqlalchemy import select, text

from backend.audit import audit
from backend.data_requests import service as data_requests
from backend.events import Event
from backend.mail import service as mails
from backend.webhooks import service as webhooks
from tests.backend.shopper import MILK

PLANTED = {
    "what goes out ends": "UPDATE oms_webhook_delivery SET due_at = '2020-01-01 00:00:00+00:00'",
    "what is asked for of a person's data ends": "UPDATE oms_data_request SET due_at = '2020-01-01 00:00:00+00:00'",
    "a mail that goes out ends": "UPDATE oms_mail SET due_at = '2020-01-01 00:00:00+00:00'",
}


@pytest.fixture(autouse=True)
def audited():
    """The books are cooked here on purpose."""


@pytest.mark.parametrize("invariant", PLANTED)
def test_what_waits_for_ever_is_found(ana, database, invariant):
    ana.order((MILK, "2"))
    with database.write() as session:
        webhooks.subscribe(session, "ERP", "https://erp.example/hook", [])
        [placed] = session.scalars(select(Event).where(Event.kind == "order.placed"))
        webhooks.hand_out(session, placed.id, placed.kind, placed.subject)
        data_requests.ask(session, "look", ana.id, "staff:1")
        mails.queue(session, "order.placed", "ana@example.com", "Hola", "Hola")
    with database.read() as session:
        assert audit(session) == []
    with database.write() as session:
        session.execute(text(PLANTED[invariant]))

    with database.read() as session:
        assert [finding.invariant for finding in audit(session)] == [invariant]
