"""What may be done with a return: open it, find it, move it on, count what came and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, func, insert, or_, select, update
from sqlalchemy.orm import Session

from backend import cause, counters
from backend.base import columns_of, table_of
from backend.persons import is_of
from backend.returns.errors import InspectedTooMany, NotInReturn, ReceivedTooMany, ReturnNotFound
from backend.returns.models import (
    Return,
    ReturnEntry,
    ReturnInspection,
    ReturnLine,
    ReturnReceipt,
)
from backend.returns.states import step
from kernel import clock
from kernel.ids import new_id

NUMBER_PREFIX = "RMA-"
_insert_receipts, _insert_inspections = insert(table_of(ReturnReceipt)), insert(table_of(ReturnInspection))
_insert_entry = insert(table_of(ReturnEntry))


@dataclass(frozen=True, slots=True)
class NewReturn:
    """See Return."""

    kind: str
    order_id: str
    customer_id: str
    wish: str | None
    way: str
    needs_goods: bool
    refund_when: str
    currency: str
    value_minor: int
    status: str = "requested"
    shipment_id: str | None = None
    pickup_on: date | None = None
    pickup_slot: str | None = None
    drop_off_point: dict[str, str] | None = None
    exchange_for: list[dict[str, Any]] | None = None
    difference_as: str = "refund"
    answer_by: date | None = None


@dataclass(frozen=True, slots=True)
class NewLine:
    """See ReturnLine."""

    order_line_id: str
    sku: str
    quantity: int
    reason: str
    note: str | None
    photos: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class FullReturn:
    rma: Return
    lines: Sequence[ReturnLine]


@dataclass(frozen=True, slots=True)
class Counted:
    """Base units of a return's line: what came, what was looked at, and what of that waits to be refurbished."""

    received: int = 0
    inspected: int = 0
    refurbishing: int = 0


def open_return(session: Session, new: NewReturn, lines: Sequence[NewLine]) -> FullReturn:
    """Write down that goods shall come back, under the next number. The order is locked.

    Records: Return, ReturnLine rows; a trigger refuses more than was delivered.
    """
    rma = Return(
        id=new_id(),
        number=f"{NUMBER_PREFIX}{counters.next_value(session, 'return')}",
        credited_minor=0,
        charged_minor=0,
        given_back_minor=0,
        refunded_minor=0,
        conversation_id=cause.of(session).conversation_id,
        requested_at=clock.now(),
        **columns_of(new),
    )
    session.add(rma)
    session.flush()
    rows = [
        ReturnLine(id=new_id(), return_id=rma.id, taken_back=line.quantity, **columns_of(line))
        for line in sorted(lines, key=lambda line: line.order_line_id)
    ]
    session.add_all(rows)
    session.flush()
    return FullReturn(rma, rows)


def find(session: Session, number: str, *, customer_id: str | None = None) -> Return:
    """The return of this number; of this customer, if given.

    Raises: ReturnNotFound, for someone else's too.
    """
    query = select(Return).where(Return.number == number.strip().upper())
    if customer_id is not None:
        query = query.where(is_of(Return.customer_id, customer_id))
    found = session.scalar(query)
    if found is None:
        raise ReturnNotFound()
    return found


def by_id(session: Session, return_id: str) -> Return:
    return session.get_one(Return, return_id)


def locked(session: Session, return_id: str) -> FullReturn:
    """The return, locked and read anew; its order is locked already."""
    query = select(Return).where(Return.id == return_id).with_for_update().execution_options(populate_existing=True)
    return full(session, session.scalars(query).one())


def full(session: Session, rma: Return) -> FullReturn:
    query = select(ReturnLine).where(ReturnLine.return_id == rma.id).order_by(ReturnLine.id)
    return FullReturn(rma, session.scalars(query.execution_options(populate_existing=True)).all())


def of_order(session: Session, order_id: str) -> list[Return]:
    """The order's returns, oldest first."""
    return list(session.scalars(select(Return).where(Return.order_id == order_id).order_by(Return.id)))


def of_shipment(session: Session, shipment_id: str) -> Return | None:
    """The return of a parcel that its carrier brought back."""
    return session.scalar(select(Return).where(Return.shipment_id == shipment_id))


def resolved_parcels(session: Session, order_id: str) -> set[str]:
    """The ids of the order's parcels that bounced and were made good."""
    query = select(Return.shipment_id).where(
        Return.order_id == order_id, Return.shipment_id.is_not(None), Return.status == "resolved"
    )
    return {shipment_id for shipment_id in session.scalars(query) if shipment_id}


