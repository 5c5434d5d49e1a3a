"""Ask about shortages: what is not there of an order, its customer decides about."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.workflows.look_at_shortages import look_at_shortages


def ask_about_shortages(session: Session, found: FullOrder, asked: Collection[str], **facts: Any) -> None:
    """Tell the customer of the (locked) order what they have to decide about: the shortages `asked`, by id.

    Records: the event `fulfillment.short`.
    """
    shortages = [one.as_fact() for one in look_at_shortages(session, [found]) if one.id in asked]
    told = orders.fact(found.order) | facts | {"shortages": shortages}
    events.record(session, "fulfillment.short", found.order.number, told)
