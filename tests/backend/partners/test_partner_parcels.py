"""What partners ship, or do not: the customer sees one order."""

import pytest
from sqlalchemy import select

from backend.catalog.models import Variant
from backend.fulfillment.models import Fulfillment, Shortage
from backend.inventory.models import StockMove
from backend.ledger import chart
from backend.ledger import service as ledger
from backend.mail.models import Mail
from backend.orders import service as orders
from backend.partners import service as partners
from backend.partners.models import PartnerPromise
from backend.shipping.models import Shipment
from backend.workflows.resolve_shortage import resolve_shortage
from kernel import clock
from tests.backend.partnering import COST, PartnerSystem, add_partner
from tests.backend.partners.test_purchase_orders import events_of
from tests.backend.shopper import BREAD, MILK, SODA, code_of

PARCEL = {"carrier": "manual", "tracking_number": "GUIA-1"}


@pytest.fixture
def abril(http, market, database):
    """Ships bread and soda."""
    add_partner(database, "abril", BREAD, SODA)
    return PartnerSystem(http, "abril")


@pytest.fixture
def shortages(database):
    def look():
        with database.read() as session:
            return session.scalars(select(Shortage).order_by(Shortage.id)).all()

    return look


def states(database):
    with database.read() as session:
        return session.scalars(select(PartnerPromise.state).order_by(PartnerPromise.sku)).all()


def test_a_partner_ships_and_the_customer_is_told_as_of_any_parcel(ana, abril, database, count_rows):
    ana.order((BREAD, "2"), (MILK, "1"))

    shipped = abril.answer("OC-10001", "ship", PARCEL)

    assert (shipped.status_code, shipped.json()["status"]) == (200, "shipped")
    assert shipped.json()["lines"][0]["shipped_quantity"] == 2
    with database.read() as session:
        parcel = session.scalars(select(Shipment)).one()
        assert (parcel.number, parcel.status, parcel.tracking_number) == ("PED-10001-2-A", "shipped", "GUIA-1")
        assert session.scalars(select(Fulfillment.status).order_by(Fulfillment.number)).all() == ["pending", "shipped"]
    told = events_of(database, "shipment.shipped")
    assert [(subject, payload["shipment"], payload["is_partial"]) for _, subject, payload in told] == [
        ("PED-10001", "PED-10001-2-A", True)
    ]
    assert [line["name"] for line in told[0][2]["lines"]] == ["Pan tajado"]
    assert states(database) == ["shipped"]
    assert count_rows(StockMove) == 4, "nothing of ours moved"
    again = abril.answer("OC-10001", "ship", PARCEL | {"tracking_number": "GUIA-2"})
    assert code_of(again) == (409, "purchase_order_step_illegal")


def test_what_a_partner_ships_costs_what_they_take_and_is_owed_to_them(ana, abril, database):
    ana.order((BREAD, "2"), (SODA, "3"))

    abril.answer("OC-10001", "ship", PARCEL | {"lines": [SODA]})
    assert costs(database) == (3 * COST, 3 * COST)
    abril.answer("OC-10001", "ship", PARCEL | {"tracking_number": "GUIA-2"})

    assert costs(database) == (5 * COST, 5 * COST)


def test_what_a_partner_ships_who_supplies_it_no_more_costs_what_it_did_lately(ana, abril, database):
    ana.order((BREAD, "2"))
    with database.write() as session:
        partners.stop_supply(session, partners.find(session, "abril"), BREAD)
        session.get_one(Variant, BREAD).cost_minor = 111_111

    abril.answer("OC-10001", "ship", PARCEL)

    assert costs(database) == (222_222, 222_222)


def costs(database):
    """What goods sold cost, and what suppliers are owed."""
    with database.read() as session:
        found = {line.code: line.balance_minor for line in ledger.trial_balance(session)}
    return found.get(chart.GOODS_SOLD, 0), found.get(chart.SUPPLIERS, 0)


def test_a_partner_ships_in_two_parcels(ana, abril, database):
    ana.order((BREAD, "2"), (SODA, "3"))

    first = abril.answer("OC-10001", "ship", PARCEL | {"lines": [SODA]})
    twice = abril.answer("OC-10001", "ship", PARCEL | {"lines": [SODA], "tracking_number": "GUIA-2"})
    last = abril.answer("OC-10001", "ship", PARCEL | {"tracking_number": "GUIA-2"})

    assert (first.json()["status"], first.json()["version"]) == ("sent", 2)
    assert code_of(twice) == (409, "nothing_to_pack")
    assert last.json()["status"] == "shipped"
    parcels = [payload["shipment"] for _, _, payload in events_of(database, "shipment.shipped")]
    assert parcels == ["PED-10001-1-A", "PED-10001-1-B"]
    assert [payload["is_partial"] for _, _, payload in events_of(database, "shipment.shipped")] == [True, False]


