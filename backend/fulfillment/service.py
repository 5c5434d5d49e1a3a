"""What may be done with a fulfillment: open it, pick it, move it on, and say what was short."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from backend.base import table_of
from backend.fulfillment.errors import (
    FulfillmentChanged,
    FulfillmentNotFound,
    FulfillmentStepIllegal,
    NothingToPutBack,
    NotInFulfillment,
    PickedTooMany,
    PickupCodeWrong,
    PickupLocked,
    ShortageNotFound,
    ShortageResolved,
)
from backend.fulfillment.models import Fulfillment, FulfillmentLine, Shortage
from kernel import clock
from kernel.ids import new_id
from kernel.prepared import Prepared

CODE_DIGITS = 6
# Wrong codes that are borne before someone of the shop has to look.
MAX_TRIES = 5

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
_insert, _insert_lines = Prepared(insert(table_of(Fulfillment))), Prepared(insert(table_of(FulfillmentLine)))


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
class Pick:
    """`quantity` base units of a line (its id, or a sku) were found, `short` could not be, for `reason`."""

    line: str
    quantity: int
    short: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """So much of a line was not there to be picked, and why."""

    line: FulfillmentLine
    quantity: int
    reason: str | None


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
    _insert.write(session, rows)
    _insert_lines.write(session, lines)
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


def pick(session: Session, full: FullFulfillment, picks: Sequence[Pick]) -> list[Missed]:
    """Put what was found into the basket of the (locked) fulfillment; what was not, with its line, is answered.

    Picks of one line add up. A sku stands for every line of it, the first with something left first.

    Records: the lines' counts.
    Raises: FulfillmentStepIllegal when it is not being picked; NotInFulfillment, PickedTooMany.
    """
    if full.fulfillment.status not in ("picking", "picked"):
        raise FulfillmentStepIllegal(number=full.fulfillment.number, status=full.fulfillment.status, step="picked")
    short: list[Missed] = []
    for one in picks:
        there = lines_named(full, one.line)
        for line, count in _spread(there, [line.quantity - line.picked - line.short for line in there], one.quantity):
            line.picked += count
        for line, count in _spread(there, [line.quantity - line.picked - line.short for line in there], one.short):
            line.short += count
            short.append(Missed(line, count, one.reason))
    session.flush()
    return short


def put_back(session: Session, full: FullFulfillment, named: str, quantity: int, packed: Mapping[str, int]) -> None:
    """Take `quantity` base units of a line out of the basket of the (locked) fulfillment again, the last first.

    `packed` is what of each order line is in a parcel already, and stays.

    Records: the lines' counts; it is being picked again, its next version.
    Raises: FulfillmentStepIllegal when it is not being picked; NotInFulfillment, NothingToPutBack.
    """
    fulfillment = full.fulfillment
    if fulfillment.status not in ("picking", "picked"):
        raise FulfillmentStepIllegal(number=fulfillment.number, status=fulfillment.status, step="picking")
    lines = lines_named(full, named)[::-1]
    free = [line.picked - packed.get(line.order_line_id, 0) for line in lines]
    if quantity > sum(free):
        raise NothingToPutBack(sku=lines[0].sku, picked=sum(free))
    for line, count in _spread(lines, free, quantity):
        line.picked -= count
    session.flush()
    if fulfillment.status == "picked":
        step(session, fulfillment, "picking")
    else:
        touch(session, fulfillment)


def lines_named(full: FullFulfillment, named: str) -> list[FulfillmentLine]:
    """The lines that the id of one, or a sku, stands for.

    Raises: NotInFulfillment.
    """
    lines = [line for line in full.lines if named in (line.id, line.sku)]
    if not lines:
        raise NotInFulfillment(number=full.fulfillment.number, line=named)
    return lines


def _spread(lines: Sequence[FulfillmentLine], left: Sequence[int], quantity: int) -> list[tuple[FulfillmentLine, int]]:
    if quantity > sum(left):
        raise PickedTooMany(sku=lines[0].sku, left=sum(left))
    parts = []
    for line, room in zip(lines, left, strict=True):
        part = min(room, quantity)
        if part > 0:
            quantity -= part
            parts.append((line, part))
    return parts


def hand_on(session: Session, replaced: Mapping[str, str]) -> None:
    """What is in baskets for a line, and what is asked about it, belongs to the line that took its place."""
    for was, now in sorted(replaced.items()):
        for table in (FulfillmentLine, Shortage):
            session.execute(update(table).where(table.order_line_id == was).values(order_line_id=now))


def keep_only(session: Session, full: FullFulfillment, shipped: Mapping[str, int]) -> None:
    """Of a (locked) fulfillment stays what has left the house, by order line; the rest is not got ready any more.

    Records: the lines' counts; its status and next version.
    """
    for line in full.lines:
        left = shipped.get(line.order_line_id, 0)
        if left + line.short == 0:
            session.delete(line)
        else:
            line.quantity, line.picked = left + line.short, left
    session.flush()
    step(session, full.fulfillment, "shipped")


def missing(session: Session, missed: Missed, order_id: str) -> Shortage:
    """So much of a line was not found: its customer is asked. Records: a Shortage."""
    line = missed.line
    shortage = ask_about(session, order_id, line.order_line_id, line.sku, missed.quantity, fulfillment_line_id=line.id)
    shortage.reason = missed.reason
    return shortage


def ask_about(
    session: Session, order_id: str, order_line_id: str, sku: str, quantity: int, fulfillment_line_id: str | None = None
) -> Shortage:
    """So much of an order line is not there: its customer is asked. Records: a Shortage."""
    shortage = Shortage(
        id=new_id(),
        order_line_id=order_line_id,
        fulfillment_line_id=fulfillment_line_id,
        order_id=order_id,
        sku=sku,
        quantity=quantity,
        resolution="open",
        asked_at=clock.now(),
    )
    session.add(shortage)
    session.flush()
    return shortage


def shortage(session: Session, order_id: str, shortage_id: str) -> Shortage:
    """A shortage of the (locked) order, still to be decided, locked.

    Raises: ShortageNotFound, ShortageResolved.
    """
    query = (
        select(Shortage)
        .where(Shortage.id == shortage_id, Shortage.order_id == order_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = session.scalar(query)
    if found is None:
        raise ShortageNotFound()
    if found.resolution != "open":
        raise ShortageResolved(resolution=found.resolution)
    return found


def basket_of(session: Session, shortage: Shortage) -> str | None:
    """The id of the fulfillment in which it was not found, if it was looked for."""
    return session.scalar(
        select(FulfillmentLine.fulfillment_id).where(FulfillmentLine.id == shortage.fulfillment_line_id)
    )


def open_shortages(session: Session, order_ids: Sequence[str]) -> list[Shortage]:
    """What the customers of these orders still have to decide, the oldest first."""
    query = select(Shortage).where(Shortage.order_id.in_(order_ids), Shortage.resolution == "open")
    return list(session.scalars(query.order_by(Shortage.id)))


def unanswered(session: Session, asked_before: datetime, limit: int) -> list[tuple[str, str]]:
    """(order id, shortage id) of what nobody decided since."""
    query = (
        select(Shortage.order_id, Shortage.id)
        .where(Shortage.resolution == "open", Shortage.asked_at < asked_before)
        .order_by(Shortage.id)
        .limit(limit)
    )
    return [row._tuple() for row in session.execute(query)]


def resolve(session: Session, shortage: Shortage, resolution: str, who: str, substitute_sku: str | None = None) -> None:
    """Write down what was decided."""
    shortage.resolution, shortage.substitute_sku = resolution, substitute_sku
    shortage.resolved_by, shortage.resolved_at = who, clock.now()
    session.flush()


def is_picked(full: FullFulfillment) -> bool:
    """Nothing is left to look for."""
    return all(line.picked + line.short == line.quantity for line in full.lines)


def mark_delivered(session: Session, fulfillment: Fulfillment) -> None:
    """Everything of the (locked) fulfillment is where it should be.

    Raises: FulfillmentStepIllegal.
    """
    step(session, fulfillment, "delivered")


def ready_for_pickup(session: Session, fulfillment: Fulfillment) -> str:
    """The code that a customer says to get a packed fulfillment; it holds until the goods are handed over."""
    fulfillment.pickup_code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    fulfillment.pickup_tries = 0
    session.flush()
    return fulfillment.pickup_code


def count_try(session: Session, number: str) -> None:
    """One more code is tried at a packed fulfillment: written down before it is looked at, so that none is free."""
    session.execute(
        update(Fulfillment)
        .where(Fulfillment.number == number.strip().upper(), Fulfillment.status == "packed")
        .where(Fulfillment.pickup_tries <= MAX_TRIES)
        .values(pickup_tries=Fulfillment.pickup_tries + 1)
    )


def check_code(fulfillment: Fulfillment, code: str) -> None:
    """Is this what the customer was told? The try is counted already.

    Raises: PickupLocked, PickupCodeWrong.
    """
    if fulfillment.pickup_tries > MAX_TRIES:
        raise PickupLocked(number=fulfillment.number)
    # In constant time: how long a refusal takes tells nothing of the code.
    if not hmac.compare_digest((fulfillment.pickup_code or "").encode(), code.encode()):
        raise PickupCodeWrong(tries_left=MAX_TRIES - fulfillment.pickup_tries)
