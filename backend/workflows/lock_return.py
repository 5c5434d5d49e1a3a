"""Lock a return the way everyone does: its order first, so that no two verbs wait for each other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.calendar.service import calendar
from backend.catalog.service import shop, shop_day
from backend.orders import service as orders
from backend.orders.models import Order
from backend.orders.service import FullOrder
from backend.returns import service as returns
from backend.returns.service import FullReturn
from kernel import clock


def lock_return(session: Session, number: str, *, customer_id: str | None = None) -> tuple[FullOrder, FullReturn]:
    """The order and its return, both locked, as is the order that goes out for it; of this customer, if given.

    Raises: ReturnNotFound.
    """
    seen = returns.find(session, number, customer_id=customer_id)
    # Orders are locked in the order of their ids, by everyone.
    for order_id in sorted({seen.order_id, seen.exchange_order_id or seen.order_id}):
        orders.by_id(session, order_id, lock=True)
    return orders.by_id(session, seen.order_id), returns.locked(session, seen.id)


def tell(
    session: Session,
    order: Order,
    full: FullReturn,
    what: str,
    who: str,
    note: str | None = None,
    *,
    facts: Mapping[str, Any] | None = None,
    links: Mapping[str, str | None] | None = None,
) -> None:
    """Records: a step of its history, an OrderEntry, the event `return.<what>`, which alone says the `links`."""
    rma, now = full.rma, clock.now()
    returns.enter(session, rma.id, what, who, now, note, facts=dict(facts) if facts else None)
    orders.enter(session, order.id, f"return_{what}", who, now, note, facts={"return": rma.number})
    events.record(
        session,
        f"return.{what}",
        order.number,
        fact(session, order, full) | {"note": note} | dict(facts or {}) | dict(links or {}),
    )


def fact(session: Session, order: Order, full: FullReturn) -> dict[str, Any]:
    """What every event about a return says of it."""
    rma = full.rma
    lines: Mapping[str, Any] = orders.lines(session, [line.order_line_id for line in full.lines])
    return orders.fact(order) | {
        "return": rma.number,
        "kind": rma.kind,
        "status": rma.status,
        "wish": rma.wish,
        "way": rma.way,
        "pickup_on": rma.pickup_on.isoformat() if rma.pickup_on else None,
        "pickup_slot": rma.pickup_slot,
        "drop_off_point": rma.drop_off_point["code"] if rma.drop_off_point else None,
        "value": {"amount_minor": rma.value_minor, "currency": rma.currency},
        "lines": [
            {
                "sku": line.sku,
                "name": lines[line.order_line_id].name,
                "name_en": lines[line.order_line_id].name_en,
                "quantity": line.quantity,
            }
            for line in full.lines
        ],
    }


def working_day_in(session: Session, count: int) -> date | None:
    """The shop's working day so many working days after today; None where it has no calendar."""
    seller = shop(session)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    return days.add_working_days(shop_day(seller), count)