def of_customer(session: Session, customer_id: str, limit: int) -> list[Return]:
    """The customer's returns, newest first."""
    query = select(Return).where(is_of(Return.customer_id, customer_id)).order_by(Return.id.desc())
    return list(session.scalars(query.limit(limit)))


def page(session: Session, status: str | None, before: str | None, limit: int) -> list[Return]:
    """Returns, newest first, from before the number `before`."""
    query = select(Return).order_by(Return.id.desc()).limit(limit)
    if status is not None:
        query = query.where(Return.status == status)
    if before is not None:
        query = query.where(Return.id < select(Return.id).where(Return.number == before).scalar_subquery())
    return list(session.scalars(query))


def overdue_to_send(session: Session, today: date, limit: int) -> list[str]:
    """Numbers of returns whose customers were to send or bring the goods before today; nothing was paid for them yet.

    What the shop was to fetch is not among them.
    """
    query = (
        select(Return.number)
        .where(Return.status == "accepted", Return.send_by < today, Return.settled_at.is_(None), Return.way != "pickup")
        .order_by(Return.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def came_back(session: Session, order_ids: Sequence[str]) -> dict[str, dict[str, int]]:
    """By order, and by line of which something came back: how many base units are back for good, or made good."""
    is_whole = Return.status.in_(("received", "inspected", "resolved"))
    query = (
        select(Return.order_id, ReturnLine.order_line_id, func.sum(case((is_whole, ReturnLine.taken_back), else_=0)))
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .where(Return.order_id.in_(order_ids), or_(is_whole, Return.status == "partly_received"))
        .group_by(Return.order_id, ReturnLine.order_line_id)
    )
    back: dict[str, dict[str, int]] = {order_id: {} for order_id in order_ids}
    for order_id, line_id, count in session.execute(query):
        back[order_id][line_id] = int(count)
    return back


def taken_back(session: Session, order_line_ids: Sequence[str], kind: str = "return") -> dict[str, int]:
    """Per order line how many base units its returns of a kind take up."""
    query = (
        select(ReturnLine.order_line_id, func.sum(ReturnLine.taken_back))
        .join(Return, Return.id == ReturnLine.return_id)
        .where(ReturnLine.order_line_id.in_(order_line_ids), Return.kind == kind)
        .group_by(ReturnLine.order_line_id)
    )
    sums = {line_id: int(count) for line_id, count in session.execute(query)}
    return {line_id: sums.get(line_id, 0) for line_id in order_line_ids}


def end(session: Session, found: FullReturn, status: str) -> None:
    """The (locked) return is rejected or cancelled: it takes up nothing any more.

    Raises: ReturnStepIllegal.
    """
    step(found.rma, status)
    found.rma.ended_at = clock.now()
    for line in found.lines:
        line.taken_back = 0
    session.flush()


def line_named(found: FullReturn, named: str) -> ReturnLine:
    """The line with this id, or the one of this sku.

    Raises: NotInReturn.
    """
    lines = [line for line in found.lines if named in (line.id, line.sku)]
    if len(lines) != 1:
        raise NotInReturn(number=found.rma.number, line=named)
    return lines[0]


def counted(session: Session, found: FullReturn) -> dict[str, Counted]:
    """How far each line of the return is."""
    ids = [line.id for line in found.lines]
    received = _sums(session, ReturnReceipt, ids)
    first = _sums(session, ReturnInspection, ids, ReturnInspection.is_again.is_(False))
    again = _sums(session, ReturnInspection, ids, ReturnInspection.is_again.is_(True))
    set_aside = _sums(session, ReturnInspection, ids, ReturnInspection.disposition == "refurbish")
    return {
        line_id: Counted(
            received.get(line_id, 0), first.get(line_id, 0), set_aside.get(line_id, 0) - again.get(line_id, 0)
        )
        for line_id in ids
    }


def _sums(
    session: Session, table: type[ReturnReceipt] | type[ReturnInspection], ids: Sequence[str], *conditions: Any
) -> dict[str, int]:
    query = (
        select(table.return_line_id, func.sum(table.quantity))
        .where(table.return_line_id.in_(ids), *conditions)
        .group_by(table.return_line_id)
    )
    return {line_id: int(count) for line_id, count in session.execute(query)}


def receive(
    session: Session,
    found: FullReturn,
    location_id: str,
    came: Sequence[tuple[ReturnLine, int]],
    note: str | None,
    who: str,
    *,
    is_last: bool,
) -> None:
    """So many base units of lines came to a location; with the last of them, or said so, it is received.

    Records: ReturnReceipt rows, the status; what never comes is taken up no more.
    Raises: ReceivedTooMany, ReturnStepIllegal.
    """
    before = counted(session, found)
    now = clock.now()
    rows = []
    left = {line.id: line.quantity - before[line.id].received for line in found.lines}
    for line, quantity in came:
        if quantity > left[line.id]:
            raise ReceivedTooMany(sku=line.sku, left=left[line.id])
        left[line.id] -= quantity
        rows.append(
            {
                "id": new_id(),
                "return_line_id": line.id,
                "location_id": location_id,
                "quantity": quantity,
                "note": note,
                "who": who,
                "received_at": now,
            }
        )
    is_whole = is_last or not any(left.values())
    status = "received" if is_whole else "partly_received"
    if found.rma.status != status:
        step(found.rma, status)
    # What was paid already stays taken up: it is not paid twice.
    if is_whole and found.rma.settled_at is None:
        for line in found.lines:
            line.taken_back = line.quantity - left[line.id]
    session.flush()
    session.connection().execute(_insert_receipts, rows)


@dataclass(frozen=True, slots=True)
class Finding:
    """`quantity` base units of a line get a disposition; `is_again` of those that were refurbished meanwhile."""

    line: ReturnLine
    quantity: int
    disposition: str
    is_again: bool = False
    note: str | None = None
    photos: tuple[dict[str, str], ...] = ()


def inspect(session: Session, found: FullReturn, location_id: str, findings: Sequence[Finding], who: str) -> None:
    """What becomes of goods that came. Records: ReturnInspection rows.

    Raises: InspectedTooMany.
    """
    known = counted(session, found)
    left = {line_id: [each.received - each.inspected, each.refurbishing] for line_id, each in known.items()}
    now = clock.now()
    rows = []
    for one in findings:
        room = left[one.line.id]
        if one.quantity > room[one.is_again]:
            raise InspectedTooMany(sku=one.line.sku, left=room[one.is_again])
        room[one.is_again] -= one.quantity
        if one.disposition == "refurbish":
            room[True] += one.quantity
        rows.append(
            {
                "id": new_id(),
                "return_line_id": one.line.id,
                "location_id": location_id,
                "quantity": one.quantity,
                "disposition": one.disposition,
                "is_again": one.is_again,
                "note": one.note,
                "photos": list(one.photos),
                "who": who,
                "inspected_at": now,
            }
        )
    session.connection().execute(_insert_inspections, rows)


def is_inspected(session: Session, found: FullReturn) -> bool:
    """Everything that came was looked at."""
    return all(each.inspected == each.received for each in counted(session, found).values())


def placed(session: Session, order_line_id: str) -> int:
    """Base units of an order line that returns gave a place: all that was looked at and is not being refurbished."""
    query = (
        select(func.sum(ReturnInspection.quantity))
        .join(ReturnLine, ReturnLine.id == ReturnInspection.return_line_id)
        .where(ReturnLine.order_line_id == order_line_id, ReturnInspection.disposition != "refurbish")
    )
    return int(session.scalar(query) or 0)


def receipts_of(session: Session, found: FullReturn) -> list[ReturnReceipt]:
    query = select(ReturnReceipt).where(ReturnReceipt.return_line_id.in_([line.id for line in found.lines]))
    return list(session.scalars(query.order_by(ReturnReceipt.id)))


def inspections_of(session: Session, found: FullReturn) -> list[ReturnInspection]:
    query = select(ReturnInspection).where(ReturnInspection.return_line_id.in_([line.id for line in found.lines]))
    return list(session.scalars(query.order_by(ReturnInspection.id)))


def hand_on(session: Session, replaced: Mapping[str, str]) -> None:
    """What comes back of a line belongs to the line that took its place."""
    for was, now in sorted(replaced.items()):
        session.execute(update(ReturnLine).where(ReturnLine.order_line_id == was).values(order_line_id=now))


def enter(
    session: Session,
    return_id: str,
    what: str,
    who: str,
    at: datetime,
    note: str | None = None,
    *,
    facts: dict[str, Any] | None = None,
) -> None:
    """Add a step to the return's history, with the chat message that caused it, if one did."""
    entry = {
        "id": new_id(),
        "return_id": return_id,
        "what": what,
        "who": who,
        "note": note,
        "message_id": cause.of(session).message_id,
        "facts": facts,
        "happened_at": at,
    }
    session.connection().execute(_insert_entry, entry)


def history(session: Session, return_id: str) -> list[ReturnEntry]:
    query = select(ReturnEntry).where(ReturnEntry.return_id == return_id)
    return list(session.scalars(query.order_by(ReturnEntry.happened_at, ReturnEntry.id)))
