"""Inspect a return: someone looks at what came, and says unit by unit what becomes of it; the shelves follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.catalog.costs import costs_of
from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.partners.supplier_notes import WentBack
from backend.pricing import share
from backend.returns import service as returns
from backend.returns.errors import ReturnStepIllegal
from backend.returns.service import Finding, FullReturn
from backend.returns.states import step
from backend.workflows.book_goods import goods_came_back, goods_counted
from backend.workflows.debit_supplier import debit_suppliers, who_takes_back
from backend.workflows.lock_return import lock_return, tell

BACK = "back_to_supplier"
LOOKED_AT = ("partly_received", "received")
# What was refurbished is put away even when the customer has long got their money.
LOOKED_AT_AGAIN = (*LOOKED_AT, "inspected", "resolved")


@dataclass(frozen=True, slots=True)
class Found:
    """`quantity` base units of a line (its id, or its sku) get a disposition; see `returns.Finding`.

    `supplier` is the code of the partner to whom it goes back, where it is not the one who supplies it.
    """

    line: str
    quantity: int
    disposition: str
    supplier: str | None = None
    is_again: bool = False
    note: str | None = None
    photos: tuple[dict[str, str], ...] = ()


def inspect_return(session: Session, number: str, location_code: str, what: Sequence[Found], who: str) -> FullReturn:
    """Where goods lie and what becomes of them. When all that came was looked at, the return is inspected.

    What is restocked may be sold again at once, and goes to who waits for it by the sweep that serves them. What is
    scrapped or sent back to its supplier comes into the books and leaves them, the latter with a debit note to the
    supplier; what is refurbished waits outside.

    Records: ReturnInspection rows, StockMoves, JournalEntries, SupplierNotes, the status, a ReturnEntry, an OrderEntry,
    the event `return.inspected`.
    Raises: ReturnNotFound, ReturnStepIllegal, LocationNotFound, NotInReturn, InspectedTooMany, SupplierRequired,
    PartnerNotFound, PeriodClosed.
    """
    found, full = lock_return(session, number)
    place = inventory.location(session, location_code)
    rma = full.rma
    allowed = LOOKED_AT_AGAIN if all(one.is_again for one in what) else LOOKED_AT
    if rma.status not in allowed:
        raise ReturnStepIllegal(number=rma.number, status=rma.status, step="inspected")
    looked = [
        (
            Finding(
                returns.line_named(full, one.line), one.quantity, one.disposition, one.is_again, one.note, one.photos
            ),
            one,
        )
        for one in what
    ]
    looked.sort(key=lambda each: (each[0].line.sku, each[0].line.id))
    findings = [finding for finding, _ in looked]
    takers = [
        who_takes_back(session, finding.line.sku, one.supplier) if finding.disposition == BACK else None
        for finding, one in looked
    ]
    placed = {one.line.order_line_id: returns.placed(session, one.line.order_line_id) for one in findings}
    returns.inspect(session, full, place.id, findings, who)
    inventory.lock(session, sorted({one.line.sku for one in findings}))
    names = orders.lines(session, [one.line.order_line_id for one in findings])
    went_back: list[tuple[str, WentBack]] = []
    for one, taker in zip(findings, takers, strict=True):
        if one.disposition != "refurbish":
            cost_minor = _put_away(session, found, full, one, place.id, placed[one.line.order_line_id], who)
            placed[one.line.order_line_id] += one.quantity
            if taker is not None:
                name = names[one.line.order_line_id].name
                went_back.append((taker, WentBack(one.line.sku, name, one.quantity, cost_minor, one.note)))
    debit_suppliers(session, went_back, reference=rma.number, subject=found.order.number, who=who)
    is_whole = rma.status == "received" and returns.is_inspected(session, full)
    if is_whole:
        step(rma, "inspected")
        session.flush()
    told = [{"sku": one.line.sku, "quantity": one.quantity, "disposition": one.disposition} for one in findings]
    tell(session, found.order, full, "inspected", who, facts={"found": told, "is_whole": is_whole})
    return full


def _put_away(
    session: Session, found: FullOrder, full: FullReturn, one: Finding, location_id: str, before: int, who: str
) -> int:
    """What it is worth, in minor units."""
    sku, quantity, number = one.line.sku, one.quantity, full.rma.number
    cost_minor = _cost(session, one.line.order_line_id, sku, before, quantity)
    inventory.restock(session, sku, location_id, quantity, cost_minor=cost_minor, reference=number)
    goods_came_back(session, cost_minor or 0, found.order.number, who)
    if one.disposition == "restock":
        return cost_minor or 0
    worth = inventory.adjust(session, sku, location_id, -quantity, reference=number, note=one.disposition)
    if one.disposition == "scrap":
        goods_counted(session, worth, found.order.number, who)
    return -worth


def _cost(session: Session, order_line_id: str, sku: str, before: int, quantity: int) -> int | None:
    """What they had cost when they left, the last taking the rest; else what such goods cost lately."""
    issued, cost_minor = inventory.issued_cost(session, order_line_id)
    if before + quantity <= issued:
        return share(cost_minor, issued, before, quantity)
    return costs_of(session, {sku: quantity})[sku]
