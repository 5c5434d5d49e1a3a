"""What processes of a storm do to one order: change it as was shown, begin to pick it."""

from __future__ import annotations

from backend.fulfillment import service as fulfillment
from backend.orders import service as orders
from backend.workflows.change_order import apply_change
from backend.workflows.start_picking import start_picking
from kernel.db import Database
from kernel.errors import ComandaError


def apply_as(database: Database, number: str, confirmation: str, who: str) -> str:
    try:
        with database.write() as session:
            apply_change(session, orders.find_any(session, number, lock=True), confirmation, who)
    except ComandaError as refusal:
        return refusal.code
    return "changed"


def begin_picking(database: Database, number: str) -> str:
    try:
        with database.write() as session:
            return start_picking(
                session, number, fulfillment.find(session, number).version, "staff:wendy"
            ).fulfillment.status
    except ComandaError as refusal:
        return refusal.code
