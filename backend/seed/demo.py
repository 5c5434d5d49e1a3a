"""Fill the demo shop: profile, catalog, opening stock and, in a demo, an account for its staff.

Only what is missing is added: a second run changes nothing, and what the shop has changed since stays changed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from datetime import time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.calendar import service as calendar
from backend.calendar.service import Hours
from backend.catalog.barcodes import add_barcodes
from backend.catalog.costs import costs_of, set_costs
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.payment_methods import PaymentMethod
from backend.catalog.shop import ReminderStage, Shop, delivery_changed, set_up_shop, shop
from backend.catalog.substitutes import add_substitutes
from backend.catalog.upkeep import (
    NewTaxClass,
    add_categories,
    add_products,
    add_tax_classes,
    add_variants,
    hold,
    weigh,
)
from backend.discounts import service as discounts
from backend.discounts.service import NewDiscount
from backend.inventory import service as inventory
from backend.inventory.models import Bin, Location
from backend.orders import approval
from backend.partners import service as partners
from backend.partners.service import PartnerFacts
from backend.returns import policy as returns
from backend.seed.market_file import Goods, Shelf, shelves
from backend.shipping import tariff
from backend.shipping.carriers.table_rate import TableRateCarrier
from backend.staff import service as staff
from backend.suggestions import service as suggestions
from backend.workflows.book_goods import goods_came
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from kernel.money import iso_exponent, round_half_away
from kernel.yaml_files import read_yaml

_SHOP_FILE = Path(__file__).parent / "shop.yml"
_SUGGESTIONS_FILE = Path(__file__).parent / "suggestions.yml"
_STOCK_FILE = Path(__file__).parent / "stock.yml"


def seed(database: Database, settings: Settings) -> str:
    """Fill the demo shop in one transaction, and say in one line what was done.

    Records: what is missing of the ShopProfile, zones, rates, working days, tax classes, categories, products,
    variants, locations, bins, opening receipts, discounts, partners, of the pairs of suggestions.yml and of what
    stock.yml says; in demo mode the demo account of the staff.
    """
    told = read_yaml(_SHOP_FILE)
    with database.write() as session:
        hold(session)
        _set_up(session, told)
        _open_for_delivery(session, told)
        _hold_what_is_unusual(session, told)
        _take_goods_back(session, told)
        added = _fill_shelves(session, told)
        _put_discounts_up(session, told)
        if settings.is_demo:
            _admit_demo_staff(session, told, settings)
    return f"{told['name']}: {added} variants added" if added else f"{told['name']}: nothing to add"


def demo_staff(settings: Settings) -> tuple[str, str] | None:
    """E-mail and password of the demo account; None in production mode, which has none."""
    if not settings.is_demo:
        return None
    told = read_yaml(_SHOP_FILE)
    return told["staff"]["email"], _demo_password(settings.home)


def _set_up(session: Session, told: dict[str, Any]) -> None:
    try:
        shop(session)
    except ShopNotSetUp:
        set_up_shop(session, _shop(told))
    classes = told["tax_classes"]
    rates = [Decimal(line["rate_percent"]) / 100 for line in classes]
    add_tax_classes(
        session,
        [NewTaxClass(line["code"], line["es"], line["en"], rate) for line, rate in zip(classes, rates, strict=True)],
    )


def _open_for_delivery(session: Session, told: dict[str, Any]) -> None:
    """Zones, rates and the working week, in a shop that has none yet."""
    minor = 10 ** iso_exponent(told["currency"])
    zones, rates = [], []
    for position, line in enumerate(told["zones"]):
        name_es, name_en = (name.strip() for name in line["name"].split("|"))
        latitude, longitude = line["at"]
        zones.append(
            {
                "code": line["code"],
                "name_es": name_es,
                "name_en": name_en,
                "places": line["places"],
                "latitude": latitude,
                "longitude": longitude,
                "transit_days": line["transit_days"],
                "position": position,
                "is_default": line.get("default", False),
                "is_served": line.get("served", True),
            }
        )
        rates += [
            {
                "carrier": TableRateCarrier.code,
                "zone_code": line["code"],
                "up_to_g": kilos * 1000,
                "price_minor": price * minor,
                "currency": told["currency"],
            }
            for kilos, price in line["rates"].items()
        ]
    if tariff.fill(session, zones, rates):
        delivery_changed(session)
    if not calendar.week(session):
        calendar.set_hours(
            session,
            {
                day: Hours(*(time.fromisoformat(line[each]) for each in ("opens", "cut_off", "closes")))
                for line in told["working_days"]
                for day in line["days"]
            },
        )
        delivery_changed(session)


def _hold_what_is_unusual(session: Session, told: dict[str, Any]) -> None:
    """Rules of approval, in a shop that has none yet."""
    if approval.rules(session):
        return
    minor = 10 ** iso_exponent(told["currency"])
    for position, (kind, parameters) in enumerate(told["approval_rules"].items()):
        if kind == "amount_over":
            parameters = {"amount_minor": parameters["amount"] * minor}
        approval.add_rule(session, kind, parameters or {}, is_active=True, position=position)


def _put_discounts_up(session: Session, told: dict[str, Any]) -> None:
    """Discounts, in a shop that has none yet."""
    if discounts.every(session, 1):
        return
    minor = 10 ** iso_exponent(told["currency"])
    for line in told["discounts"]:
        percent, amount = line.get("percent"), line.get("amount")
        given = NewDiscount(
            name_es=line["es"],
            name_en=line["en"],
            is_automatic=False,
            kind="amount" if percent is None else "percentage",
            percent=None if percent is None else Decimal(percent),
            amount_minor=None if amount is None else amount * minor,
            sku=None,
            category=line.get("category"),
            minimum_minor=line.get("minimum", 0) * minor,
            valid_from=None,
            valid_until=None,
            max_uses=None,
            max_uses_each=line.get("each"),
        )
        discounts.put(session, line["code"], given)


def _take_goods_back(session: Session, told: dict[str, Any]) -> None:
    """A policy of returns, in a shop that has none yet."""
    if returns.is_set(session):
        return
    rules, minor = told["returns"], 10 ** iso_exponent(told["currency"])
    given = returns.Policy(
        window_days=rules["window_days"],
        final_sale=tuple(rules["final_sale"]),
        reasons=tuple(
            returns.Reason(each["code"], each["es"], each["en"], each.get("photo", False), each.get("ours", False))
            for each in rules["reasons"]
        ),
        refund_when=tuple(
            returns.RefundRule(when, None if up_to == "rest" else up_to * minor)
            for up_to, when in rules["refund_when"].items()
        ),
        restocking_fee_percent=rules["restocking_fee_percent"],
        pickup_fee_minor=rules["pickup_fee"] * minor,
        fee_tax_class=rules["fee_tax_class"],
        keep_goods_up_to_minor=rules["keep_goods_up_to"] * minor,
        accept_up_to_minor=rules["accept_up_to"] * minor,
        pickup_slots=tuple(rules["pickup_slots"]),
        drop_off_points=tuple(
            returns.DropOffPoint(each["code"], each["name"], each["address"], each["es"], each["en"])
            for each in rules["drop_off_points"]
        ),
    )
    returns.set_policy(session, given, "system")


def _shop(told: dict[str, Any]) -> Shop:
    return Shop(
        name=told["name"],
        country=told["country"],
        currency=told["currency"],
        locale=told["locale"],
        time_zone=told["time_zone"],
        languages=tuple(told["languages"]),
        address=told["address"],
        phone=told["phone"],
        hours=told["hours"],
        delivery=told["delivery"],
        prices_include_tax=told["prices_include_tax"],
        delivery_fee_minor=told["delivery_fee"] * 10 ** iso_exponent(told["currency"]),
        payment_methods=tuple(_payment_method(dict(method)) for method in told["payment_methods"]),
        legal_name=told["legal_name"],
        tax_id=told["tax_id"],
        online_provider=told["online_provider"],
        invoice_on=told["invoice_on"],
        refund_limits={
            role: most * 10 ** iso_exponent(told["currency"]) for role, most in told["refund_limits"].items()
        },
        staff_limits={
            act: {role: most * 10 ** iso_exponent(told["currency"]) for role, most in limits.items()}
            for act, limits in told["staff_limits"].items()
        },
        reminder_stages=tuple(ReminderStage(stage, days) for stage, days in told["reminder_stages"].items()),
    )


def _payment_method(told: dict[str, Any]) -> PaymentMethod:
    return PaymentMethod(name={"es": told.pop("es"), "en": told.pop("en")}, **told)


def _fill_shelves(session: Session, told: dict[str, Any]) -> int:
    market = list(shelves(told["currency"]))
    add_categories(session, [shelf.category for shelf in market])
    add_products(session, [product for shelf in market for product, _ in shelf.products])
    goods = [each for shelf in market for _, all_goods in shelf.products for each in all_goods]
    added = add_variants(session, [(each.variant, each.units) for each in goods])
    weigh(session, {each.variant.sku: each.weight_g for each in goods})
    add_barcodes(session, [code for each in goods if each.variant.sku in added for code in _barcodes(each)])
    set_costs(session, _costs(told, market))
    _open_stock(session, told, [each for each in goods if each.variant.sku in added])
    all_skus = {each.variant.sku for each in goods}
    _curate(session, all_skus, set(added))
    _keep_stock(session, all_skus, set(added))
    _take_partners_in(session, told, set(added))
    return len(added)


def _barcodes(goods: Goods) -> Iterator[tuple[str, str, int]]:
    """A code for one, another for each pack; of what is weighed none. They are of the kind that shops give themselves.

    Source: GS1 General Specifications, 2.1.11: GTIN-13 that begin with 2 are a company's own.
    """
    if goods.variant.base_unit == "g":
        return
    for factor in sorted({factor for _, factor in goods.units} | {1}):
        twelve = f"2{crc32(f'{goods.variant.sku}:{factor}'.encode()):011d}"
        odd, even = (sum(map(int, twelve[start::2])) for start in (0, 1))
        yield f"{twelve}{-(odd + 3 * even) % 10}", goods.variant.sku, factor


def _costs(told: dict[str, Any], market: list[Shelf]) -> dict[str, int]:
    """What goods cost: their price without tax, less what a shop of this kind earns in their category."""
    rates = {line["code"]: Decimal(str(line["rate_percent"])) for line in told["tax_classes"]}
    margins, whole = told["margins_percent"], 10 ** iso_exponent(told["currency"])
    costs = {}
    for shelf in market:
        kept = (100 - Decimal(margins.get(shelf.category.code, margins["default"]))) / 100
        for _, all_goods in shelf.products:
            for each in all_goods:
                net = Decimal(each.variant.price_minor) / (1 + rates[each.variant.tax_class] / 100)
                costs[each.variant.sku] = round_half_away(net * kept / whole) * whole
    return costs


def _curate(session: Session, all_skus: set[str], added: set[str]) -> None:
    """Pairs of which a part is new; one that the shop has withdrawn since stays withdrawn."""
    for sku, others in read_yaml(_SUGGESTIONS_FILE).items():
        for position, other in enumerate(others):
            if {sku, other} <= all_skus and {sku, other} & added:
                suggestions.curate(session, sku, other, 100 - 10 * position)


def _take_partners_in(session: Session, told: dict[str, Any], added: set[str]) -> None:
    """Those who supply something that is new; what the shop has changed of them since stays changed."""
    known = {partner.code: partner for partner in partners.everyone(session)}
    for line in told["partners"]:
        new = {sku: cost for sku, cost in line["supplies"].items() if sku in added}
        if not new:
            continue
        facts = PartnerFacts(line["name"], line["kind"], line["email"], line["language"], line["lead_days"], True)
        partner = known.get(line["code"]) or partners.add(session, line["code"], facts)
        for sku, cost in new.items():
            partners.supply(session, partner, sku, cost * 10 ** iso_exponent(told["currency"]))


def _open_stock(session: Session, told: dict[str, Any], goods: list[Goods]) -> None:
    worth_minor = 0
    for position, line in enumerate(told["locations"]):
        location_id = _location(session, line, position)
        # Pick lists visit the bins in the order of their codes.
        codes = sorted({each.bin for each in goods if any(each.stock)})
        bins = {code: _bin(session, location_id, code, 10 * place) for place, code in enumerate(codes, 1)}
        for each in goods:
            if each.stock[position]:
                sku, quantity = each.variant.sku, each.stock[position]
                cost_minor = costs_of(session, {sku: quantity})[sku]
                worth_minor += cost_minor or 0
                inventory.receive(
                    session,
                    sku,
                    location_id,
                    quantity,
                    bin_id=bins[each.bin],
                    cost_minor=cost_minor,
                    note="opening stock of the demo shop",
                )
    goods_came(session, worth_minor, "opening stock", "system")


def _location(session: Session, line: dict[str, Any], preference: int) -> str:
    known = session.scalar(select(Location.id).where(Location.code == line["code"]))
    if known is not None:
        return known
    latitude, longitude = line["at"]
    facts = {name: line[name] for name in ("code", "name", "city", "address")}
    where = {"latitude": latitude, "longitude": longitude, "is_pickup": line.get("pickup", False)}
    return inventory.open_location(session, facts | where | {"preference": preference}).id


def _bin(session: Session, location_id: str, code: str, walking_order: int) -> str:
    known = session.scalar(select(Bin.id).where(Bin.location_id == location_id, Bin.code == code))
    return known or inventory.add_bin(session, location_id, code, walking_order)


def _keep_stock(session: Session, all_skus: set[str], added: set[str]) -> None:
    """What is announced, watched and offered instead, of variants that are new."""
    told = read_yaml(_STOCK_FILE)
    places = {place.code: place for place in inventory.locations(session)}
    today = clock.now().date()
    for sku, coming in told["incoming"].items():
        for code, (quantity, in_days) in coming.items():
            if sku in added:
                expected_on = today + timedelta(days=in_days)
                inventory.announce(session, sku, places[code].id, quantity, expected_on, "opening order")
    for sku, minimums in told["thresholds"].items():
        for code, minimum in minimums.items():
            if sku in added:
                inventory.watch(session, sku, places[code], minimum)
    instead = {
        sku: [other for other in others if other in all_skus and {sku, other} & added]
        for sku, others in told["substitutes"].items()
        if sku in all_skus
    }
    add_substitutes(session, instead)


def _admit_demo_staff(session: Session, told: dict[str, Any], settings: Settings) -> None:
    email, password = told["staff"]["email"], _demo_password(settings.home)
    if staff.find(session, email) is None:
        staff.add_member(session, email, told["staff"]["name"], told["staff"]["role"], password)
    elif not staff.credentials(session, email).prove(password):
        # The file was lost, or the database brought from elsewhere: what `make up` prints must let one in.
        staff.set_password(session, email, password)


def _demo_password(home: Path) -> str:
    """The password this demo made for itself, kept where only its owner can read it."""
    path = home / "staff-password"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(9))
        # Of two processes at once one makes the file, and neither reads half of it.
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text(encoding="utf-8").strip()
