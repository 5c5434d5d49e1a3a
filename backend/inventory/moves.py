"""Stock moves: goods that come, go, are counted anew or carried; and in which bins they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.inventory.errors import NotEnoughOnHand
from backend.inventory.levels import Locked, change, lock_with
from backend.inventory.models import Bin, Location, StockMove
from kernel import clock
from kernel.ids import new_id
from kernel.money import round_half_away
from kernel.prepared import Prepared

_insert = Prepared(insert(table_of(StockMove)))


@dataclass(frozen=True, slots=True)
class InBin:
    """`quantity` base units of `sku` in a bin; `bin_id` and `bin` are None for what lies in none."""

    sku: str
    bin_id: str | None
    bin: str | None
    walking_order: int
    quantity: int


def receive(
    session: Session,
    sku: str,
    location_id: str,
    quantity: int,
    *,
    bin_id: str | None = None,
    cost_minor: int | None = None,
    reference: str | None = None,
    note: str = "",
) -> None:
    """Goods came in: `quantity` base units, at least one, for `cost_minor` in all. Records: a StockMove."""
    assert quantity > 0, "a receipt brings something"
    locked = lock_with(session, [(sku, location_id)])
    come(
        session,
        locked,
        "receipt",
        sku,
        location_id,
        quantity,
        bin_id=bin_id,
        cost_minor=cost_minor,
        reference=reference,
        note=note,
    )


def restock(
    session: Session,
    sku: str,
    location_id: str,
    quantity: int,
    *,
    bin_id: str | None = None,
    cost_minor: int | None = None,
    reference: str,
) -> None:
    """Goods that had left came back, for what they had cost. Records: a StockMove."""
    assert quantity > 0, "a restock brings something"
    locked = lock_with(session, [(sku, location_id)])
    come(
        session,
        locked,
        "restock",
        sku,
        location_id,
        quantity,
        bin_id=bin_id,
        cost_minor=cost_minor,
        reference=reference,
    )


def issued_cost(session: Session, order_line_id: str) -> tuple[int, int]:
    """How many base units left the shelves for an order line, and what they had cost in all."""
    query = select(func.sum(-StockMove.quantity), func.sum(-StockMove.cost_minor)).where(
        StockMove.kind == "issue", StockMove.reference == order_line_id
    )
    quantity, cost_minor = session.execute(query).one()
    return int(quantity or 0), int(cost_minor or 0)


def adjust(
    session: Session,
    sku: str,
    location_id: str,
    difference: int,
    *,
    bin_id: str | None = None,
    reference: str | None = None,
    note: str,
) -> int:
    """A count found `difference` base units more or fewer than the books. A movement, never an overwrite.

    What they are worth, at the average cost of what lies here: positive for what was found.

    Records: StockMove rows. Without a bin, what is missing is missed in walking order.
    Raises: NotEnoughOnHand when promised goods would be missing.
    """
    locked = lock_with(session, [(sku, location_id)])
    if difference > 0:
        return find(session, locked, sku, location_id, difference, bin_id=bin_id, reference=reference, note=note)
    return -go(
        session, locked, "adjustment", sku, location_id, -difference, bin_id=bin_id, reference=reference, note=note
    )


def find(
    session: Session,
    locked: Locked,
    sku: str,
    location_id: str,
    quantity: int,
    *,
    bin_id: str | None = None,
    reference: str | None = None,
    note: str = "",
) -> int:
    """Goods turned up at a locked level; what they are worth, at the average cost. Records: a StockMove."""
    cost_minor = average_cost(session, sku, quantity)
    come(
        session,
        locked,
        "adjustment",
        sku,
        location_id,
        quantity,
        bin_id=bin_id,
        cost_minor=cost_minor,
        reference=reference,
        note=note,
    )
    return cost_minor or 0


def transfer(
    session: Session,
    sku: str,
    from_location_id: str,
    to_location_id: str,
    quantity: int,
    *,
    to_bin_id: str | None = None,
    note: str = "",
) -> None:
    """Carry free goods from one location to another: moves of one reference that sum to nothing.

    Raises: NotEnoughOnHand.
    """
    assert quantity > 0, "a transfer carries something"
    assert from_location_id != to_location_id, "a transfer goes somewhere"
    locked = lock_with(session, [(sku, from_location_id), (sku, to_location_id)])
    reference = new_id()
    go(session, locked, "transfer", sku, from_location_id, quantity, reference=reference, note=note)
    come(session, locked, "transfer", sku, to_location_id, quantity, bin_id=to_bin_id, reference=reference, note=note)


def come(
    session: Session,
    locked: Locked,
    kind: str,
    sku: str,
    location_id: str,
    quantity: int,
    *,
    bin_id: str | None = None,
    cost_minor: int | None = None,
    reference: str | None = None,
    note: str = "",
) -> None:
    """Goods come to a locked level. Records: a StockMove."""
    _write(session, kind, sku, location_id, [(bin_id, quantity, cost_minor)], reference, note)
    change(session, locked, {(sku, location_id): (quantity, 0)})


def go(
    session: Session,
    locked: Locked,
    kind: str,
    sku: str,
    location_id: str,
    quantity: int,
    *,
    bin_id: str | None = None,
    promised: int = 0,
    reference: str | None = None,
    note: str = "",
) -> int:
    """Goods go from a locked level; `promised` of them were reserved for whom they go to.

    What they cost us, in all: their part of what lies here, so that the last takes the rest; 0 where nobody knows.
    What is carried to another location keeps its value.

    Records: a StockMove per bin, in walking order, or of the given bin alone.
    Raises: NotEnoughOnHand.
    """
    level = locked[sku, location_id]
    if level.available + promised < quantity:
        raise NotEnoughOnHand(sku=sku, available=level.available + promised)
    taken, missing = [], quantity
    for lying in bins_of(session, location_id, [sku])[sku]:
        part = min(lying.quantity, missing)
        if part > 0 and bin_id in (None, lying.bin_id):
            taken.append((lying.bin_id, -part))
            missing -= part
    if missing:
        assert bin_id is not None, "what is on hand lies somewhere"
        raise NotEnoughOnHand(sku=sku, available=quantity - missing)
    cost_minor = None if kind == "transfer" else average_cost(session, sku, quantity)
    _write(session, kind, sku, location_id, _costed(taken, cost_minor), reference, note)
    change(session, locked, {(sku, location_id): (-quantity, -promised)})
    return cost_minor or 0


def average_cost(session: Session, sku: str, quantity: int) -> int | None:
    """What `quantity` base units cost at the average of what lies everywhere; None where nobody knows."""
    query = select(func.sum(StockMove.quantity), func.sum(StockMove.cost_minor)).where(StockMove.sku == sku)
    on_hand, worth_minor = session.execute(query).one()
    if not on_hand or worth_minor is None:
        return None
    return round_half_away(Decimal(int(worth_minor)) * quantity / int(on_hand))


def _costed(
    taken: Sequence[tuple[str | None, int]], cost_minor: int | None
) -> list[tuple[str | None, int, int | None]]:
    """Parts that go, each with its part of the cost: together exactly all of it."""
    if cost_minor is None:
        return [(bin_id, quantity, None) for bin_id, quantity in taken]
    whole, gone, costed = sum(quantity for _, quantity in taken), 0, list[tuple[str | None, int, int | None]]()
    for bin_id, quantity in taken:
        upto, after = (round_half_away(Decimal(cost_minor) * count / whole) for count in (gone, gone + quantity))
        costed.append((bin_id, quantity, upto - after))
        gone += quantity
    return costed


def _write(
    session: Session,
    kind: str,
    sku: str,
    location_id: str,
    parts: Sequence[tuple[str | None, int, int | None]],
    reference: str | None,
    note: str,
) -> None:
    now = clock.now()
    rows = [
        {
            "id": new_id(),
            "kind": kind,
            "sku": sku,
            "location_id": location_id,
            "bin_id": bin_id,
            "quantity": quantity,
            "cost_minor": cost_minor,
            "reference": reference,
            "note": note,
            "moved_at": now,
        }
        for bin_id, quantity, cost_minor in parts
    ]
    _insert.write(session, rows)


def bins_of(session: Session, location_id: str, skus: Sequence[str]) -> dict[str, list[InBin]]:
    """Per sku the bins of a location that hold some of it, in walking order; what lies in no bin comes last."""
    lying = func.sum(StockMove.quantity)
    query = (
        select(StockMove.sku, StockMove.bin_id, Bin.code, func.coalesce(Bin.walking_order, 0), lying)
        .outerjoin(Bin, Bin.id == StockMove.bin_id)
        .where(StockMove.sku.in_(skus), StockMove.location_id == location_id)
        .group_by(StockMove.sku, StockMove.bin_id, Bin.code, Bin.walking_order)
        .having(lying != 0)
        .order_by(StockMove.bin_id.is_(None), Bin.walking_order, Bin.code)
    )
    found: dict[str, list[InBin]] = {sku: [] for sku in skus}
    for sku, bin_id, code, walking_order, quantity in session.execute(query):
        found[sku].append(InBin(sku, bin_id, code, walking_order, int(quantity)))
    return found


def moves_page(
    session: Session, sku: str | None, location_id: str | None, before: str | None, limit: int
) -> list[tuple[StockMove, str, str | None]]:
    """Moves with the codes of their location and bin, newest first, from before the move of id `before`."""
    query = (
        select(StockMove, Location.code, Bin.code)
        .join(Location, Location.id == StockMove.location_id)
        .outerjoin(Bin, Bin.id == StockMove.bin_id)
        .order_by(StockMove.id.desc())
        .limit(limit)
    )
    if sku is not None:
        query = query.where(StockMove.sku == sku)
    if location_id is not None:
        query = query.where(StockMove.location_id == location_id)
    if before is not None:
        query = query.where(StockMove.id < before)
    return [row._tuple() for row in session.execute(query)]
