"""An event on its way to a subscriber: signed, retried, in order, given up, sent again."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from backend import events
from backend.webhooks import service as webhooks
from backend.webhooks.models import Subscriber, WebhookDelivery
from backend.webhooks.sending import Sender
from backend.workflows.announce_event import announce_event
from backend.workflows.deliver_event import WAITS_S, deliver_event
from tests.backend.shopper import code_of
from tests.backend.webhooks.receiver import Receiver


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def erp(database, receiver):
    """A subscriber of everything, at an address that the configuration calls our own."""
    with database.write() as session:
        subscriber = webhooks.subscribe(session, "ERP", receiver.url, [])
        receiver.secret = subscriber.secret
        return subscriber.id


@pytest.fixture
def deliver(database, receiver):
    """Try a delivery as the worker does."""
    sender = Sender([receiver.url], timeout_s=2)

    def once(delivery_id):
        deliver_event(database, sender, delivery_id)
        return find(database, delivery_id)

    return once


def find(database, delivery_id):
    with database.read() as session:
        return session.get_one(WebhookDelivery, delivery_id)


def happened(database, kind="order.closed", subject="PED-1"):
    """Record an event, announce it, and say which deliveries came of it."""
    with database.write() as session:
        events.record(session, kind, subject, {"number": subject})
        event_id = session.scalars(select(events.Event.id).order_by(events.Event.id.desc())).first()
        announce_event(session, event_id)
        found = select(WebhookDelivery.id).where(WebhookDelivery.event_id == event_id)
        return event_id, list(session.scalars(found))


@pytest.fixture(autouse=True)
def audited():
    """The orders of these events do not exist."""


def enqueued(database, workflow):
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    with database.read() as session:
        return session.scalar(text(f"SELECT count(*) FROM {table} WHERE name = '{workflow}'"))


def test_an_event_comes_signed_with_its_id_and_what_happened(database, erp, deliver, receiver):
    event_id, [delivery_id] = happened(database)

    delivered = deliver(delivery_id)

    assert (delivered.status, delivered.attempts, delivered.error) == ("delivered", 1, None)
    [(came_id, content)] = receiver.events
    assert came_id == event_id
    assert (content["type"], content["data"]) == ("order.closed", {"number": "PED-1"})


def test_announcing_twice_hands_out_once(database, erp):
    event_id, deliveries = happened(database)
    with database.write() as session:
        announce_event(session, event_id)

    with database.read() as session:
        assert session.scalars(select(WebhookDelivery.id)).all() == deliveries


def test_what_is_delivered_is_not_sent_again(database, erp, deliver, receiver):
    _, [delivery_id] = happened(database)
    deliver(delivery_id)
    deliver(delivery_id)

    assert receiver.requests == 1


def test_an_event_nobody_waits_for_starts_no_work(database):
    happened_without_subscribers = enqueued(database, events.WORKFLOW)
    with database.write() as session:
        events.record(session, "order.closed", "PED-1", {"number": "PED-1"})

    assert happened_without_subscribers == enqueued(database, events.WORKFLOW) == 0


def test_an_event_somebody_waits_for_starts_work_once(database, erp):
    with database.write() as session:
        events.record(session, "order.closed", "PED-1", {"number": "PED-1"})

    assert enqueued(database, events.WORKFLOW) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_anything_but_a_2xx_is_tried_again_and_redirects_lead_nowhere(
    database, erp, deliver, receiver, status
):  # case 31
    receiver.answers = [status]
    _, [delivery_id] = happened(database)

    failed = deliver(delivery_id)

    assert (failed.status, failed.attempts, failed.error) == ("pending", 1, f"HTTP {status}")
    assert receiver.requests == 1
    assert deliver(delivery_id).status == "delivered"


def test_a_slow_subscriber_is_a_failed_try(database, erp, deliver, receiver):  # case 31
    receiver.delay_s = 4
    _, [delivery_id] = happened(database)

    assert (deliver(delivery_id).status, find(database, delivery_id).error) == ("pending", "ReadTimeout")


def test_the_last_try_leaves_it_dead_with_the_reason(database, erp, deliver, receiver):
    receiver.answers = [500] * (len(WAITS_S) + 1)
    _, [delivery_id] = happened(database)
    for _ in WAITS_S:
        assert deliver(delivery_id).status == "pending"

    dead = deliver(delivery_id)

    assert (dead.status, dead.attempts, dead.error) == ("dead", len(WAITS_S) + 1, "HTTP 500")
    assert deliver(delivery_id).attempts == len(WAITS_S) + 1


def test_gone_switches_the_subscriber_off(database, erp, deliver, receiver):  # case 31
    receiver.answers = [410]
    _, [delivery_id] = happened(database)
    _, [next_id] = happened(database)

    assert deliver(delivery_id).status == "dead"
    with database.read() as session:
        assert not session.get_one(Subscriber, erp).is_active
    assert deliver(next_id).error == "the subscriber is switched off"
    assert receiver.requests == 1


def test_events_of_one_subject_come_in_order_and_others_do_not_wait(database, erp, deliver, receiver):
    receiver.answers = [500]
    first_event, [first] = happened(database)
    second_event, [second] = happened(database, "order.confirmed")
    other_event, [other] = happened(database, subject="PED-2")

    deliver(first)
    assert deliver(second).attempts == 0
    deliver(other)
    deliver(first)
    deliver(second)

    assert [event_id for event_id, _ in receiver.events] == [other_event, first_event, second_event]


def test_a_dead_event_lets_the_next_one_through(database, erp, deliver, receiver):
    receiver.answers = [500] * (len(WAITS_S) + 1)
    _, [first] = happened(database)
    second_event, [second] = happened(database, "order.confirmed")
    for _ in range(len(WAITS_S) + 1):
        deliver(first)

    assert deliver(second).status == "delivered"
    assert [event_id for event_id, _ in receiver.events] == [second_event]


def test_a_subscriber_gets_only_the_kinds_it_asked_for(database, receiver):
    with database.write() as session:
        webhooks.subscribe(session, "Shipping", receiver.url, ["shipment.*", "order.cancelled"])

    assert len(happened(database, "shipment.shipped")[1]) == 1
    assert len(happened(database, "order.cancelled")[1]) == 1
    assert happened(database, "order.closed")[1] == []


def test_staff_subscribe_see_the_secret_once_and_rotate_it(http, staff):
    keys = iter(range(10))

    def act(method, path, body=None):
        return http.request(method, path, json=body, headers=staff | {"Idempotency-Key": f"k{next(keys)}"})

    new = {"name": "ERP", "url": "https://erp.example/hook", "kinds": ["order.*"]}
    made = act("POST", "/staff/webhooks", new)
    assert made.status_code == 201
    [listed] = http.request("GET", "/staff/webhooks", headers=staff).json()
    assert listed == {key: value for key, value in made.json().items() if key != "secret"}
    rotated = act("POST", f"/staff/webhooks/{listed['id']}/secret").json()
    assert made.json()["secret"].startswith("whsec_")
    assert rotated["secret"] != made.json()["secret"]
    changed = act("PATCH", f"/staff/webhooks/{listed['id']}", {"is_active": False}).json()
    assert (changed["is_active"], changed["kinds"]) == (False, ["order.*"])
    assert code_of(act("POST", "/staff/webhooks", new)) == (409, "subscriber_name_taken")
    assert code_of(act("POST", "/staff/webhooks", new | {"name": "bot"})) == (409, "subscriber_name_taken")
    assert code_of(act("PATCH", "/staff/webhooks/nobody", {})) == (404, "subscriber_not_found")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://erp.example",
        "javascript:alert(1)",
        "https://",
        "https://user:pass@erp.example",
        "http://[::1",
        "/hook",
    ],
)
def test_what_is_no_address_is_refused(http, staff, count_rows, url):
    answer = http.request(
        "POST", "/staff/webhooks", json={"name": "ERP", "url": url}, headers=staff | {"Idempotency-Key": "k"}
    )

    assert code_of(answer) == (422, "subscriber_url_invalid")
    assert count_rows(Subscriber) == 0


def test_our_own_bot_is_not_changed_over_the_api(database, http, staff):
    with database.write() as session:
        webhooks.subscribe_own_bot(session, "http://127.0.0.1:1/internal/events", webhooks.new_secret(), ["order.held"])
    [bot] = http.request("GET", "/staff/webhooks", headers=staff).json()

    answer = http.request(
        "PATCH", f"/staff/webhooks/{bot['id']}", json={"is_active": False}, headers=staff | {"Idempotency-Key": "k"}
    )

    assert code_of(answer) == (409, "subscriber_is_built_in")


def test_staff_send_again_what_is_dead_and_only_that(database, erp, deliver, receiver, http, staff):
    receiver.answers = [410]
    _, [delivery_id] = happened(database)
    deliver(delivery_id)
    [dead] = http.request("GET", "/staff/webhooks/deliveries?status=dead", headers=staff).json()["deliveries"]
    with database.write() as session:
        webhooks.change(session, erp, is_active=True)

    path = f"/staff/webhooks/deliveries/{dead['id']}/resend"
    again = http.request("POST", path, headers=staff | {"Idempotency-Key": "a"})
    assert (again.status_code, again.json()["status"]) == (200, "pending")
    assert deliver(delivery_id).status == "delivered"
    assert code_of(http.request("POST", path, headers=staff | {"Idempotency-Key": "b"})) == (409, "delivery_not_dead")
