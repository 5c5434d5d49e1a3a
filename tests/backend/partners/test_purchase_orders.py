"""What a partner ships for us: promised without stock, sent with the order, answered by the partner alone."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from backend.audit import audit
from backend.events import Event
from backend.fulfillment.models import Fulfillment
from backend.inventory.models import Reservation
from backend.mail.models import Mail
from backend.orders.models import Order
from backend.partners.models import PartnerPromise, PurchaseOrder
from backend.seed.demo import _SHOP_FILE as SHOP_FILE
from backend.seed.demo import _open_for_delivery as open_for_delivery
from kernel import clock
from kernel.yaml_files import read_yaml
from tests.backend.partnering import PartnerSystem, add_partner
from tests.backend.shopper import BREAD, MILK, SODA, Shopper, code_of


@pytest.fixture
def abril(http, market, database):
    add_partner(database, "abril", BREAD)
    return PartnerSystem(http, "abril")


@pytest.fixture
def bruno(http, market, database):
    add_partner(database, "bruno", SODA, language="en")
    return PartnerSystem(http, "bruno")


def events_of(database, prefix):
    with database.read() as session:
        query = select(Event).where(Event.kind.startswith(prefix)).order_by(Event.id)
        return [(event.kind, event.subject, event.payload) for event in session.scalars(query)]


def test_a_partners_line_goes_to_them_with_the_order_and_takes_no_stock_of_ours(ana, abril, database, available):
    order = ana.order((MILK, "2"), (BREAD, "30"))

    assert (available(BREAD), available(MILK)) == (10, 8)
    with database.read() as session:
        parts = session.scalars(select(Fulfillment).order_by(Fulfillment.number)).all()
        reserved = session.scalars(select(Reservation.sku)).all()
        promise = session.scalars(select(PartnerPromise)).one()
    assert [(part.number, part.partner_id is not None, part.status) for part in parts] == [
        ("PED-10001-1", False, "pending"),
        ("PED-10001-2", True, "pending"),
    ]
    assert reserved == [MILK]
    assert (promise.sku, promise.quantity, promise.state) == (BREAD, 30, "live")
    assert abril.get().json() == [
        {
            "number": "OC-10001",
            "partner": "abril",
            "order": order["number"],
            "fulfillment": "PED-10001-2",
            "status": "sent",
            "version": 1,
            "address": "Calle 45 # 12-30, Bogotá",
            "lines": [
                {
                    "sku": BREAD,
                    "names": {"es": "Pan tajado", "en": "Pan tajado"},
                    "quantity": "30",
                    "unit": "unidad",
                    "unit_names": {"es": "unidad", "en": "unit"},
                    "base_quantity": 30,
                    "shipped_quantity": 0,
                }
            ],
            "ships_on": None,
            "note": None,
            "sent_at": abril.get("/OC-10001").json()["sent_at"],
            "answered_at": None,
        }
    ]
    sent = {"number": "PED-10001", "customer_id": ana.id, "partner": "abril", "fulfillment": "PED-10001-2"}
    assert events_of(database, "purchase_order.") == [("purchase_order.sent", "OC-10001", sent)]


def test_two_partners_get_a_purchase_order_each_in_their_language(ana, abril, bruno, database):
    ana.order((BREAD, "1"), (SODA, "3"), (MILK, "1"))

    with database.read() as session:
        mails = session.scalars(select(Mail).where(Mail.key.startswith("purchase_order.")).order_by(Mail.recipient))
        letters = [(mail.recipient, mail.subject, mail.text) for mail in mails]
    numbers = {abril: "OC-10001", bruno: "OC-10002"}
    if abril.get().json()[0]["number"] == "OC-10002":
        numbers = {abril: "OC-10002", bruno: "OC-10001"}
    assert [(recipient, subject) for recipient, subject, _ in letters] == [
        ("pedidos@abril.example", f"Orden de compra {numbers[abril]} de El Parque"),
        ("pedidos@bruno.example", f"Purchase order {numbers[bruno]} from El Parque"),
    ]
    assert f"- 1 unidad × Pan tajado ({BREAD})\n\nSe entrega en: Calle 45 # 12-30, Bogotá" in letters[0][2]
    assert f"- 3 units × Gaseosa 400 ml ({SODA})" in letters[1][2]
    assert "Pan tajado" not in letters[1][2]


def test_more_than_our_stock_can_be_ordered_only_while_the_partner_is_active(ana, abril, database, http, staff):
    assert ana.get("/catalog/variants/" + BREAD).json()["stock"] == "in_stock"
    partner = http.request("GET", "/staff/partners/abril", headers=staff).json()
    facts = {key: value for key, value in partner.items() if key != "code"} | {"is_active": False}
    changed = http.request("PUT", "/staff/partners/abril", json=facts, headers=staff | {"Idempotency-Key": "1"})
    assert changed.status_code == 200

    assert code_of(ana.change({"op": "add", "sku": BREAD, "quantity": "11"})) == (409, "out_of_stock")
    ana.order((BREAD, "10"))
    assert abril.get().json() == []


def test_a_partner_confirms_a_day_and_may_name_another(ana, abril, database):
    ana.order((BREAD, "1"))
    today = clock.now().date()
    day, later = ((today + timedelta(days=days)).isoformat() for days in (3, 5))

    first = abril.answer("OC-10001", "confirm", {"ships_on": day, "version": 1})
    stale = abril.answer("OC-10001", "confirm", {"ships_on": later, "version": 1})
    second = abril.answer("OC-10001", "confirm", {"ships_on": later, "version": 2})

    assert (first.status_code, first.json()["status"], first.json()["ships_on"]) == (200, "confirmed", day)
    assert code_of(stale) == (409, "purchase_order_changed")
    assert stale.json()["params"] == {"number": "OC-10001", "version": 2, "status": "confirmed"}
    assert (second.json()["ships_on"], second.json()["version"]) == (later, 3)
    told = [(kind, payload["ships_on"]) for kind, _, payload in events_of(database, "purchase_order.confirmed")]
    assert told == [("purchase_order.confirmed", day), ("purchase_order.confirmed", later)]


def test_a_repeated_answer_of_a_partner_is_one_answer(ana, abril, database):
    ana.order((BREAD, "1"))
    day = {"ships_on": clock.now().date().isoformat()}

    first, again = (abril.answer("OC-10001", "confirm", day, key="once") for _ in range(2))

    assert first.status_code == 200
    assert (again.json(), again.headers["Idempotent-Replay"]) == (first.json(), "true")
    assert len(events_of(database, "purchase_order.confirmed")) == 1


@pytest.mark.parametrize("ships_on", ["2020-01-01", "2199-01-01"])
def test_a_day_in_the_past_or_too_far_ahead_is_refused(ana, abril, database, ships_on):
    ana.order((BREAD, "1"))

    refused = abril.answer("OC-10001", "confirm", {"ships_on": ships_on})

    assert code_of(refused) == (422, "ships_on_impossible")
    assert abril.get("/OC-10001").json()["version"] == 1
    assert events_of(database, "purchase_order.confirmed") == []


def test_anothers_purchase_order_is_as_unknown_as_none(ana, abril, bruno):
    ana.order((BREAD, "1"))
    day = {"ships_on": clock.now().date().isoformat()}

    for number in ("OC-10001", "OC-99999", "nothing"):
        assert code_of(bruno.get(f"/{number}")) == (404, "purchase_order_not_found")
        assert code_of(bruno.answer(number, "confirm", day)) == (404, "purchase_order_not_found")
    assert bruno.get().json() == []
    assert abril.get("/OC-10001").json()["status"] == "sent"


def test_a_cancelled_order_takes_its_purchase_order_back(ana, abril, database):
    order = ana.order((BREAD, "1"), (MILK, "1"))
    abril.answer("OC-10001", "confirm", {"ships_on": clock.now().date().isoformat()})

    cancelled = ana.act("POST", f"/orders/{order['number']}/cancel", {})

    assert cancelled.status_code == 200
    assert abril.get("/OC-10001").json()["status"] == "cancelled"
    refused = abril.answer("OC-10001", "confirm", {"ships_on": clock.now().date().isoformat()})
    assert code_of(refused) == (409, "purchase_order_step_illegal")
    with database.read() as session:
        subjects = session.scalars(select(Mail.subject).where(Mail.key.like("purchase_order.%")).order_by(Mail.id))
        assert list(subjects) == [
            "Orden de compra OC-10001 de El Parque",
            "Cancelamos la orden de compra OC-10001 de El Parque",
        ]
        assert session.scalars(select(PartnerPromise.state)).all() == ["released"]


def test_a_purchase_order_that_disagrees_with_its_fulfillment_is_found(ana, abril, database):
    ana.order((BREAD, "1"))
    with database.write() as session:
        session.scalars(select(PurchaseOrder)).one().status = "shipped"
        session.scalars(select(PartnerPromise)).one().state = "released"
        session.flush()

        found = {finding.invariant for finding in audit(session)}

        assert found >= {
            "a purchase order agrees with its fulfillment",
            "a partner's promise ends with its line",
            "an order's line is served whole, once",
        }
        session.rollback()


def test_the_promise_counts_the_partners_days_and_follows_what_they_confirm(ana, abril, database):
    """Two working days until it leaves, one more with the carrier; then the partner says Tuesday."""
    with time_machine.travel("2026-11-25T15:00:00+00:00", tick=False):  # a Wednesday
        with database.write() as session:
            open_for_delivery(session, read_yaml(SHOP_FILE))
        ana.headers, abril.headers = Shopper(ana.http, ana.id).headers, PartnerSystem(ana.http, "abril").headers
        ana.add(BREAD)
        ana.act("PUT", "/cart/checkout", {"address_text": "Calle 1 # 2-3, Suba", "payment_method": "nequi"})
        assert ana.cart()["promised_on"] == "2026-11-28"
        ana.place(ana.confirm())

        abril.answer("OC-10001", "confirm", {"ships_on": "2026-12-01"})

        with database.read() as session:
            assert session.scalars(select(Order.promised_on)).one().isoformat() == "2026-12-02"
            assert session.scalars(select(Fulfillment.promised_on)).one().isoformat() == "2026-12-02"
        told = events_of(database, "purchase_order.confirmed")[0][2]
        assert (told["ships_on"], told["promised_on"]) == ("2026-12-01", "2026-12-02")
