"""Change an order that nobody has begun to get ready: show what it would become, then do just that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.base import columns_of
from backend.carts.service import CartContent, Choice, Line
from backend.catalog.service import Offer, categories, offers, shop
from backend.discounts.terms import Goods, Terms, shares
from backend.fulfillment import service as fulfillment
from backend.inventory import levels
from backend.inventory import service as inventory
from backend.inventory.errors import OutOfStock
from backend.inventory.service import Short, Wanted
from backend.orders import approval
from backend.orders import service as orders
from backend.orders.errors import (
    ChangeStale,
    NotDelivered,
    NothingToChange,
    OrderNotChangeable,
    OrderWouldBeEmpty,
    PaymentTimeOver,
    ShortageOpen,
)
from backend.orders.models import Order, OrderLine
from backend.orders.service import FullOrder, NewLine
from backend.partners import service as partners
from backend.partners.service import Promised as PromisedByPartner
from backend.pricing import charge, listed
from backend.workflows.change_cart import Change, apply
from backend.workflows.check_stock import check_stock
from backend.workflows.confirm_order import confirm_order
from backend.workflows.cover_order import cover_order
from backend.workflows.hold_order import add_holds, hold_order, reasons_to_hold, unpaid
from backend.workflows.move_surplus import move_surpluses
from backend.workflows.price_cart import PricedCart, price_cart
from kernel import clock
from kernel.ids import new_id

# What was looked at once is not looked at again because of one bottle more; these may be new since.
_HELD_AGAIN = frozenset({"amount_over", "credit_limit", "outside_zones"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of an order: lines that end and those that take a place; amounts in minor units.

    `ended[id]` says why; `successor[id]` is the added line that takes the place of an ended one.
    """

    ended: Mapping[str, str]
    added: Sequence[NewLine]
    successor: Mapping[str, NewLine]
    kept: Sequence[OrderLine]
    priced: PricedCart
    delivery_fee_minor: int
    promised_on: date | None
    zone: str | None
    address: str

    @property
    def lines(self) -> Sequence[OrderLine | NewLine]:
        return [*self.kept, *self.added]

    @property
    def total_minor(self) -> int:
        return sum(line.total_minor for line in self.lines) + self.delivery_fee_minor

    def shown(self) -> dict[str, Any]:
        """What someone says yes to, as plain values that can be kept and compared."""
        lines = [[line.sku, line.unit, line.base_quantity, line.total_minor, line.tax_minor] for line in self.lines]
        return {
            "lines": sorted(lines),
            "delivery_fee_minor": self.delivery_fee_minor,
            "total_minor": self.total_minor,
            "address": self.address,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """`confirmation` stands for just this change of just this version of the order, until `expires_at`."""

    confirmation: str
    expires_at: datetime
    order: Order
    plan: Plan


def propose_change(
    session: Session, found: FullOrder, changes: Sequence[Change], address: str | None, who: str
) -> Preview:
    """What the (locked) order would become. What it has keeps the price it was agreed at, what is new costs today's.

    Nothing is promised yet: stock is only looked at.

    Records: one OrderChange.
    Raises: OrderNotChangeable, PaymentTimeOver, ShortageOpen, NotDelivered, OrderWouldBeEmpty, NothingToChange,
    OutOfStock, and what a change of a cart is refused for.
    """
    _require_changeable(session, found)
    order = found.order
    if address is not None and order.pickup_location_id is not None:
        raise NotDelivered(number=order.number)
    lines = _lines_of(found)
    offered = offers(session, sorted({line.sku for line in lines} | {each.sku for each in changes if each.sku}))
    for change in changes:
        # What is no longer sold can still be taken out, or be left with less.
        lines = apply(lines, change, offered)
    if not lines:
        raise OrderWouldBeEmpty(number=order.number)
    plan = _plan(session, found, lines, address or order.address, offered)
    if not plan.ended and not plan.added and plan.address == order.address:
        raise NothingToChange()
    check_stock(session, _more(found, plan), offered, order.pickup_location_id)
    content = {"wanted": [columns_of(line) for line in lines], "shown": plan.shown()}
    kept = orders.propose(session, order, content, plan.total_minor - order.total_minor, who)
    return Preview(kept.id, kept.expires_at, order, plan)


def apply_change(session: Session, found: FullOrder, confirmation: str, who: str) -> FullOrder:
    """The (locked) order, changed as it was shown; the same confirmation again changes nothing more.

    Price, stock and fee are looked at anew: what differs from what was shown is refused, never changed silently. The
    shop's rules may hold it, or let go of one that is held.

    Records: ends of lines and new ones, the order's sums, address and day, reservations and partners' promises made
    anew, an Allocation, fulfillments, an OrderEntry, the event `order.changed`; what `hold_order` or `confirm_order`
    record.
    Raises: ChangeStale, OrderNotChangeable, PaymentTimeOver, ShortageOpen, OutOfStock.
    """
    order = found.order
    change = orders.proposed(session, order, confirmation, who)
    if change.state == "applied":
        return found
    _require_changeable(session, found)
    if clock.now() >= change.expires_at:
        raise ChangeStale(reason="expired")
    if change.order_version != order.version:
        raise ChangeStale(reason="changed", total_minor=order.total_minor)
    wanted = [Line(**line) for line in change.content["wanted"]]
    offered = offers(session, sorted({line.sku for line in wanted}))
    plan = _plan(session, found, wanted, change.content["shown"]["address"], offered)
    if plan.shown() != change.content["shown"]:
        raise ChangeStale(reason="changed", total_minor=plan.total_minor)
    was_minor = order.total_minor
    order.address, order.zone, order.promised_on = plan.address, plan.zone, plan.promised_on
    changed = orders.change_lines(
        session, found, ended=plan.ended, added=plan.added, who=who, delivery_fee_minor=plan.delivery_fee_minor
    )
    _promise_anew(session, found, plan)
    move_surpluses(session, order, who)
    change.state = "applied"
    difference = {"difference_minor": order.total_minor - was_minor, "currency": order.currency}
    orders.enter(session, order.id, "changed", who, clock.now(), facts=difference | {"version": order.version})
    by = who.partition(":")[0]
    events.record(session, "order.changed", order.number, orders.fact(order) | difference | {"by": by})
    return _judge(session, changed, who, is_more=order.total_minor > was_minor)


def _require_changeable(session: Session, found: FullOrder) -> None:
    order = found.order
    there = fulfillment.of_orders(session, [order.id], lock=True)[order.id]
    begun = next((one.fulfillment for one in there if one.fulfillment.status not in ("pending", "cancelled")), None)
    if order.status not in ("on_hold", "confirmed") or begun is not None:
        raise OrderNotChangeable(
            number=order.number, status=order.status, fulfillment_status=begun.status if begun else None
        )
    late = unpaid(session, order, shop(session)) if order.status == "on_hold" else None
    if late is not None and late.expires_at is not None and late.expires_at <= clock.now():
        # The clock is about to cancel it: of a change nothing would be left but what was said of it.
        raise PaymentTimeOver(number=order.number)
    # What a partner rejected waits for the customer's word: a change that ended its line would leave nothing to ask of.
    if fulfillment.open_shortages(session, [order.id]):
        raise ShortageOpen(number=order.number)


def _lines_of(found: FullOrder) -> list[Line]:
    """The order's lines as a cart would have them: one for each variant and unit."""
    summed: dict[tuple[str, str], Line] = {}
    for line in found.lines:
        key = (line.sku, line.unit)
        base_quantity = line.base_quantity + (summed[key].base_quantity if key in summed else 0)
        summed[key] = Line(line.sku, line.unit, line.factor, base_quantity)
    return list(summed.values())


def _plan(
    session: Session, found: FullOrder, wanted: Sequence[Line], address: str, offered: Mapping[str, Offer]
) -> Plan:
    order = found.order
    choice = Choice(address, order.payment_method, _pickup_code(session, order))
    content = CartContent(None, order.version, tuple(wanted), choice)
    priced = price_cart(session, content, offered, with_discount=False)
    there: dict[tuple[str, str], list[OrderLine]] = {}
    for line in found.lines:
        there.setdefault((line.sku, line.unit), []).append(line)
    promised = partners.promised(session, [line.id for line in found.lines])
    shipped_by = {line.order_line_id: line.partner_id for line in promised}
    ended: dict[str, str] = {}
    added: list[NewLine] = []
    successor: dict[str, NewLine] = {}
    for wish in wanted:
        mine = there.pop((wish.sku, wish.unit), [])
        rest = sum(each.base_quantity for each in mine) - wish.base_quantity
        if rest < 0:
            today = _today(priced, wish, -rest)
            same = next((each for each in mine if _costs_the_same(each, today)), None)
            # What one partner ships does not grow when another does now, or nobody but us.
            if same is not None and shipped_by.get(same.id) == _supplier_of(wish.sku, priced):
                today = _grown(same, -rest)
                ended[same.id], successor[same.id] = "changed", today
            added.append(today)
        for each in reversed(mine):
            if rest <= 0:
                break
            if rest >= each.base_quantity:
                ended[each.id] = "dropped"
            else:
                part = orders.part_of(each, each.base_quantity - rest)
                ended[each.id], successor[each.id] = "changed", part
                added.append(part)
            rest -= each.base_quantity
    ended |= {each.id: "dropped" for gone in there.values() for each in gone}
    kept = [line for line in found.lines if line.id not in ended]
    if order.discount is not None:
        kept, added, instead = _discounted(session, Terms.of(order.discount), kept, added)
        ended |= dict.fromkeys(instead, "changed")
        renewed = {new.id: new for new in added}
        successor = {line_id: renewed[new.id] for line_id, new in successor.items()} | instead
    goods_minor = sum(line.total_minor for line in kept) + sum(line.total_minor for line in added)
    is_elsewhere = address != order.address
    promised_on = priced.promised_on
    if not is_elsewhere and promised_on is not None and order.promised_on is not None:
        promised_on = max(promised_on, order.promised_on)
    return Plan(
        ended=ended,
        added=added,
        successor=successor,
        kept=kept,
        priced=priced,
        delivery_fee_minor=shop(session).delivery_of(goods_minor, priced.delivery_rate_minor),
        promised_on=promised_on,
        zone=priced.zone,
        address=address,
    )


def _discounted(
    session: Session, terms: Terms, kept: Sequence[OrderLine], added: Sequence[NewLine]
) -> tuple[list[OrderLine], list[NewLine], dict[str, NewLine]]:
    """The lines with their shares of the discount that the order has; what takes the place of those it had."""
    lines: list[OrderLine | NewLine] = [*kept, *added]
    category = categories(session, [line.sku for line in lines]) if terms.category is not None else {}
    goods = [Goods(line.sku, category.get(line.sku), listed(line, line.base_quantity)) for line in lines]
    off_minor = dict(zip([line.id for line in lines], shares(terms, goods), strict=True))
    instead = {
        line.id: _of_quantity(_copy(line), line.base_quantity, off_minor[line.id])
        for line in kept
        if line.discount_minor != off_minor[line.id]
    }
    renewed = [_of_quantity(line, line.base_quantity, off_minor[line.id]) for line in added]
    return [line for line in kept if line.id not in instead], [*renewed, *instead.values()], instead


def _pickup_code(session: Session, order: Order) -> str | None:
    """The code of the location where the order is collected; None for one that is delivered."""
    place = order.pickup_location_id
    return None if place is None else next(each.code for each in inventory.locations(session) if each.id == place)


def _today(priced: PricedCart, line: Line, base_quantity: int) -> NewLine:
    """`base_quantity` more of what a line asks for, at today's price."""
    whole = next((each for each in priced.lines if (each.sku, each.unit) == (line.sku, line.unit)), None)
    if whole is None:
        raise OutOfStock(sku=line.sku, name=line.sku, unit=line.unit, available=0)
    return _of_quantity(NewLine(id=new_id(), **columns_of(whole)), base_quantity)


def _grown(line: OrderLine, more: int) -> NewLine:
    return _of_quantity(_copy(line), line.base_quantity + more)


def _copy(line: OrderLine) -> NewLine:
    return NewLine(**{name: getattr(line, name) for name in NewLine.__slots__} | {"id": new_id()})


def _of_quantity(line: NewLine, base_quantity: int, discount_minor: int = 0) -> NewLine:
    return replace(line, base_quantity=base_quantity, **columns_of(charge(line, base_quantity, discount_minor)))


def _costs_the_same(line: OrderLine, today: NewLine) -> bool:
    return _price(line) == _price(today)


def _price(line: OrderLine | NewLine) -> tuple[Any, ...]:
    price = (line.price_minor, line.price_quantity, line.price_includes_tax)
    return (*price, line.tax_class, line.tax_rate, line.factor)


def _more(found: FullOrder, plan: Plan) -> list[Line]:
    """What must be there beyond what the order has already, per variant."""
    more: dict[str, int] = {}
    for new in plan.added:
        more[new.sku] = more.get(new.sku, 0) + new.base_quantity
    for line in found.lines:
        if line.id in plan.ended:
            more[line.sku] = more.get(line.sku, 0) - line.base_quantity
    units = {line.sku: line for line in plan.added}
    return [Line(sku, units[sku].unit, units[sku].factor, count) for sku, count in more.items() if count > 0]


def _promise_anew(session: Session, found: FullOrder, plan: Plan) -> None:
    """What ended lines were promised goes to those in their place; the rest is given back, or promised."""
    ended = list(plan.ended)
    if not ended and not plan.added:
        return
    # All levels at once and in order: giving back and taking are one step to everyone else.
    levels.lock(session, {line.sku for line in found.lines} | {line.sku for line in plan.added})
    by_partner = {line.order_line_id: line.partner_id for line in partners.promised(session, ended)}
    waiting = {line.order_line_id for line in inventory.waiting_of(session, ended)}
    session.flush()
    successors = {new.id: line_id for line_id, new in plan.successor.items()}
    theirs: list[PromisedByPartner] = []
    ours: list[Wanted] = []
    for new in plan.added:
        was = successors.get(new.id)
        partner_id = by_partner.get(was) if was is not None else _supplier_of(new.sku, plan.priced)
        if was is not None and was in waiting:
            ours += _in_its_place(session, was, new)
        elif partner_id is not None:
            theirs.append(PromisedByPartner(new.id, partner_id, new.sku, new.base_quantity))
        else:
            ours.append(Wanted(new.id, new.sku, new.base_quantity))
    inventory.release(session, ended)
    partners.release(session, ended)
    if theirs:
        partners.promise(session, theirs)
    if ours:
        _reserve(session, ours, plan, found.order)


def _in_its_place(session: Session, was: str, new: NewLine) -> list[Wanted]:
    """Who waited before others goes on before them, also for less; only what is more waits behind."""
    inventory.hand_over(session, was, new.id)
    there = sum(each.quantity for each in inventory.waiting_of(session, [new.id]))
    there += sum(each.quantity for each in inventory.reservations_of(session, [new.id]))
    if there > new.base_quantity:
        inventory.need_less(session, new.id, there - new.base_quantity)
    return [Wanted(new.id, new.sku, new.base_quantity - there, may_wait=True)] if there < new.base_quantity else []


def _supplier_of(sku: str, priced: PricedCart) -> str | None:
    """The partner who ships it for us now; None for what we ship ourselves."""
    supplier = priced.by_partner.get(sku)
    return None if supplier is None else supplier.partner_id


def _reserve(session: Session, ours: Sequence[Wanted], plan: Plan, order: Order) -> None:
    try:
        promised = inventory.reserve(session, ours, near=plan.priced.near, at=order.pickup_location_id)
    except Short as short:
        line = next(line for line in plan.added if line.sku == short.sku)
        raise OutOfStock(
            sku=line.sku, name=line.name, unit=line.unit, available=short.available // line.factor
        ) from None
    if promised.allocated is not None:
        inventory.remember_allocation(session, promised.allocated, order_id=order.id)


def _judge(session: Session, found: FullOrder, who: str, *, is_more: bool) -> FullOrder:
    """The shop's rules look at what the order has become."""
    order = found.order
    reasons = reasons_to_hold(session, order, shop(session))
    if order.status == "on_hold":
        approval.end_holds(session, order.id, "changed", who)
        if not reasons:
            return confirm_order(session, found, who)
        return add_holds(session, found, reasons)
    new = [reason for reason in reasons if reason.kind in _HELD_AGAIN]
    if is_more and new and not who.startswith("staff:"):
        hold_order(session, found, new)
    cover_order(session, found)
    return found
