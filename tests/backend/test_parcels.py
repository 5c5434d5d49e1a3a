import pytest

from backend.shipping import service as shipping
from backend.shipping.carriers import carriers
from backend.shipping.errors import (
    CarrierNotFound,
    InvalidTrackingUrl,
    ShipmentStepIllegal,
    TrackingNumberMissing,
    TrackingNumberTaken,
)
from backend.shipping.models import EVENT_KINDS, STATUSES, TrackingEvent
from backend.shipping.service import NewEvent
from kernel import clock
from tests.backend.parcels import hand_over as leave
from tests.backend.parcels import pack_order
from tests.backend.shopper import BREAD, MILK


def hand_over(database, order, carrier, number, link=None):
    with database.write() as session:
        shipment = shipping.find(session, f"{order['number']}-1-A", lock=True)
        leave(session, shipment, carrier, number, "staff:1", tracking_url=link)


def test_a_parcel_holds_what_was_packed(ana, database):
    order = ana.order((MILK, "2"), (BREAD, "1"))
    with database.write() as session:
        pack_order(session, order["number"])

    with database.read() as session:
        shipment = shipping.find(session, f"{order['number']}-1-A")
        (parcel,) = shipping.of_order(session, shipment.order_id)
    assert (shipment.status, shipment.version, shipment.carrier) == ("packed", 1, None)
    assert sorted((line.sku, line.quantity) for line in parcel.lines) == [(MILK, 2), (BREAD, 1)]


def test_handing_over_ships_a_parcel_under_a_number_of_our_own(ana, database):
    order = ana.order((MILK, "2"))
    with database.write() as session:
        shipment = pack_order(session, order["number"])
        leave(session, shipment, "table_rate", None, "staff:1", price_minor=450_000)

    with database.read() as session:
        shipped = shipping.find_tracked(session, "table_rate", f"{order['number']}-1-A")
        (said,) = shipping.history(session, [shipped.id])[shipped.id]
    assert (shipped.status, shipped.version, shipped.price_minor) == ("shipped", 2, 450_000)
    assert (said.kind, said.carrier, said.note) == ("picked_up", "table_rate", "staff:1")


def test_a_courier_by_hand_needs_its_number_and_keeps_its_link(ana, database):
    order = ana.order((MILK, "1"))
    with database.write() as session:
        shipment = pack_order(session, order["number"])
        link = "https://courier.example/g/1"
        leave(session, shipment, "manual", "GUIA-1", "staff:1", tracking_url=link)

    with database.read() as session:
        shipped = shipping.find_tracked(session, "manual", "GUIA-1")
    assert (shipped.tracking_number, shipped.tracking_url) == ("GUIA-1", "https://courier.example/g/1")


@pytest.mark.parametrize(
    ("carrier", "number", "link", "refusal"),
    [
        ("manual", None, None, TrackingNumberMissing),
        ("manual", "G-1", "http://courier.example", InvalidTrackingUrl),
        ("manual", "G-1", "javascript:alert(1)", InvalidTrackingUrl),
        ("pigeon", "G-1", None, CarrierNotFound),
    ],
)
def test_a_hand_over_that_cannot_be_is_refused(ana, database, count_rows, carrier, number, link, refusal):
    order = ana.order((MILK, "1"))
    with database.write() as session:
        pack_order(session, order["number"])

    with pytest.raises(refusal):
        hand_over(database, order, carrier, number, link)

    with database.read() as session:
        assert shipping.find(session, f"{order['number']}-1-A").status == "packed"
    assert count_rows(TrackingEvent) == 0


def test_a_parcel_is_handed_over_once_and_a_number_given_once(ana, database):
    first, second = ana.order((MILK, "1")), ana.order((MILK, "1"))
    with database.write() as session:
        leave(session, pack_order(session, first["number"]), "manual", "G-1", "staff:1")
        pack_order(session, second["number"])

    with pytest.raises(ShipmentStepIllegal):
        hand_over(database, first, "manual", "G-2")
    with pytest.raises(TrackingNumberTaken):
        hand_over(database, second, "manual", "G-1")


def test_every_kind_of_event_says_where_a_parcel_is():
    assert set(shipping.STATUS_AFTER) == set(EVENT_KINDS)
    assert set(shipping.STATUS_AFTER.values()) == set(STATUSES) - {"packed"}


def test_an_event_counts_once_and_never_moves_a_parcel_back(ana, database):
    order = ana.order((MILK, "1"))
    with database.write() as session:
        shipment = pack_order(session, order["number"])
        leave(session, shipment, "table_rate", None, "staff:1")
        at = clock.now()
        said = [
            shipping.note(session, shipment, NewEvent("table_rate", event_id, kind, at))
            for event_id, kind in (("1", "out_for_delivery"), ("2", "in_transit"), ("1", "delivered"), ("3", "delayed"))
        ]
        assert said == [True, True, False, True]
        assert (shipment.status, shipment.version) == ("out_for_delivery", 3)


def test_a_carrier_is_one_file_in_its_folder():
    assert [(carrier.code, carrier.name) for carrier in carriers()] == [
        ("manual", "Mensajería"),
        ("table_rate", "Domicilio propio"),
    ]
