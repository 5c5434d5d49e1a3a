"""Stock counts: what someone found in a bin, beside what the books said."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.inventory.errors import CountStale
from backend.inventory.levels import lock_with
from backend.inventory.models import Bin, StockCount
from backend.inventory.moves import bins_of, find, go
from kernel import clock
from kernel.ids import new_id


def count(
    session: Session, shelf: Bin, sku: str, counted: int, who: str, note: str, seen: int | None = None
) -> tuple[StockCount, int]:
    """Someone counted `counted` base units of a variant in a bin. The difference is a move, never an overwrite.

    With the count what the difference is worth: positive for what was found. `seen` is what the books said when the
    difference was looked at.

    Records: a StockCount, a StockMove of the difference whose reference it is.
    Raises: CountStale; NotEnoughOnHand when what is missing is promised to someone.
    """
    assert counted >= 0, "nobody counts less than nothing"
    locked = lock_with(session, [(sku, shelf.location_id)])
    lying = bins_of(session, shelf.location_id, [sku])[sku]
    expected = sum(each.quantity for each in lying if each.bin_id == shelf.id)
    if seen is not None and seen != expected:
        raise CountStale(sku=sku, expected=expected)
    row = StockCount(
        id=new_id(),
        bin_id=shelf.id,
        sku=sku,
        counted=counted,
        expected=expected,
        who=who,
        note=note,
        counted_at=clock.now(),
    )
    worth_minor = 0
    given: dict[str, Any] = {"bin_id": shelf.id, "reference": row.id, "note": note}
    if counted > expected:
        worth_minor = find(session, locked, sku, shelf.location_id, counted - expected, **given)
    elif counted < expected:
        worth_minor = -go(session, locked, "adjustment", sku, shelf.location_id, expected - counted, **given)
    session.add(row)
    session.flush()
    return row, worth_minor
