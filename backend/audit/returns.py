"""What always holds of returns: the caps, the goods, and the money that follows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Executable, and_, case, func, literal, or_, select

from backend.inventory.models import StockMove
from backend.invoicing.models import Invoice
from backend.partners.models import SupplierNote, SupplierNoteLine
from backend.payments.models import Refund
from backend.returns.models import Return, ReturnInspection, ReturnLine, ReturnReceipt
from backend.shipping.models import Shipment, ShipmentLine


def _sum(column: Any, *conditions: Any) -> Any:
    return select(func.coalesce(func.sum(column), 0)).where(*conditions).correlate(Return, ReturnLine).scalar_subquery()


def _no_more_than_was_delivered() -> Executable:
    """What bounced is counted apart: it was never delivered."""
    ended = case((Return.kind == "bounced", "returned_to_origin"), else_="delivered")
    taken = (
        select(ReturnLine.order_line_id, ended.label("ended"), func.sum(ReturnLine.taken_back).label("taken"))
        .join(Return, Return.id == ReturnLine.return_id)
        .group_by(ReturnLine.order_line_id, ended)
        .subquery()
    )
    there = (
        select(ShipmentLine.order_line_id, Shipment.status, func.sum(ShipmentLine.quantity).label("there"))
        .join(Shipment, Shipment.id == ShipmentLine.shipment_id)
        .group_by(ShipmentLine.order_line_id, Shipment.status)
        .subquery()
    )
    same = and_(there.c.order_line_id == taken.c.order_line_id, there.c.status == taken.c.ended)
    return (
        select(taken.c.order_line_id.label("subject"), taken.c.taken, there.c.there)
        .outerjoin(there, same)
        .where(taken.c.taken > func.coalesce(there.c.there, 0))
    )


def _no_more_than_was_announced() -> Executable:
    came = _sum(ReturnReceipt.quantity, ReturnReceipt.return_line_id == ReturnLine.id)
    return (
        select(Return.number.label("subject"), ReturnLine.sku, ReturnLine.quantity, came.label("came"))
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .where(came > ReturnLine.quantity)
    )


def _what_came_was_looked_at() -> Executable:
    """Never more; all of it, before its customer gets anything for it. A second look is at what was refurbished."""
    came = _sum(ReturnReceipt.quantity, ReturnReceipt.return_line_id == ReturnLine.id)
    mine = ReturnInspection.return_line_id == ReturnLine.id
    first = _sum(ReturnInspection.quantity, mine, ReturnInspection.is_again.is_(False))
    again = _sum(ReturnInspection.quantity, mine, ReturnInspection.is_again.is_(True))
    set_aside = _sum(ReturnInspection.quantity, mine, ReturnInspection.disposition == "refurbish")
    is_done = Return.status.in_(("inspected", "resolved"))
    return (
        select(Return.number.label("subject"), ReturnLine.sku, came.label("came"), first.label("inspected"))
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .where(or_(first > came, again > set_aside, and_(is_done, first < came)))
    )


def _goods_are_where_it_was_said() -> Executable:
    """Per return: what was given a place was restocked; what was scrapped or sent back left again."""

    def found(*dispositions: str) -> Any:
        return (
            select(func.coalesce(func.sum(ReturnInspection.quantity), 0))
            .join(ReturnLine, ReturnLine.id == ReturnInspection.return_line_id)
            .where(ReturnLine.return_id == Return.id, ReturnInspection.disposition.in_(dispositions))
            .correlate(Return)
            .scalar_subquery()
        )

    came = _sum(StockMove.quantity, StockMove.reference == Return.number, StockMove.kind == "restock")
    went = _sum(-StockMove.quantity, StockMove.reference == Return.number, StockMove.kind == "adjustment")
    placed, gone = found("restock", "scrap", "back_to_supplier"), found("scrap", "back_to_supplier")
    return select(Return.number.label("subject"), placed.label("placed"), came.label("came"), went.label("went")).where(
        or_(placed != came, gone != went)
    )


def _suppliers_were_debited() -> Executable:
    """Per return and variant: what went back to a supplier is what its debit notes say."""
    back = _sum(
        ReturnInspection.quantity,
        ReturnInspection.return_line_id == ReturnLine.id,
        ReturnInspection.disposition == "back_to_supplier",
    )
    noted = _sum(
        SupplierNoteLine.quantity,
        SupplierNoteLine.note_id == SupplierNote.id,
        SupplierNote.reference == Return.number,
        SupplierNoteLine.sku == ReturnLine.sku,
    )
    return (
        select(Return.number.label("subject"), ReturnLine.sku, func.sum(back).label("went_back"), noted.label("noted"))
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .group_by(Return.number, ReturnLine.sku)
        .having(func.sum(back) != noted)
    )


def _money_is_documented() -> Executable:
    """What a return says it credited and charged is what its notes say; one that is not settled has none."""
    credited = _sum(
        Invoice.total_minor,
        Invoice.kind == "credit_note",
        Invoice.cause.like(literal("return:") + Return.number + literal(":%")),
    )
    charged = _sum(
        Invoice.total_minor,
        Invoice.kind == "debit_note",
        Invoice.cause == literal("return_charge:") + Return.number,
    )
    return select(
        Return.number.label("subject"), Return.credited_minor, credited.label("notes"), charged.label("charges")
    ).where(or_(Return.credited_minor != credited, Return.charged_minor != charged))


def _what_goes_back_is_refunded() -> Executable:
    """What a return says it refunded is what its refunds say, is part of what it gave back, and names its notes."""
    mine = Refund.key.like(literal("return:") + Return.number + literal(":%"))
    refunded = _sum(Refund.amount_minor, mine)
    its_note = Invoice.cause.like(literal("return:") + Return.number + literal(":%"))
    strays = (
        select(func.count())
        .select_from(Refund)
        .outerjoin(Invoice, and_(Invoice.id == Refund.credit_note_id, its_note))
        .where(mine, Invoice.id.is_(None))
        .correlate(Return)
        .scalar_subquery()
    )
    is_wrong = or_(
        Return.refunded_minor != refunded,
        Return.refunded_minor > Return.given_back_minor,
        and_(Return.refunded_minor > 0, Return.resolution.not_in(("refund", "exchange"))),
        strays > 0,
    )
    return select(
        Return.number.label("subject"), Return.refunded_minor, refunded.label("refunds"), strays.label("strays")
    ).where(is_wrong)


def _what_is_made_good_is_credited() -> Executable:
    """Who gets something for goods of some worth gets it by a credit note."""
    taken = _sum(ReturnLine.taken_back, ReturnLine.return_id == Return.id)
    return select(Return.number.label("subject"), Return.resolution, taken.label("taken_back")).where(
        Return.settled_at.is_not(None),
        Return.resolution != "none",
        Return.value_minor > 0,
        Return.credited_minor == 0,
        taken > 0,
    )


CHECKS: dict[str, Callable[[], Executable]] = {
    "no more is returned than was delivered": _no_more_than_was_delivered,
    "no more comes back than was announced": _no_more_than_was_announced,
    "what came back was looked at, once": _what_came_was_looked_at,
    "what came back lies where it was said": _goods_are_where_it_was_said,
    "what went back to a supplier is in its debit notes": _suppliers_were_debited,
    "what a return credits and charges is in its notes": _money_is_documented,
    "what a return refunds is in its refunds": _what_goes_back_is_refunded,
    "what a return makes good is credited": _what_is_made_good_is_credited,
}
