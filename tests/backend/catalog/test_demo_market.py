"""The whole demo market: its size, its prices, its stock."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from backend.audit import audit
from backend.catalog.models import Barcode, Product, Substitute, Variant
from backend.inventory.models import Bin, Location, StockLevel, StockMove
from backend.inventory.service import promises
from backend.partners.models import PartnerSupply
from kernel.db import Database


def test_the_market_is_as_large_as_a_neighbourhood_needs(demo_market: Database) -> None:
    with demo_market.read() as session:
        assert session.scalar(select(func.count()).select_from(Variant)) == 466
        assert session.scalar(select(func.count()).select_from(Product)) == 306


def test_whatever_is_sold_by_the_piece_can_be_scanned(demo_market: Database) -> None:
    with demo_market.read() as session:
        codes = session.execute(select(Barcode.code, Barcode.sku, Barcode.quantity)).tuples().all()
        pieces = set(session.scalars(select(Variant.sku).where(Variant.base_unit != "g")))
    assert {sku for _, sku, quantity in codes if quantity == 1} == pieces
    assert len({code for code, _, _ in codes}) == len(codes) > len(pieces)
    for code, _, _ in codes:
        assert re.fullmatch(r"2\d{12}", code)
        # The last digit makes the weighted sum a multiple of ten. Source: GS1 General Specifications, 7.9.1.
        assert sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code)) % 10 == 0


def test_prices_are_what_people_pay_in_bogota(demo_market: Database) -> None:
    with demo_market.read() as session:
        prices = session.scalars(select(Variant.price_minor)).all()
        assert min(prices) >= 50_000  # 500 pesos
        assert max(prices) <= 10_000_000  # 100.000 pesos
        # There is no coin below ten pesos in a shop's drawer.
        assert [price for price in prices if price % 1_000] == []


def test_goods_of_all_three_tax_classes_are_sold(demo_market: Database) -> None:
    with demo_market.read() as session:
        rows = session.execute(select(Variant.tax_class, func.count()).group_by(Variant.tax_class)).tuples()
        taxed = dict(rows.all())
    assert set(taxed) == {"iva_19", "iva_5", "exempt"}
    assert min(taxed.values()) >= 50


def test_stock_lies_in_the_bins_of_two_locations_and_a_little_is_out(demo_market: Database) -> None:
    with demo_market.read() as session:
        assert session.scalars(select(Location.name).order_by(Location.preference)).all() == [
            "Tienda Chapinero",
            "Bodega Norte",
        ]
        assert session.scalar(select(func.count()).select_from(Bin)) == 34
        stocked = select(StockLevel.sku).group_by(StockLevel.sku).having(func.sum(StockLevel.on_hand) > 0)
        by_partners = set(session.scalars(select(PartnerSupply.sku)))
        assert len(by_partners) == 5
        ours = select(Variant.sku).where(Variant.sku.not_in(stocked), Variant.sku.not_in(by_partners))
        out = session.scalars(ours.order_by(Variant.sku)).all()
        assert out == [
            "AREPA-QUESO-5",
            "FRIJOL-LATA-300",
            "MELON",
            "PROTECTOR-SOLAR-120",
            "QUESO-MOZZARELLA-BLOQUE-500",
        ]
        assert session.scalars(select(StockMove.kind).distinct()).all() == ["receipt"]
        assert session.scalars(select(StockMove.id).where(StockMove.bin_id.is_(None))).all() == []
        assert audit(session) == []


def test_what_is_out_is_announced_and_places_are_on_the_map(demo_market: Database) -> None:
    with demo_market.read() as session:
        stocked = select(StockLevel.sku).group_by(StockLevel.sku).having(func.sum(StockLevel.on_hand) > 0)
        theirs = select(PartnerSupply.sku)
        is_out = Variant.sku.not_in(stocked), Variant.sku.not_in(theirs)
        out = session.scalars(select(Variant.sku).where(*is_out)).all()
        promised = promises(session, dict.fromkeys(out, 1))
        places = session.scalars(select(Location).order_by(Location.preference)).all()
        pairs = session.scalar(select(func.count()).select_from(Substitute))
    assert all(promised.values())
    assert [(place.city, place.latitude, place.is_pickup) for place in places] == [
        ("Bogotá", 4.6459, True),
        ("Bogotá", 4.7527, False),
    ]
    assert pairs == 56
