"""Hand on lines: what was promised, picked and packed for a line that ended belongs to the one that took its place."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from backend.fulfillment import service as fulfillment
from backend.inventory import service as inventory
from backend.returns import service as returns
from backend.shipping import service as shipping


def hand_on_lines(session: Session, replaced: Mapping[str, str]) -> None:
    """`replaced` says which line took the place of which. Of a locked order.

    Records: to whom Reservation, Backorder, FulfillmentLine, ShipmentLine and ReturnLine rows belong.
    """
    session.flush()
    for was, now in replaced.items():
        inventory.hand_over(session, was, now)
    fulfillment.hand_on(session, replaced)
    shipping.hand_on(session, replaced)
    returns.hand_on(session, replaced)
