"""What may be done with a purchase order: send it, find it, move it on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import column, select, table, update
from sqlalchemy.orm import Session

from backend.partners.errors import PurchaseOrderChanged, PurchaseOrderNotFound, PurchaseOrderStepIllegal
from backend.partners.models import PurchaseOrder
from kernel import clock
from kernel.ids import new_id

NUMBER_PREFIX = "OC-"
# status -> the statuses it may become; a partner may confirm again, with another day, and be asked again
STEPS: dict[str, frozenset[str]] = {
    "sent": frozenset({"sent", "confirmed", "rejected", "shipped", "cancelled"}),
    "confirmed": frozenset({"sent", "confirmed", "rejected", "shipped", "cancelled"}),
    "rejected": frozenset(),
    "shipped": frozenset(),
    "cancelled": frozenset(),
}
# The counters belong to orders, another noun: known here by name.
_counter = table("oms_counter", column("name"), column("value"))
_next_number = (
    update(_counter)
    .where(_counter.c.name == "purchase_order")
    .values(value=_counter.c.value + 1)
    .returning(_counter.c.value)
)


def send(session: Session, partner_id: str, fulfillment_id: str, fulfillment_version: int) -> PurchaseOrder:
    """Ask a partner for a fulfillment. Records: one PurchaseOrder, under the next number."""
    sent = PurchaseOrder(
        id=new_id(),
        number=f"{NUMBER_PREFIX}{session.connection().execute(_next_number).scalar_one()}",
        partner_id=partner_id,
        fulfillment_id=fulfillment_id,
        fulfillment_version=fulfillment_version,
        status="sent",
        version=1,
        ships_on=None,
        note=None,
        sent_at=clock.now(),
        answered_at=None,
    )
    session.add(sent)
    session.flush()
    return sent


def find(session: Session, partner_id: str, number: str) -> PurchaseOrder:
    """The partner's own purchase order of this number.

    Raises: PurchaseOrderNotFound, for another's too.
    """
    query = select(PurchaseOrder).where(
        PurchaseOrder.number == number.strip().upper(), PurchaseOrder.partner_id == partner_id
    )
    found = session.scalar(query)
    if found is None:
        raise PurchaseOrderNotFound()
    return found


def by_id(session: Session, purchase_order_id: str) -> PurchaseOrder | None:
    return session.get(PurchaseOrder, purchase_order_id)


def lock(session: Session, found: PurchaseOrder, version: int | None = None) -> PurchaseOrder:
    """The purchase order, locked and read anew; its order and fulfillment are locked already.

    Raises: PurchaseOrderChanged when it is not of `version` any more.
    """
    locked = session.get_one(PurchaseOrder, found.id, with_for_update=True, populate_existing=True)
    if version is not None and locked.version != version:
        raise PurchaseOrderChanged(number=locked.number, version=locked.version, status=locked.status)
    return locked


def of_fulfillments(session: Session, fulfillment_ids: Sequence[str]) -> dict[str, PurchaseOrder]:
    """The purchase order of each of these fulfillments that has one."""
    query = select(PurchaseOrder).where(PurchaseOrder.fulfillment_id.in_(fulfillment_ids))
    return {row.fulfillment_id: row for row in session.scalars(query)}


def page(
    session: Session, partner_id: str | None, status: str | None, before: str | None, limit: int
) -> list[PurchaseOrder]:
    """Of one partner or of all, the newest first, from after the number `before`."""
    query = select(PurchaseOrder).order_by(PurchaseOrder.id.desc()).limit(limit)
    if partner_id is not None:
        query = query.where(PurchaseOrder.partner_id == partner_id)
    if status is not None:
        query = query.where(PurchaseOrder.status == status)
    if before is not None:
        last = select(PurchaseOrder.id).where(PurchaseOrder.number == before).scalar_subquery()
        query = query.where(PurchaseOrder.id < last)
    return list(session.scalars(query))


def answer(
    session: Session, locked: PurchaseOrder, status: str, *, ships_on: date | None = None, note: str | None = None
) -> None:
    """Move the (locked) purchase order on; its next version begins.

    Raises: PurchaseOrderStepIllegal.
    """
    if status not in STEPS[locked.status]:
        raise PurchaseOrderStepIllegal(number=locked.number, status=locked.status, step=status)
    locked.status, locked.answered_at = status, clock.now()
    locked.ships_on = ships_on or locked.ships_on
    locked.note = note or locked.note
    touch(session, locked)


def send_again(session: Session, locked: PurchaseOrder, fulfillment_version: int) -> None:
    """Something else is asked for now: the (locked) purchase order waits for a new answer."""
    if "sent" not in STEPS[locked.status]:
        raise PurchaseOrderStepIllegal(number=locked.number, status=locked.status, step="sent")
    locked.status, locked.ships_on, locked.answered_at = "sent", None, None
    locked.fulfillment_version = fulfillment_version
    touch(session, locked)


def touch(session: Session, locked: PurchaseOrder) -> None:
    """Something of it changed: whoever looked before must look again."""
    locked.version += 1
    session.flush()
