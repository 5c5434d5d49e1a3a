"""Hold an order for a person to look at, when one of the shop's rules says so."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend import events
from backend.customers import service as customers
from backend.orders import approval
from backend.orders import service as orders
from backend.orders.approval import Reason, Rule
from backend.orders.models import Order
from backend.orders.service import FullOrder
from backend.workflows.open_amounts import owed_on_credit
from kernel import clock


def reasons_to_hold(session: Session, order: Order) -> list[Reason]:
    """What the active rules have against the (locked, or just placed) order; with no active rule, nothing."""
    found = (_reason(session, rule, order) for rule in approval.active_rules(session))
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


def hold_order(session: Session, found: FullOrder, reasons: Sequence[Reason]) -> FullOrder:
    """The (locked, or just placed) order waits for someone's decision. Its stock stays promised.

    Records: the status, an OrderHold for each reason, an OrderEntry, the event `order.held`.
    Raises: IllegalStep.
    """
    assert reasons, "an order is held for a reason"
    order = found.order
    orders.move(session, order, "on_hold")
    approval.add_holds(session, order.id, reasons)
    kinds = [reason.kind for reason in reasons]
    orders.enter(session, order.id, "held", "system", clock.now(), facts={"reasons": kinds})
    events.record(session, "order.held", order.number, orders.fact(order) | {"reason": kinds[0], "reasons": kinds})
    return found
