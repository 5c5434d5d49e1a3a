"""What several parts of the auditor ask of an order line."""

from __future__ import annotations

from sqlalchemy import exists

from backend.orders.models import OrderLine, OrderLineEnd

HAS_ENDED = exists().where(OrderLineEnd.order_line_id == OrderLine.id)
