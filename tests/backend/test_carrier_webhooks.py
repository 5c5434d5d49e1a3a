"""Carriers' webhooks: genuine or refused, counted once, never moving a parcel back."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import select
from standardwebhooks import Webhook

from backend.app import create_app
from backend.events import Event
from backend.fulfillment.models import Fulfillment
from backend.inventory import service as inventory
from backend.shipping import service as shipping
from backend.shipping import signatures
from backend.shipping.models import TrackingEvent
from kernel import clock
from kernel.config import Settings
from kernel.ids import new_id
from tests.backend.parcels import ship_in_parcels, ship_order_of
from tests.backend.shopper import KEY, MILK, Http, code_of

SECRET = signatures.secret_of("table_rate", {}, KEY)


def said(kind: str, number: str, event_id: str = "1", **facts: Any) -> dict[str, Any]:
    at = {"happened_at": clock.now().isoformat()} | facts
    return {"id": event_id, "tracking_number": number, "kind": kind} | at


def signed(events: Any, webhook_id: str | None = None, secret: str = SECRET) -> tuple[dict[str, str], bytes]:
    body = json.dumps({"events": events}).encode()
    webhook_id = webhook_id or new_id()
    now = clock.now()
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(webhook_id, now, body.decode()),
        "content-type": "application/json",
    }
    return headers, body


def send(http: Http, given: tuple[dict[str, str], bytes], carrier: str = "table_rate") -> httpx.Response:
    headers, body = given
    return http.request("POST", f"/carriers/{carrier}/events", headers=headers, content=body)


@pytest.fixture
def parcel(ana, database) -> str:
    """The number of one parcel under way, the whole of an order."""
    order = ana.order((MILK, "2"))
    with database.write() as session:
        return ship_order_of(session, order["number"]).number


@pytest.fixture
def told(database) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """What left as events about shipments: (kind, what it says beside number and customer)."""

    def look() -> list[tuple[str, dict[str, Any]]]:
        with database.read() as session:
            rows = session.scalars(select(Event).where(Event.kind.like("shipment.%")).order_by(Event.id)).all()
        return [
            (row.kind, {key: value for key, value in row.payload.items() if key not in ("number", "customer_id")})
            for row in rows
        ]

    return look


def shipment_of(database, number):
    with database.read() as session:
        return shipping.find(session, number)


def test_a_genuine_webhook_moves_the_parcel_on(http, database, parcel):
    answer = send(http, signed([said("in_transit", parcel, place="Bogotá")]))

    assert (answer.status_code, answer.json()) == (200, {"events": 1, "counted": 1})
    shipment = shipment_of(database, parcel)
    assert (shipment.status, shipment.version) == ("in_transit", 3)


def test_the_same_event_counts_once_in_whatever_webhook(http, parcel, count_rows, told):  # case 29
    event = said("out_for_delivery", parcel)
    same = signed([event])

    answers = [send(http, same), send(http, same), send(http, signed([event])), send(http, signed([event, event]))]

    assert [answer.json()["counted"] for answer in answers] == [1, 1, 0, 0]
    assert count_rows(TrackingEvent) == 2
    assert told() == [("shipment.out_for_delivery", {"shipment": parcel})]


FIVE = ("in_transit", "out_for_delivery", "attempt_failed", "delayed", "delivered")


def test_five_events_in_any_order_end_the_same(http, database, ana, market):  # case 31
    """120 parcels of one order, one for each order in which the five can come."""
    start = datetime(2026, 11, 25, 12, tzinfo=UTC)
    arrivals = list(permutations(range(len(FIVE))))
    with database.write() as session:
        inventory.receive(session, MILK, market.centro, len(arrivals))
    order = ana.order((MILK, str(len(arrivals))))
    with database.write() as session:
        numbers = [each.number for each in ship_in_parcels(session, order["number"], len(arrivals))]
    with time_machine.travel(start + timedelta(hours=8)):
        for parcel, arrival in zip(numbers, arrivals, strict=True):
            for index in arrival:
                facts = {"happened_at": (start + timedelta(hours=index)).isoformat(), "promised_on": "2026-11-27"}
                answer = send(http, signed([said(FIVE[index], parcel, f"{parcel}-{index}", **facts)]))
                assert (answer.status_code, answer.json()["counted"]) == (200, 1)

    with database.read() as session:
        parcels = [shipping.find(session, number) for number in numbers]
        ends = Counter((each.status, each.delivered_at, str(each.promised_on)) for each in parcels)
        [fulfillment] = session.scalars(select(Fulfillment.status)).all()
    assert ends == {("delivered", start + timedelta(hours=4), "2026-11-27"): 120}
    assert (fulfillment, ana.get("/orders/latest").json()["status"]) == ("delivered", "closed")


def test_nobody_is_told_what_comes_late(http, parcel, told):  # case 31
    for number, kind in enumerate(("delivered", "out_for_delivery", "attempt_failed", "delayed", "in_transit")):
        assert send(http, signed([said(kind, parcel, str(number))])).status_code == 200

    assert [kind for kind, _ in told()] == ["shipment.delivered"]


def test_a_delivery_is_proven_and_closes_the_order(http, database, parcel, told, ana):
    event = said("delivered", parcel, received_by="Portería, Luis", note="En recepción", photo="s3://proofs/1.jpg")

    send(http, signed([event]))

    shipment = shipment_of(database, parcel)
    assert (shipment.status, shipment.received_by) == ("delivered", "Portería, Luis")
    assert shipment.proof == {"said_by": "carrier:table_rate", "note": "En recepción", "photo": "s3://proofs/1.jpg"}
    assert told() == [("shipment.delivered", {"shipment": parcel, "is_last": True})]
    assert ana.get("/orders/latest").json()["status"] == "closed"


@pytest.mark.parametrize("kind", ["attempt_failed", "wrong_address", "lost"])
def test_an_exception_is_told_with_its_kind_and_again_when_it_happens_again(http, database, parcel, told, kind):
    later = (clock.now() + timedelta(minutes=5)).isoformat()
    send(http, signed([said(kind, parcel, "1", note="Nadie en casa")]))
    send(http, signed([said("out_for_delivery", parcel, "2", happened_at=later)]))
    send(http, signed([said(kind, parcel, "3", happened_at=(clock.now() + timedelta(minutes=9)).isoformat())]))

    assert shipment_of(database, parcel).status == "exception"
    assert told() == [
        ("shipment.exception", {"shipment": parcel, "kind": kind, "note": "Nadie en casa"}),
        ("shipment.out_for_delivery", {"shipment": parcel}),
        ("shipment.exception", {"shipment": parcel, "kind": kind, "note": None}),
    ]


def test_a_delay_is_told_once_for_each_new_day(http, database, parcel, told):
    for event_id, day in (("1", "2027-01-05"), ("2", "2027-01-05"), ("3", "2027-01-04"), ("4", "2027-01-06")):
        send(http, signed([said("delayed", parcel, event_id, promised_on=day)]))

    assert told() == [
        ("shipment.delayed", {"shipment": parcel, "promised_on": "2027-01-05"}),
        ("shipment.delayed", {"shipment": parcel, "promised_on": "2027-01-06"}),
    ]
    assert shipment_of(database, parcel).promised_on.isoformat() == "2027-01-06"


def test_a_parcel_that_came_back_is_told(http, database, parcel, told):
    send(http, signed([said("returned_to_origin", parcel)]))

    assert shipment_of(database, parcel).status == "returned_to_origin"
    assert told() == [("shipment.returned", {"shipment": parcel, "return": "RMA-10001", "is_paid": False})]
    with database.read() as session:
        assert session.scalars(select(Fulfillment.status)).all() == ["returned_to_origin"]


@pytest.mark.parametrize(
    ("events", "refusal"),
    [
        ([("teleported", {})], (422, "unknown_tracking_event")),
        ([("in_transit", {"tracking_number": "NOBODYS"})], (404, "shipment_not_found")),
        ([("in_transit", {}), ("in_transit", {"id": "2", "tracking_number": "NOBODYS"})], (404, "shipment_not_found")),
        ([("in_transit", {"happened_at": "2099-01-01T00:00:00Z"})], (422, "tracking_event_time_impossible")),
        ([("in_transit", {"happened_at": "0001-01-01T00:00:00+14:00"})], (422, "tracking_event_time_impossible")),
        ([("in_transit", {"happened_at": "2026-11-25T10:00:00"})], (422, "unreadable_webhook")),
        ([("in_transit", {"happened_at": 5})], (422, "unreadable_webhook")),
        ([("in_transit", {"id": ""})], (422, "unreadable_webhook")),
        ([("in_transit", {"id": "x" * 121})], (422, "unreadable_webhook")),
        ([("in_transit", {"note": "a\x00b"})], (422, "unreadable_webhook")),
        ([("delayed", {"promised_on": "soon"})], (422, "unreadable_webhook")),
        ([("delivered", {"collected_minor": -1})], (422, "unreadable_webhook")),
        ([("delivered", {"collected_minor": True})], (422, "unreadable_webhook")),
        ([("delivered", {"collected_minor": "500"})], (422, "unreadable_webhook")),
    ],
)
def test_a_webhook_that_cannot_be_counts_nothing(http, database, parcel, count_rows, events, refusal):
    answer = send(http, signed([said(kind, parcel) | facts for kind, facts in events]))

    assert code_of(answer) == refusal
    assert shipment_of(database, parcel).status == "shipped"
    assert count_rows(TrackingEvent) == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b'{"events": 5}', b'{"events": [5]}', b"\xff", b'{"events": [{}]}']
)
def test_a_genuine_webhook_that_says_nothing_readable_is_refused(http, parcel, body):
    now = clock.now()
    text = body.decode("latin-1") if body == b"\xff" else body.decode()
    headers = {
        "webhook-id": "w1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("w1", now, text),
    }

    assert send(http, (headers, body)).status_code in (401, 422)


def test_an_event_for_another_carriers_parcel_is_refused(http, database, parcel, count_rows):
    by_hand = signatures.secret_of("manual", {}, KEY)

    answer = send(http, signed([said("delivered", parcel)], secret=by_hand), carrier="manual")

    assert code_of(answer) == (409, "parcel_of_another_carrier")
    assert (shipment_of(database, parcel).status, count_rows(TrackingEvent)) == ("shipped", 1)


def test_one_carriers_secret_is_not_anothers(http, parcel):
    by_hand = signatures.secret_of("manual", {}, KEY)

    assert code_of(send(http, signed([said("delivered", parcel)], secret=by_hand))) == (401, "signature_refused")


def mutations(headers: dict[str, str], body: bytes, count: int) -> list[tuple[dict[str, str], bytes]]:
    """`count` webhooks, each unlike the genuine one in one character of its id, time, signature or body."""
    chance = random.Random(131)
    alphabet = "abcXYZ019+/=,. -_"
    made = []
    while len(made) < count:
        where = chance.choice(["webhook-id", "webhook-timestamp", "webhook-signature", "body"])
        text = body.decode() if where == "body" else headers[where]
        spot = chance.randrange(len(text) + 1)
        new = chance.choice(
            [
                text[:spot] + chance.choice(alphabet) + text[spot:],
                text[:spot] + text[spot + 1 :],
                text[:spot] + chance.choice(alphabet) + text[spot + 1 :],
                "",
            ]
        )
        # A header's outer spaces are not part of it.
        if new.strip() != text and (new != text if where == "body" else True):
            made.append((headers, new.encode()) if where == "body" else (headers | {where: new}, body))
    return made


def test_no_mutated_webhook_is_accepted(http, database, parcel, count_rows):
    headers, body = signed([said("delivered", parcel)])

    answers = [send(http, mutated) for mutated in mutations(headers, body, 200)]

    assert {code_of(answer) for answer in answers} == {(401, "signature_refused")}
    assert len(answers) == 200
    assert (shipment_of(database, parcel).status, count_rows(TrackingEvent)) == ("shipped", 1)
    assert send(http, (headers, body)).status_code == 200


@pytest.mark.parametrize(("minutes", "status"), [(-6, 401), (-4, 200), (4, 200), (6, 401)])
def test_a_webhook_is_good_for_five_minutes_either_way(http, parcel, minutes, status):  # case 131
    genuine = signed([said("in_transit", parcel)])

    with time_machine.travel(timedelta(minutes=minutes)):
        assert send(http, genuine).status_code == status


def test_a_clock_that_jumps_never_moves_a_parcel_back(http, database, parcel, told):  # case 131
    jumps = [timedelta(), timedelta(hours=-1), timedelta(days=1), timedelta(days=-30), timedelta(hours=2)]
    seen = []
    kinds = ("in_transit", "out_for_delivery", "in_transit", "out_for_delivery", "delivered")
    for number, (jump, kind) in enumerate(zip(jumps, kinds, strict=True)):
        with time_machine.travel(clock.now() + jump):
            assert send(http, signed([said(kind, parcel, str(number))])).status_code == 200
        seen.append(shipment_of(database, parcel).status)

    assert seen == ["in_transit", "out_for_delivery", "out_for_delivery", "out_for_delivery", "delivered"]
    assert [kind for kind, _ in told()] == ["shipment.out_for_delivery", "shipment.delivered"]


def test_an_unknown_carrier_is_not_found(http, parcel):
    assert code_of(send(http, signed([]), carrier="pigeon")) == (404, "carrier_not_found")


def test_in_production_a_carrier_without_a_secret_is_refused(database, tmp_path, parcel):
    settings = Settings(
        COMANDA_HOME=tmp_path, COMANDA_MODE="production", COMANDA_SECRET=KEY, DATABASE_URL=database.url,
        COMANDA_CARRIER_SECRETS={"manual": "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"},
    )  # fmt: skip
    with Http(create_app(settings, database)) as http:
        assert code_of(send(http, signed([]))) == (403, "carrier_without_secret")
        theirs = signed([], secret="whsec_c2VjcmV0c2VjcmV0c2VjcmV0")
        assert send(http, theirs, carrier="manual").json() == {"events": 0, "counted": 0}


def test_staff_enter_what_they_hear(http, staff, database, parcel, told):
    headers = staff | {"Idempotency-Key": "entry:1"}
    body = {"kind": "delivered", "received_by": "Ana", "note": "Llamó la portería"}

    first, again = (
        http.request("POST", f"/staff/shipments/{parcel}/events", json=body, headers=headers) for _ in range(2)
    )

    assert (first.status_code, first.json()) == (200, again.json())
    assert (first.json()["status"], first.json()["received_by"]) == ("delivered", "Ana")
    assert [event["kind"] for event in first.json()["events"]] == ["picked_up", "delivered"]
    assert told() == [("shipment.delivered", {"shipment": parcel, "is_last": True})]


@pytest.mark.parametrize(
    ("number", "kind", "refusal"),
    [("PED-1-1-A", "delivered", (404, "shipment_not_found")), (None, "vanished", (422, "unknown_tracking_event"))],
)
def test_an_entry_that_cannot_be_is_refused(http, staff, parcel, count_rows, number, kind, refusal):
    headers = staff | {"Idempotency-Key": "entry:1"}

    answer = http.request("POST", f"/staff/shipments/{number or parcel}/events", json={"kind": kind}, headers=headers)

    assert code_of(answer) == refusal
    assert count_rows(TrackingEvent) == 1
