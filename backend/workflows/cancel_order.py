"""Cancel an order, or what has not left of it, and give the stock back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.discounts import service as discounts
from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import FullFulfillment
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.errors import OrderNotCancellable
from backend.orders.service import FullOrder
from backend.orders.status import can_cancel
from backend.partners import service as partners
from backend.shipping import service as shipping
from backend.workflows.close_order import close_order
from backend.workflows.cover_order import cover_order
from backend.workflows.hand_on_lines import hand_on_lines
from backend.workflows.left_house import left_house
from backend.workflows.move_surplus import move_surpluses
from backend.workflows.request_refund import CUSTOMER, refund_order
from backend.workflows.start_payment import give_up_links
from kernel import clock


def cancel_order(session: Session, customer_id: str, number: str, reason: str | None = None) -> FullOrder:
    """The customer's order, cancelled; or, when a part of it has left, without what has not.

    Records: as `cancel`.
    Raises: OrderNotFound, OrderNotCancellable.
    """
    found = orders.find(session, customer_id, number, lock=True)
    return cancel(session, found, f"customer:{customer_id}", by="customer", reason=reason)


def cancel(session: Session, found: FullOrder, who: str, *, by: str, reason: str | None) -> FullOrder:
    """Stop what has not left of the (locked) order. `by` is customer, staff or system.

    Records: the end of reservations and backorders, the status of fulfillments, Shortage rows; when nothing has left,
    the order's status, an OrderEntry, the event `order.cancelled` and what `refund_order` records; otherwise the end of
    its lines, or smaller ones, its sums, an OrderEntry and the event `order.changed`.
    Raises: OrderNotCancellable.
    """
    order, line_ids = found.order, [line.id for line in found.lines]
    there = fulfillment.of_orders(session, [order.id], lock=True)[order.id]
    left = left_house(session, line_ids)
    if not can_cancel(order) or all(left[line.id] == line.base_quantity for line in found.lines):
        raise OrderNotCancellable(number=order.number, status=order.status)
    inventory.release(session, line_ids)
    partners.release(session, line_ids)
    for shortage in fulfillment.open_shortages(session, [order.id]):
        fulfillment.resolve(session, shortage, "drop", who)
    _stop(session, there)
    # What partners have not begun is taken back from them.
    cover_order(session, found)
    if any(left.values()):
        return _keep(session, found, left, who, reason)
    orders.cancel(session, order, who, reason)
    give_up_links(session, order)
    back = refund_order(session, order, key=f"cancel:{order.number}", reason="cancelled", who=who, roles=CUSTOMER)
    goes_back = {"amount_minor": sum(refund.amount_minor for refund in back), "currency": order.currency}
    told = orders.fact(order) | {"reason": reason, "by": by, "goes_back": goes_back}
    events.record(session, "order.cancelled", order.number, told)
    discounts.give_back(session, order.id)
    return found


def _stop(session: Session, there: list[FullFulfillment]) -> None:
    for full in there:
        if full.fulfillment.partner_id or full.fulfillment.status not in ("pending", "picking", "picked", "packed"):
            continue
        parcels = shipping.of_fulfillment(session, full.fulfillment.id)
        shipping.unpack(session, [one.shipment for one in parcels if one.shipment.status == "packed"])
        gone: dict[str, int] = {}
        for parcel in parcels:
            if parcel.shipment.status != "packed":
                for line in parcel.lines:
                    gone[line.order_line_id] = gone.get(line.order_line_id, 0) + line.quantity
        if gone:
            fulfillment.keep_only(session, full, gone)
            if all(one.shipment.status in ("packed", "delivered") for one in parcels):
                fulfillment.mark_delivered(session, full.fulfillment)
        else:
            fulfillment.step(session, full.fulfillment, "cancelled")


def _keep(session: Session, found: FullOrder, left: dict[str, int], who: str, reason: str | None) -> FullOrder:
    """The order goes on with what has left already."""
    before = found.order.total_minor
    parts = {
        line.id: orders.part_of(line, left[line.id]) for line in found.lines if 0 < left[line.id] < line.base_quantity
    }
    ended = {line.id: "dropped" for line in found.lines if left[line.id] < line.base_quantity}
    changed = orders.change_lines(session, found, ended=ended, added=list(parts.values()), who=who)
    hand_on_lines(session, {line_id: part.id for line_id, part in parts.items()})
    orders.enter(session, found.order.id, "cancelled_rest", who, clock.now(), reason)
    difference = {"difference_minor": changed.order.total_minor - before, "currency": changed.order.currency}
    move_surpluses(session, changed.order, who)
    told = orders.fact(changed.order) | difference | {"by": who.partition(":")[0]}
    events.record(session, "order.changed", changed.order.number, told)
    close_order(session, changed, who)
    return changed
