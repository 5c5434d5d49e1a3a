"""What a parcel is promised when it is handed over, and the link its customer gets."""

from __future__ import annotations

import time_machine
from sqlalchemy import select, update

from backend.catalog.models import Variant
from backend.events import Event
from backend.seed.demo import _SHOP_FILE, _open_for_delivery
from backend.shipping import service as shipping
from kernel.yaml_files import read_yaml
from tests.backend.shopper import MILK
from tests.backend.warehouse import Warehouse


def payload(database, kind):
    with database.read() as session:
        return [event.payload for event in session.scalars(select(Event).where(Event.kind == kind))]


def order_and_ship(database, ana, shipped_at):
    with database.write() as session:
        _open_for_delivery(session, read_yaml(_SHOP_FILE))
        session.execute(update(Variant).where(Variant.sku == MILK).values(weight_g=1_030))
    with time_machine.travel("2026-11-25T15:00:00+00:00"):
        ana.headers = type(ana)(ana.http, ana.id).headers
        order = ana.order((MILK, "2"))
    with time_machine.travel(shipped_at):
        Warehouse(ana.http).ship_all(f"{order['number']}-1")
        ana.headers = type(ana)(ana.http, ana.id).headers
        return ana.get("/orders/latest").json()


def test_a_parcel_in_time_keeps_the_orders_day_and_costs_its_rate(database, ana):
    order = order_and_ship(database, ana, "2026-11-25T18:00:00+00:00")

    [parcel] = order["parcels"]
    assert (order["promised_on"], parcel["promised_on"]) == ("2026-11-26", "2026-11-26")
    with database.read() as session:
        assert shipping.find(session, parcel["number"]).price_minor == 690_000
    assert payload(database, "order.delayed") == []
    [shipped] = payload(database, "shipment.shipped")
    assert shipped["promised_on"] == "2026-11-26"


def test_a_parcel_that_leaves_late_postpones_the_order_once(database, ana):
    order = order_and_ship(database, ana, "2026-11-27T18:00:00+00:00")

    assert (order["promised_on"], order["parcels"][0]["promised_on"]) == ("2026-11-28", "2026-11-28")
    [delayed] = payload(database, "order.delayed")
    assert (delayed["was"], delayed["promised_on"]) == ("2026-11-26", "2026-11-28")


def test_the_customers_link_is_the_same_in_event_and_order(database, ana):
    order = order_and_ship(database, ana, "2026-11-25T18:00:00+00:00")

    [shipped] = payload(database, "shipment.shipped")
    [parcel] = order["parcels"]
    assert shipped["tracking_url"] == parcel["tracking_url"]
    assert shipped["tracking_url"].startswith("http://127.0.0.1:8080/t/")
    with time_machine.travel("2026-11-25T18:00:00+00:00"):
        token = shipped["tracking_url"].rpartition("/")[2]
        assert ana.http.request("GET", f"/tracking/{token}").json()["number"] == order["number"]
