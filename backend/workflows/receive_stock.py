"""Receive stock: goods came to the door; who waits for them is served first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.catalog.costs import costs_of, note_cost
from backend.catalog.service import require_known
from backend.inventory import service as inventory
from backend.workflows.book_goods import goods_came
from backend.workflows.fill_backorders import FilledFor, fill_for, lock_waiting
from backend.workflows.tell_low_stock import tell_low_stock


@dataclass(frozen=True, slots=True)
class Received:
    """`quantity` base units of `sku`, put into a `bin` if one is named, for `cost_minor` in all, without tax.

    Where no cost is named they cost what the last ones did.
    """

    sku: str
    quantity: int
    bin: str | None = None
    cost_minor: int | None = None


def receive_stock(
    session: Session,
    location_code: str,
    lines: Sequence[Received],
    *,
    reference: str | None = None,
    note: str = "",
    who: str = "system",
) -> list[FilledFor]:
    """What came to a location, all of it or nothing; those who got what they waited for.

    Records: StockMoves, what has come of IncomingStock, a JournalEntry of what it cost, the variants' latest cost; what
    `fill_for` records.
    Raises: LocationNotFound, BinNotFound, UnknownSku.
    """
    place = inventory.location(session, location_code)
    skus = sorted({line.sku for line in lines})
    require_known(session, skus)
    bins = {code: inventory.bin_at(session, place.id, code).id for line in lines if (code := line.bin) is not None}
    waiting = lock_waiting(session, skus)
    inventory.lock(session, skus)
    worth_minor = 0
    for line in lines:
        bin_id = bins[line.bin] if line.bin is not None else None
        cost_minor = line.cost_minor
        if cost_minor is None:
            cost_minor = costs_of(session, {line.sku: line.quantity})[line.sku]
        else:
            note_cost(session, line.sku, line.quantity, cost_minor)
        inventory.receive(
            session,
            line.sku,
            place.id,
            line.quantity,
            bin_id=bin_id,
            cost_minor=cost_minor,
            reference=reference,
            note=note,
        )
        inventory.count_in(session, line.sku, place.id, line.quantity, reference)
        worth_minor += cost_minor or 0
    goods_came(session, worth_minor, reference or place.code, who)
    filled = fill_for(session, waiting, skus)
    tell_low_stock(session)
    return filled
