"""What may be done with a fulfillment: open it, pick it, move it on, and say what was short."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.fulfillment.errors import FulfillmentChanged, FulfillmentNotFound, FulfillmentStepIllegal
from backend.fulfillment.models import Fulfillment, FulfillmentLine
from kernel import clock
from kernel.ids import new_id

# status -> the statuses it may become
STEPS: dict[str, frozenset[str]] = {
    "pending": frozenset({"picking", "cancelled", "shipped"}),
    "picking": frozenset({"picked", "packed", "shipped", "cancelled"}),
    "picked": frozenset({"picking", "packed", "shipped", "cancelled"}),
    "packed": frozenset({"shipped", "delivered", "cancelled"}),
    "shipped": frozenset({"delivered", "returned_to_origin"}),
    "delivered": frozenset(),
    "returned_to_origin": frozenset({"delivered"}),
    "cancelled": frozenset(),
}
_insert, _insert_lines = insert(table_of(Fulfillment)), insert(table_of(FulfillmentLine))


@dataclass(frozen=True, slots=True)
class PartLine:
    order_line_id: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one location, or one partner, shall get ready of an order."""

    location_id: str | None
    partner_id: str | None
    lines: tuple[PartLine, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """The order that fulfillments belong to, as far as they must know it."""

    order_id: str
    number: str
    kind: str
    promised_on: date | None


@dataclass(frozen=True, slots=True)
class FullFulfillment:
    fulfillment: Fulfillment
    lines: Sequence[FulfillmentLine]


def open_parts(session: Session, owner: Owner, parts: Sequence[Part], *, after: int = 0) -> list[str]:
    """Open a pending fulfillment for each part; their ids. `after` is how many the order has already.

    Records: Fulfillment and FulfillmentLine rows.
    """
    if not parts:
        return []
    now = clock.now()
    rows, lines = [], []
    for count, part in enumerate(parts, after + 1):
        row = {
            "id": new_id(),
            "number": f"{owner.number}-{count}",
            "order_id": owner.order_id,
            "location_id": part.location_id,
            "partner_id": part.partner_id,
            "kind": owner.kind,
            "status": "pending",
            "version": 1,
            "promised_on": owner.promised_on,
            "created_at": now,
        }
        rows.append(row)
        lines += [_new_line(str(row["id"]), line) for line in part.lines]
    connection = session.connection()
    connection.execute(_insert, rows)
    connection.execute(_insert_lines, lines)
    return [str(row["id"]) for row in rows]


def _new_line(fulfillment_id: str, line: PartLine) -> dict[str, object]:
    return {
        "id": new_id(),
        "fulfillment_id": fulfillment_id,
        "order_line_id": line.order_line_id,
        "sku": line.sku,
        "quantity": line.quantity,
        "picked": 0,
        "short": 0,
    }


def of_orders(session: Session, order_ids: Sequence[str], *, lock: bool = False) -> dict[str, list[FullFulfillment]]:
    """The fulfillments of each order, oldest first."""
    query = select(Fulfillment).where(Fulfillment.order_id.in_(order_ids)).order_by(Fulfillment.id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    rows = session.scalars(query).all()
    lines = _lines(session, [row.id for row in rows])
    found: dict[str, list[FullFulfillment]] = {order_id: [] for order_id in order_ids}
    for row in rows:
        found[row.order_id].append(FullFulfillment(row, lines[row.id]))
    return found


def find(session: Session, number: str) -> Fulfillment:
    """The fulfillment of this number, as it stands.

    Raises: FulfillmentNotFound.
    """
    row = session.scalar(select(Fulfillment).where(Fulfillment.number == number.strip().upper()))
    if row is None:
        raise FulfillmentNotFound()
    return row


def by_id(session: Session, fulfillment_id: str) -> FullFulfillment:
    """The fulfillment that another noun's row belongs to, as it stands."""
    return FullFulfillment(
        session.get_one(Fulfillment, fulfillment_id), _lines(session, [fulfillment_id])[fulfillment_id]
    )


def locked(session: Session, fulfillment_id: str, version: int | None = None) -> FullFulfillment:
    """The fulfillment, locked and read anew; its order is locked already.

    Raises: FulfillmentChanged when it is not of `version` any more.
    """
    query = select(Fulfillment).where(Fulfillment.id == fulfillment_id).with_for_update()
    row = session.scalars(query.execution_options(populate_existing=True)).one()
    if version is not None and row.version != version:
        raise FulfillmentChanged(number=row.number, version=row.version, status=row.status)
    return FullFulfillment(row, _lines(session, [row.id])[row.id])


def lines_of(session: Session, fulfillment_ids: Sequence[str]) -> dict[str, list[FulfillmentLine]]:
    return _lines(session, fulfillment_ids)


def _lines(session: Session, fulfillment_ids: Sequence[str]) -> dict[str, list[FulfillmentLine]]:
    lines: dict[str, list[FulfillmentLine]] = {fulfillment_id: [] for fulfillment_id in fulfillment_ids}
    query = select(FulfillmentLine).where(FulfillmentLine.fulfillment_id.in_(fulfillment_ids))
    for line in session.scalars(query.order_by(FulfillmentLine.id).execution_options(populate_existing=True)):
        lines[line.fulfillment_id].append(line)
    return lines


def step(session: Session, fulfillment: Fulfillment, status: str) -> None:
    """Move the (locked) fulfillment on; its next version begins.

    Raises: FulfillmentStepIllegal.
    """
    if status not in STEPS[fulfillment.status]:
        raise FulfillmentStepIllegal(number=fulfillment.number, status=fulfillment.status, step=status)
    fulfillment.status = status
    touch(session, fulfillment)


def touch(session: Session, fulfillment: Fulfillment) -> None:
    """Something of it changed: whoever looked before must look again."""
    fulfillment.version += 1
    session.flush()


def ask_for(session: Session, full: FullFulfillment, wanted: Mapping[str, PartLine]) -> None:
    """Make the lines of a pending (locked) fulfillment just those that are wanted, by order line; none cancels it.

    Records: FulfillmentLine rows, the next version.
    """
    there = {line.order_line_id: line for line in full.lines}
    if not wanted:
        # Its lines stay, as what it was about; nothing of them was picked.
        step(session, full.fulfillment, "cancelled")
        return
    if {key: line.quantity for key, line in there.items()} == {key: line.quantity for key, line in wanted.items()}:
        return
    gone = [line.id for key, line in there.items() if key not in wanted]
    if gone:
        session.execute(delete(FulfillmentLine).where(FulfillmentLine.id.in_(gone)))
    for key, part in wanted.items():
        if key in there:
            there[key].quantity = part.quantity
        else:
            session.add(FulfillmentLine(**_new_line(full.fulfillment.id, part)))
    touch(session, full.fulfillment)


def add(session: Session, full: FullFulfillment, lines: Sequence[PartLine]) -> None:
    """More for a (locked) fulfillment whose basket is still open. Records: FulfillmentLine rows."""
    session.add_all(FulfillmentLine(**_new_line(full.fulfillment.id, line)) for line in lines)
    if full.fulfillment.status == "picked":
        step(session, full.fulfillment, "picking")
    else:
        touch(session, full.fulfillment)


def count_of(session: Session, order_id: str) -> int:
    return session.scalar(select(func.count()).where(Fulfillment.order_id == order_id)) or 0


def mark_delivered(session: Session, fulfillment: Fulfillment) -> None:
    """Everything of the (locked) fulfillment is where it should be.

    Raises: FulfillmentStepIllegal.
    """
    step(session, fulfillment, "delivered")
