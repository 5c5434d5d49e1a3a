"""A month of orders for the demo shop, told by the verbs that would have made it, under a clock that is set back."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalog.costs import costs_of
from backend.catalog.service import offers, shop
from backend.customers import service as customers
from backend.customers.models import Customer
from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment, Pick
from backend.inventory import service as inventory
from backend.inventory.errors import OutOfStock
from backend.inventory.models import StockLevel, StockMove
from backend.orders import service as orders
from backend.partners import purchase_orders
from backend.partners import service as partners
from backend.partners.models import Partner
from backend.shipping import service as shipping
from backend.shipping.carriers import CarrierEvent
from backend.staff.models import StaffMember
from backend.workflows.answer_purchase_order import confirm_purchase_order, look_at_purchase
from backend.workflows.answer_suggestion import accept_suggestion, decline_suggestion
from backend.workflows.approve_order import approve_order
from backend.workflows.book_goods import goods_came
from backend.workflows.cancel_order import cancel_order
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import confirm_cart
from backend.workflows.count_bought_together import count_bought_together
from backend.workflows.look_at_shortages import look_at_shortages
from backend.workflows.look_for_orders import Wanted, look_for_orders
from backend.workflows.offer_suggestion import offer_suggestion
from backend.workflows.pack_order import ToPack, pack_order
from backend.workflows.pick_order import pick_order
from backend.workflows.place_order import place_order
from backend.workflows.reject_order import reject_order
from backend.workflows.reject_purchase_order import reject_purchase_order
from backend.workflows.resolve_shortage import Resolution, resolve_shortage
from backend.workflows.ship_order import ship_order
from backend.workflows.ship_purchase_order import ship_purchase_order
from backend.workflows.start_picking import start_picking
from backend.workflows.track_shipment import track_shipment
from kernel import clock, durable
from kernel.db import Database
from kernel.yaml_files import read_yaml

_FILE = Path(__file__).with_name("month.yml")
DAYS = 30
CUSTOMERS = 60
# Orders of a day, by weekday from Monday on.
_A_DAY = (4, 4, 5, 5, 6, 7, 5)
# Always the same month, whenever it is told.
_SEED = 1810
_CARRIER = "table_rate"
# Street, the two numbers after the sign, and the flat.
_NUMBERS = ((10, 140), (5, 98), (2, 95), (101, 904))


@dataclass(order=True)
class _Step:
    at: datetime
    place: int
    do: Callable[[], None] = field(compare=False)


def tell_month(session: Session, until: datetime) -> int:
    """Bring the shop, opened `DAYS` before, a month of orders up to `until`; how many.

    Nobody is written to, and no work is started: it is long past. What is left of it is what a shop has on its desk:
    orders to pick, parcels under way, customers who were asked, partners who have not answered.

    Records: customers, carts, offers, orders and all that follows from them; receipts that fill the shelves again.
    """
    with durable.starting_nothing():
        return _Month(session, until).tell()


def seed_month(database: Database) -> str:
    """A month of orders for a shop that has none yet; says in a few words what was done."""
    with database.write() as session:
        if look_for_orders(session, Wanted(), None, 1)[0]:
            return "its orders are there"
        return f"{tell_month(session, clock.now())} orders of the past month"


class _Month:
    def __init__(self, session: Session, until: datetime) -> None:
        self.session, self.until = session, until
        self.random = Random(_SEED)  # noqa: S311  # a story, no secret
        self.told = read_yaml(_FILE)
        self.zone = ZoneInfo(shop(session).time_zone)
        # What is paid by hand at the door or by transfer: this month has no provider that would collect.
        offered = shop(session).payment_methods
        self.methods = [method.code for method in offered if method.kind in ("on_delivery", "transfer")]
        self.clerk = f"staff:{session.scalar(select(StaffMember.id).limit(1)) or 'warehouse'}"
        self.count = count()
        self.steps: list[_Step] = []
        self.opening = {(level.sku, level.location_id): level.on_hand for level in session.scalars(select(StockLevel))}
        moves = session.execute(select(StockMove.sku, StockMove.location_id, StockMove.bin_id))
        self.bins: dict[tuple[str, str], str | None] = {(sku, place): bin_id for sku, place, bin_id in moves}
        self.touched: set[str] = set()
        self.placed = 0

    def tell(self) -> int:
        shoppers = self._invite()
        for ago in range(DAYS, -1, -1):
            day = (self.until - timedelta(days=ago)).astimezone(self.zone).date()
            self._later(datetime.combine(day, time(6), self.zone), self._restock)
            for _ in range(_A_DAY[day.weekday()]):
                minute = int(self.random.triangular(8 * 60, 20 * 60, 11 * 60))
                moment = datetime.combine(day, time(minute // 60, minute % 60), self.zone)
                shopper = self.random.choice(shoppers)
                self._later(moment, partial(self._shop, *shopper))
        while self.steps:
            step = heapq.heappop(self.steps)
            if step.at > self.until:
                break
            with clock.standing_at(step.at):
                step.do()
        with clock.standing_at(self.until):
            self._restock()
            count_bought_together(self.session)
        return self.placed

    def _restock(self) -> None:
        """Before the shop opens, the shelves are filled up again to where they were."""
        worth_minor = 0
        levels = {(level.sku, level.location_id): level.on_hand for level in self.session.scalars(select(StockLevel))}
        for sku in sorted(self.touched):
            for (other, place), opening in self.opening.items():
                missing = opening - levels.get((sku, place), 0)
                if other == sku and missing > 0:
                    cost_minor = costs_of(self.session, {sku: missing})[sku]
                    worth_minor += cost_minor or 0
                    inventory.receive(
                        self.session,
                        sku,
                        place,
                        missing,
                        bin_id=self.bins[sku, place],
                        cost_minor=cost_minor,
                        note="morning delivery",
                    )
        goods_came(self.session, worth_minor, "morning delivery", "system")
        self.touched.clear()

    def _later(self, at: datetime, do: Callable[[], None]) -> None:
        heapq.heappush(self.steps, _Step(at, next(self.count), do))

    def _in(self, least: float, most: float, do: Callable[[], None]) -> None:
        """In so many hours; what would fall into the night is done the next morning."""
        moment = (clock.now() + timedelta(hours=self.random.uniform(least, most))).astimezone(self.zone)
        if not 7 <= moment.hour < 20:
            morning = moment.date() + timedelta(days=moment.hour >= 20)
            moment = datetime.combine(morning, time(7, self.random.randrange(60)), self.zone)
        self._later(moment, do)

    def _chance(self, of_hundred: float) -> bool:
        return self.random.random() * 100 < of_hundred

    def _weighted(self, entries: Sequence[dict[str, Any]]) -> dict[str, Any]:
        return self.random.choices(entries, [entry["weight"] for entry in entries])[0]

    def _invite(self) -> list[tuple[str, str]]:
        """(customer id, address) of everyone who shops in this month."""
        told = self.told
        names = [f"{first} {last}" for first in told["first_names"] for last in told["last_names"]]
        spanish = self.random.sample(names, CUSTOMERS - len(told["visitors"]))
        shoppers = []
        opened = self.until - timedelta(days=DAYS + 1)
        for place, name in enumerate([*spanish, *told["visitors"]]):
            with clock.standing_at(opened + timedelta(minutes=place)):
                customer_id = customers.resolve(self.session, "web", f"month:{place}")
                customer = self.session.get_one(Customer, customer_id)
                customer.name, customer.language = name, "en" if name in told["visitors"] else "es"
            street, a, b, flat = (self.random.randint(low, high) for low, high in _NUMBERS)
            text = self._weighted(told["addresses"])["text"].format(street=street, a=a, b=b, flat=flat)
            shoppers.append((customer_id, text))
        self.session.flush()
        return shoppers

    def _shop(self, customer_id: str, address: str) -> None:
        """From an empty cart to a placed order."""
        basket = self._weighted(self.told["baskets"])["of"]
        skus = self.random.sample(basket, min(len(basket), self.random.randint(1, 5)))
        if self._chance(12):
            skus.append(self.random.choice(self._weighted(self.told["baskets"])["of"]))
        known = offers(self.session, dict.fromkeys(skus))
        if not known:
            return
        wishes = [Change("add", sku, str(self.random.choice((1, 1, 1, 2, 2, 3)))) for sku in known]
        try:
            change_cart(self.session, customer_id, wishes)
        except OutOfStock:
            # Sold out before noon: this one comes again another day.
            return
        method = self.random.choice(self.methods)
        choose_checkout(self.session, customer_id, address_text=address, payment_method=method)
        offered = offer_suggestion(self.session, customer_id)
        if offered is not None and self._chance(75):
            answer = accept_suggestion if self._chance(35) else decline_suggestion
            answer(self.session, customer_id, offered.id)
        shown = confirm_cart(self.session, customer_id)
        found = place_order(self.session, customer_id, shown.confirmation)
        self.placed += 1
        self.touched.update(line.sku for line in found.lines)
        number = found.order.number
        if self._chance(5):
            self._in(0.2, 1.5, lambda: self._change_mind(customer_id, number))
        if found.order.status == "on_hold":
            self._in(0.5, 20, lambda: self._look_at(number))
        else:
            self._in(0.5, 3, lambda: self._begin(number))

    def _look_at(self, number: str) -> None:
        """Someone in sales decides about what a rule held."""
        order = orders.find_any(self.session, number).order
        if order.status != "on_hold":
            return
        if self._chance(80):
            approve_order(self.session, number, order.version, self.clerk)
            self._in(0.5, 3, lambda: self._begin(number))
        else:
            reject_order(self.session, number, order.version, "No logramos confirmar los datos del pedido", self.clerk)

    def _change_mind(self, customer_id: str, number: str) -> None:
        if orders.find(self.session, customer_id, number).order.status == "confirmed":
            cancel_order(self.session, customer_id, number, "Ya no lo necesito")

    def _begin(self, number: str) -> None:
        """The warehouse takes up what is its own; partners answer what was sent to them."""
        found = orders.find_any(self.session, number)
        if found.order.status != "confirmed":
            return
        for full in fulfillment.of_orders(self.session, [found.order.id])[found.order.id]:
            name = full.fulfillment.number
            if full.fulfillment.status != "pending":
                continue
            if full.fulfillment.partner_id is not None:
                self._in(1, 20, partial(self._answer, name))
            else:
                start_picking(self.session, name, full.fulfillment.version, self.clerk)
                self._in(0.2, 1, partial(self._pick, name))

    def _answer(self, number: str) -> None:
        """The partner says when it leaves them; now and then they cannot."""
        full = self._now(number, "pending")
        if full is None:
            return
        sent = purchase_orders.of_fulfillments(self.session, [full.fulfillment.id])[full.fulfillment.id]
        partner = partners.by_ids(self.session, [sent.partner_id])[sent.partner_id]
        if self._chance(8):
            reject_purchase_order(self.session, partner, sent.number, sent.version, "Esta semana no alcanzamos")
            order_id = full.fulfillment.order_id
            self._in(0.5, 30, lambda: self._decide(order_id))
            return
        ships_on = (clock.now() + timedelta(days=partner.lead_days)).astimezone(self.zone).date()
        confirm_purchase_order(self.session, partner, sent.number, sent.version, ships_on)
        self._in(24 * partner.lead_days, 24 * partner.lead_days + 6, lambda: self._ship_theirs(partner, sent.number))

    def _ship_theirs(self, partner: Partner, number: str) -> None:
        mine = look_at_purchase(self.session, partner, number)
        if mine.purchase_order.status != "confirmed" or mine.order.order.status != "confirmed":
            return
        version = mine.purchase_order.version
        ship_purchase_order(self.session, partner, number, version, _CARRIER, None)
        for parcel in shipping.of_fulfillment(self.session, mine.full.fulfillment.id):
            self._follow(parcel.shipment.number)

    def _now(self, number: str, *statuses: str) -> FullFulfillment | None:
        """The fulfillment as it stands, if it is still to be worked on."""
        seen = fulfillment.find(self.session, number)
        full = fulfillment.by_id(self.session, seen.id)
        return full if full.fulfillment.status in statuses else None

    def _pick(self, number: str) -> None:
        full = self._now(number, "picking")
        if full is None:
            return
        missing = full.lines[-1].id if self._chance(6) else None
        picks = [
            Pick(line.id, 0 if line.id == missing else line.quantity, line.quantity if line.id == missing else 0)
            for line in full.lines
        ]
        pick_order(self.session, number, full.fulfillment.version, picks, self.clerk)
        if missing is not None:
            order_id = full.fulfillment.order_id
            self._in(0.5, 30, lambda: self._decide(order_id))
        self._in(0.2, 1, lambda: self._pack(number))

    def _decide(self, order_id: str) -> None:
        """The customer says what shall happen to what was not found."""
        found = orders.by_id(self.session, order_id, lock=True)
        for asked in look_at_shortages(self.session, [found]):
            instead = asked.substitutes[0].sku if asked.substitutes else None
            resolution: Resolution = "substitute" if instead is not None and self._chance(60) else "drop"
            who = f"customer:{found.order.customer_id}"
            found = resolve_shortage(
                self.session, found, asked.id, resolution, instead if resolution == "substitute" else None, who
            )

    def _pack(self, number: str) -> None:
        full = self._now(number, "picked")
        if full is None:
            return
        pack_order(self.session, number, full.fulfillment.version, [ToPack()], self.clerk)
        self._in(0.3, 2, lambda: self._ship(number))

    def _ship(self, number: str) -> None:
        full = self._now(number, "packed")
        if full is None or full.fulfillment.kind == "pickup":
            return
        ship_order(self.session, number, full.fulfillment.version, shipment=None, carrier=_CARRIER, who=self.clerk)
        for parcel in shipping.of_fulfillment(self.session, full.fulfillment.id):
            self._follow(parcel.shipment.number)

    def _follow(self, shipment: str) -> None:
        """What the carrier says of a parcel until it has an end."""
        zone = orders.by_id(self.session, shipping.find(self.session, shipment).order_id).order.zone
        away = 24 if zone in ("bogota", "sabana") else 72 if zone == "nacional" else 0
        if away:
            self._in(4, 10, lambda: self._say(shipment, "in_transit"))
        self._in(away + 0.5, away + 3, lambda: self._bring(shipment))

    def _bring(self, shipment: str) -> None:
        self._say(shipment, "out_for_delivery")
        if self._chance(2):
            self._in(1, 3, lambda: self._say(shipment, "wrong_address", "No existe esa nomenclatura"))
            self._in(40, 60, lambda: self._say(shipment, "returned_to_origin"))
        elif self._chance(5):
            self._in(1, 3, lambda: self._say(shipment, "attempt_failed", "No había quien recibiera"))
            self._in(20, 28, lambda: self._say(shipment, "delivered"))
        else:
            self._in(0.3, 3, lambda: self._say(shipment, "delivered"))

    def _say(self, shipment: str, kind: str, note: str | None = None) -> None:
        seen = shipping.find(self.session, shipment)
        assert seen.tracking_number is not None, "it was handed over"
        event_id = f"{shipment}:{kind}:{next(self.count)}"
        event = CarrierEvent(event_id, seen.tracking_number, kind, clock.now(), note=note)
        track_shipment(self.session, seen, event, f"carrier:{seen.carrier}")
