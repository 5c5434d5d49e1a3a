"""Stock promised to order lines: reserved, split, handed over, released, issued, lost."""

import pytest
from sqlalchemy import select

from backend.inventory import service as inventory
from backend.inventory.errors import NotEnoughReserved
from backend.inventory.models import Allocation, Location, Reservation, StockMove
from backend.inventory.service import Point, Reserved, Wanted
from backend.orders import service as orders
from backend.orders.models import OrderLine
from backend.shipping import service as shipping
from backend.workflows.cover_order import cover_order
from backend.workflows.invoice_shipment import invoice_shipment
from tests.backend.parcels import pack_order
from tests.backend.shopper import BREAD, MILK


@pytest.fixture
def line(ana, database):
    """An order line of four milks, reserved in the centre: (order line, location of the centre)."""
    ana.order((MILK, "4"))
    with database.read() as session:
        return session.scalar(select(OrderLine.id))


def levels(database, sku=MILK):
    with database.read() as session:
        return inventory.levels(session, sku)


def reservations(database, line):
    with database.read() as session:
        query = select(Reservation.state, Reservation.quantity).where(Reservation.order_line_id == line)
        return sorted(row._tuple() for row in session.execute(query))


def test_what_is_promised_to_a_line_is_told_per_location(database, market, line):
    with database.read() as session:
        assert inventory.reservations_of(session, [line]) == [Reserved(line, MILK, market.centro, 4)]


def test_issuing_a_part_splits_the_reservation_and_takes_from_the_bins_in_walking_order(database, market, line):
    with database.write() as session:
        near = inventory.add_bin(session, market.centro, "Z9", walking_order=1)
        far = inventory.add_bin(session, market.centro, "A1", walking_order=2)
        inventory.receive(session, MILK, market.centro, 2, bin_id=far)
        inventory.receive(session, MILK, market.centro, 1, bin_id=near)

    with database.write() as session:
        inventory.issue(session, line, market.centro, 2, "PED-10001-1")
    with database.read() as session:
        moved = session.execute(
            select(StockMove.bin_id, StockMove.quantity, StockMove.reference)
            .where(StockMove.kind == "issue")
            .order_by(StockMove.id)
        ).all()
        left = inventory.bins_of(session, market.centro, [MILK])[MILK]

    assert [row._tuple() for row in moved] == [(near, -1, "PED-10001-1"), (far, -1, "PED-10001-1")]
    assert [(lying.bin, lying.quantity) for lying in left] == [("A1", 1), (None, 10)]
    assert levels(database) == [(MILK, "CENTRO", 11, 2)]
    assert reservations(database, line) == [("issued", 2), ("live", 2)]

    with database.write() as session:
        inventory.issue(session, line, market.centro, 2, "PED-10001-2")
    assert reservations(database, line) == [("issued", 2), ("issued", 2)]
    with database.write() as session:
        # So that the books are those of an order that left.
        parcel = pack_order(session, "PED-10001")
        shipping.hand_over(session, parcel, "table_rate", None, "staff:1")
        invoice_shipment(session, parcel.number, "staff:1")


@pytest.mark.parametrize("act", ["issue", "release_part", "lost_in_picking"])
def test_more_than_is_reserved_is_neither_issued_nor_released_nor_lost(database, market, line, count_rows, act):
    arguments = {"issue": ("reference",), "release_part": (), "lost_in_picking": ("staff:1",)}[act]

    with pytest.raises(NotEnoughReserved) as refused, database.write() as session:
        getattr(inventory, act)(session, line, market.centro, 5, *arguments)

    assert refused.value.params == {"reserved": 4}
    assert (levels(database), reservations(database, line)) == ([(MILK, "CENTRO", 10, 4)], [("live", 4)])
    assert count_rows(StockMove) == 4


def test_what_a_picker_does_not_find_is_written_off_and_not_offered_again(database, market, line):
    with database.write() as session:
        inventory.lost_in_picking(session, line, market.centro, 3, "staff:7")
        # So that the books are those of an order again.
        inventory.wait(session, [inventory.Waiting(line, MILK, 3)])
        cover_order(session, orders.find_any(session, "PED-10001", lock=True))

    assert levels(database) == [(MILK, "CENTRO", 7, 1)]
    assert reservations(database, line) == [("live", 1), ("released", 3)]
    with database.read() as session:
        lost = session.scalars(select(StockMove).where(StockMove.kind == "adjustment")).one()
    assert (lost.quantity, lost.reference, lost.note) == (-3, line, "not found while picking (staff:7)")


def test_the_nearest_place_that_has_it_all_serves_and_the_decision_is_kept(ana, database, market):
    with database.write() as session:
        inventory.receive(session, MILK, market.norte, 5)
        session.get_one(Location, market.centro).latitude, session.get_one(Location, market.centro).longitude = (
            3.45,
            -76.5,
        )
        session.get_one(Location, market.norte).latitude, session.get_one(Location, market.norte).longitude = (
            6.24,
            -75.6,
        )
    ana.order((MILK, "1"))

    with database.write() as session:
        line = session.scalar(select(OrderLine.id))
        inventory.release(session, [line])
        promised = inventory.reserve(session, [Wanted(line, MILK, 1)], near=Point(6.2, -75.5))

    assert promised.allocated.explanation["chosen"] == ["NORTE"]
    assert levels(database) == [(MILK, "CENTRO", 10, 0), (MILK, "NORTE", 5, 1)]
    with database.read() as session:
        kept = session.scalars(select(Allocation)).one()
    assert (kept.rule, kept.explanation["chosen"]) == ("nearest_complete", ["CENTRO"])


def test_an_order_of_two_products_comes_from_one_place_when_one_has_both(ana, database, market):
    with database.write() as session:
        inventory.adjust(session, BREAD, market.centro, -10, note="gone")
        inventory.receive(session, BREAD, market.norte, 5)
        inventory.receive(session, MILK, market.norte, 5)

    ana.order((MILK, "1"), (BREAD, "1"))

    assert levels(database) == [(MILK, "CENTRO", 10, 0), (MILK, "NORTE", 5, 1)]
    assert levels(database, BREAD) == [(BREAD, "CENTRO", 0, 0), (BREAD, "NORTE", 5, 1)]
