"""Hold an order: for a person to look at, when one of the shop's rules says so, or until it is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import Shop, shop
from backend.customers import service as customers
from backend.events import Fact
from backend.orders import approval
from backend.orders import service as orders
from backend.orders.approval import AWAITING_PAYMENT, Reason, Rule
from backend.orders.models import Order
from backend.orders.service import Entry, FullOrder
from backend.workflows.look_at_dues import look_at_dues
from backend.workflows.open_amounts import owed_on_credit
from backend.workflows.start_payment import start_payment
from kernel import clock


def reasons_to_hold(session: Session, order: Order, seller: Shop) -> list[Reason]:
    """What the active rules have against the (locked, or agreed) order, and whether it must be paid first."""
    found = [_reason(session, rule, order) for rule in approval.active_rules(session)]
    found.append(unpaid(session, order, seller))
    # Two rules of one kind are one reason: the first one's.
    by_kind: dict[str, Reason] = {}
    for reason in found:
        if reason is not None:
            by_kind.setdefault(reason.kind, reason)
    return list(by_kind.values())


def _reason(session: Session, rule: Rule, order: Order) -> Reason | None:
    match rule.kind:
        case "new_customer":
            is_known = approval.has_other_orders(session, order.customer_id, order.id)
            return None if is_known else Reason("new_customer", {})
        case "amount_over":
            amount_minor = rule.parameters["amount_minor"]
            facts = {"amount_minor": amount_minor, "total_minor": order.total_minor, "currency": order.currency}
            return Reason("amount_over", facts) if order.total_minor > amount_minor else None
        case "payment_method":
            method = rule.parameters["payment_method"]
            return Reason("payment_method", {"payment_method": method}) if order.payment_method == method else None
        case "outside_zones":
            is_outside = order.zone is None and order.delivery != "pickup"
            return Reason("outside_zones", {"address": order.address}) if is_outside else None
        case _:
            return _beyond_credit(session, order)


def unpaid(session: Session, order: Order, seller: Shop) -> Reason | None:
    """Whether the (locked, or agreed) order must be paid first. Who waits already waits no longer for being changed.

    Of what was paid a part of, the rest is asked for as of any other order.
    """
    method = seller.payment_method(order.payment_method)
    if method is None or not method.holds_until_paid:
        return None
    dues = look_at_dues(session, [order])[order.id]
    if dues.paid_minor > 0 or dues.due_minor <= 0:
        return None
    assert method.expires_minutes is not None, "what waits to be paid does not wait for ever"
    known = approval.pay_by(session, [order.id]) if order.status == "on_hold" else {}
    until = known.get(order.id, order.placed_at + timedelta(minutes=method.expires_minutes))
    local = until.astimezone(ZoneInfo(seller.time_zone)).isoformat(timespec="minutes")
    return Reason(AWAITING_PAYMENT, {"payment_method": method.code, "until": local}, until)


def _beyond_credit(session: Session, order: Order) -> Reason | None:
    if order.payment_method not in approval.CREDIT_METHODS:
        return None
    # Of two orders at once the second sees what the first owes.
    limit_minor = customers.credit_limit(session, order.customer_id, lock=True)
    owed_minor = owed_on_credit(session, order.customer_id, without_order_id=order.id)
    if limit_minor is not None and owed_minor + order.total_minor <= limit_minor:
        return None
    facts = {"limit_minor": limit_minor, "owed_minor": owed_minor, "total_minor": order.total_minor}
    return Reason("credit_limit", facts | {"currency": order.currency})


def hold_order(
    session: Session, found: FullOrder, reasons: Sequence[Reason], who: str = "system", note: str | None = None
) -> FullOrder:
    """The (locked) order waits for someone's decision, or to be paid. Its stock stays promised.

    Records: the status, an OrderHold for each reason, an OrderEntry, the event `order.held`; what `start_payment`
    records for an order that is paid online first.
    Raises: IllegalStep.
    """
    order = found.order
    orders.move(session, order, "on_hold")
    orders.write(session, order.id, [held_entry(reasons, who, note)], clock.now())
    events.record_all(session, [held_fact(order, reasons)])
    return add_holds(session, found, reasons)


def held_entry(reasons: Sequence[Reason], who: str = "system", note: str | None = None) -> Entry:
    """The step in the history of an order that is held for these."""
    assert reasons, "an order is held for a reason"
    return Entry("held", who, note, facts={"reasons": [reason.kind for reason in reasons]})


def held_fact(order: Order, reasons: Sequence[Reason]) -> Fact:
    """What the event `order.held` says."""
    kinds = [reason.kind for reason in reasons]
    until = next((reason.facts["until"] for reason in reasons if reason.kind == AWAITING_PAYMENT), None)
    told = {"reason": kinds[0], "reasons": kinds, "until": until}
    return Fact("order.held", order.number, orders.fact(order) | orders.charged(order) | told)


def add_holds(session: Session, found: FullOrder, reasons: Sequence[Reason]) -> FullOrder:
    """The (locked, or just placed) order, which is held, is held for these; who must pay first is given a link.

    Records: an OrderHold for each reason; what `start_payment` records.
    """
    approval.add_holds(session, found.order.id, reasons)
    awaiting = next((reason for reason in reasons if reason.kind == AWAITING_PAYMENT), None)
    if awaiting is None:
        return found
    method = shop(session).payment_method(found.order.payment_method)
    if method is not None and method.kind == "online":
        start_payment(session, found, f"hold:{found.order.number}:{found.order.version}", "system")
    return replace(found, pay_by=awaiting.expires_at)