@pytest.mark.parametrize(
    ("parcel", "refusal"),
    [
        ({"carrier": "nobody"}, (404, "carrier_not_found")),
        ({"tracking_number": None}, (422, "tracking_number_missing")),
        ({"lines": [MILK]}, (422, "not_in_fulfillment")),
        ({"lines": []}, (422, "invalid_request")),
        ({"version": 9}, (409, "purchase_order_changed")),
    ],
)
def test_a_parcel_that_cannot_be_is_refused(ana, abril, database, count_rows, parcel, refusal):
    ana.order((BREAD, "2"), (MILK, "1"))

    assert code_of(abril.answer("OC-10001", "ship", PARCEL | parcel)) == refusal

    assert count_rows(Shipment) == 0
    assert (states(database), events_of(database, "shipment.")) == (["live"], [])
    assert abril.get("/OC-10001").json()["version"] == 1


def test_what_a_partner_rejects_is_short_and_its_customer_decides(ana, abril, database, shortages):
    ana.order((BREAD, "2"), (MILK, "1"))

    rejected = abril.answer("OC-10001", "reject", {"note": "Sin horno"})

    assert (rejected.json()["status"], rejected.json()["note"]) == ("rejected", "Sin horno")
    asked = shortages()[0]
    assert (asked.sku, asked.quantity, asked.resolution) == (BREAD, 2, "open")
    told = events_of(database, "fulfillment.short")[0][2]
    assert (told["fulfillment"], told["shortages"][0]["id"], told["shortages"][0]["quantity"]) == (
        "PED-10001-2",
        asked.id,
        "2",
    )
    assert [kind for kind, _, _ in events_of(database, "purchase_order.")] == [
        "purchase_order.sent",
        "purchase_order.rejected",
    ]
    for act, body in (("confirm", {"ships_on": clock.now().date().isoformat()}), ("ship", PARCEL)):
        assert code_of(abril.answer("OC-10001", act, body)) == (409, "purchase_order_step_illegal")


@pytest.mark.parametrize(("resolution", "total_minor"), [("drop", 450_000 + 400_000), ("wait", 1_690_000 + 400_000)])
def test_after_a_rejection_the_order_goes_on(ana, abril, database, shortages, resolution, total_minor):
    order = ana.order((BREAD, "2"), (MILK, "1"))
    abril.answer("OC-10001", "reject", {"note": "Sin horno"})

    with database.write() as session:
        found = orders.find_any(session, order["number"], lock=True)
        resolve_shortage(session, found, shortages()[0].id, resolution, None, f"customer:{ana.id}")

    now = ana.get(f"/orders/{order['number']}").json()
    assert (now["status"], now["total"]["amount_minor"]) == ("confirmed", total_minor)


def test_an_order_of_which_a_partner_rejects_everything_is_cancelled_when_it_is_dropped(
    ana, abril, database, shortages
):
    order = ana.order((BREAD, "2"))
    abril.answer("OC-10001", "reject", {"note": "Sin horno"})

    with database.write() as session:
        found = orders.find_any(session, order["number"], lock=True)
        resolve_shortage(session, found, shortages()[0].id, "drop", None, f"customer:{ana.id}")

    assert ana.get(f"/orders/{order['number']}").json()["status"] == "cancelled"


def test_what_has_left_a_partner_is_not_rejected(ana, abril, database, shortages):
    ana.order((BREAD, "2"), (SODA, "3"))
    abril.answer("OC-10001", "ship", PARCEL | {"lines": [SODA]})

    refused = abril.answer("OC-10001", "reject", {"note": "Sin horno"})

    assert code_of(refused) == (409, "purchase_order_step_illegal")
    assert shortages() == []


def test_cancelling_leaves_what_the_partner_has_shipped_and_takes_the_rest_back(ana, abril, database):
    order = ana.order((BREAD, "2"), (SODA, "3"), (MILK, "1"))
    abril.answer("OC-10001", "ship", PARCEL | {"lines": [SODA]})

    cancelled = ana.act("POST", f"/orders/{order['number']}/cancel", {})

    assert cancelled.status_code == 200
    assert [line["sku"] for line in cancelled.json()["lines"]] == [SODA]
    assert abril.get("/OC-10001").json()["status"] == "shipped"
    assert states(database) == ["shipped", "released"]
    with database.read() as session:
        letter = session.scalars(select(Mail).order_by(Mail.id.desc()).limit(1)).one()
        assert letter.subject == "No despaches el resto de la orden OC-10001 de El Parque"
        assert (SODA in letter.text, BREAD in letter.text) == (True, False)
