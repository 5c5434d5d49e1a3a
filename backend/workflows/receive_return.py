"""Receive a return: it is on its way, and comes to a warehouse or over a store's counter, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from backend.inventory import service as inventory
from backend.returns import service as returns
from backend.returns.policy import policy
from backend.returns.service import FullReturn
from backend.returns.states import require, step
from backend.workflows.lock_return import lock_return, tell, working_day_in
from backend.workflows.resolve_return import settle_if_due


def send_return(session: Session, number: str, who: str, *, note: str | None = None) -> FullReturn:
    """Its carrier, or a drop-off point, scanned it for the first time; said again it changes nothing.

    Records: the status, a ReturnEntry, an OrderEntry, the event `return.in_transit`; what is due of the money.
    Raises: ReturnNotFound, ReturnStepIllegal, what `settle_return` raises.
    """
    found, full = lock_return(session, number)
    if full.rma.status == "in_transit":
        return full
    step(full.rma, "in_transit")
    session.flush()
    tell(session, found.order, full, "in_transit", who, note)
    settle_if_due(session, found, full, "first_scan", who)
    return full


def receive_return(
    session: Session,
    number: str,
    location_code: str,
    came: Sequence[tuple[str, int]],
    who: str,
    *,
    note: str | None = None,
    is_last: bool = False,
) -> FullReturn:
    """Base units of lines (by id or sku) came to a location. With the last, or when the rest `is_last` to come, all is.

    Records: ReturnReceipt rows, the status, a ReturnEntry, an OrderEntry, the event `return.received`; what is due of
    the money.
    Raises: ReturnNotFound, ReturnStepIllegal, LocationNotFound, NotInReturn, ReceivedTooMany, what `settle_return`
    raises.
    """
    found, full = lock_return(session, number)
    place = inventory.location(session, location_code)
    # Whether it may come at all is looked at before how much of it.
    require(full.rma, "received")
    lines = [(returns.line_named(full, named), quantity) for named, quantity in came]
    returns.receive(session, full, place.id, lines, note, who, is_last=is_last)
    full.rma.inspect_by = working_day_in(session, policy(session).inspect_days)
    session.flush()
    is_whole = full.rma.status == "received"
    inspect_by = full.rma.inspect_by
    told = {
        "is_whole": is_whole,
        "came": [{"sku": line.sku, "quantity": quantity} for line, quantity in lines],
        "inspect_by": inspect_by.isoformat() if inspect_by else None,
    }
    tell(session, found.order, full, "received", who, note, facts=told)
    settle_if_due(session, found, full, "first_scan", who)
    return full
