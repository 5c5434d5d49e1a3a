"""A return as the API tells it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session

from backend.inventory import service as inventory
from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.returns import service as returns
from backend.returns.models import Return as Rma
from backend.returns.policy import DropOffPoint, Policy
from backend.returns.service import FullReturn
from backend.schemas import returns as schemas
from backend.schemas.base import Money, Words
from backend.workflows.link_label import link_label
from backend.workflows.look_at_returnable import Returnable
from backend.workflows.places_to_leave import places_to_leave
from backend.workflows.promise_money import promise_money
from backend.workflows.quote_return import Quote


def to_returnable(found: FullOrder, looked: Sequence[Returnable], rules: Policy) -> schemas.Returnable:
    return schemas.Returnable(
        order_number=found.order.number,
        lines=[
            schemas.ReturnableLine(
                line=each.line.id,
                sku=each.line.sku,
                name=each.line.name,
                names=Words(es=each.line.name, en=each.line.name_en),
                unit=each.line.unit,
                unit_name=Words(es=each.line.unit_name_es, en=each.line.unit_name_en),
                unit_factor=each.line.factor,
                delivered=each.delivered,
                left=each.left,
                until=each.until,
                refusal=each.refusal,
            )
            for each in looked
        ],
        reasons=[
            schemas.ReturnReason(
                code=reason.code,
                name=Words(es=reason.name_es, en=reason.name_en),
                photo_required=reason.photo_required,
                is_our_fault=reason.is_our_fault,
            )
            for reason in rules.reasons
        ],
    )


def to_return(session: Session, full: FullReturn) -> schemas.Return:
    return schemas.Return(**_facts(session, full))


def to_staff_return(session: Session, full: FullReturn) -> schemas.StaffReturn:
    skus = {line.id: line.sku for line in full.lines}
    places = {place.id: place.code for place in inventory.locations(session)}
    return schemas.StaffReturn(
        **_facts(session, full),
        customer_id=full.rma.customer_id,
        receipts=[
            schemas.ReturnReceipt(
                line=each.return_line_id,
                sku=skus[each.return_line_id],
                location=places[each.location_id],
                quantity=each.quantity,
                note=each.note,
                who=each.who,
                at=each.received_at,
            )
            for each in returns.receipts_of(session, full)
        ],
        inspections=[
            schemas.ReturnInspection(
                line=each.return_line_id,
                sku=skus[each.return_line_id],
                location=places[each.location_id],
                quantity=each.quantity,
                disposition=each.disposition,
                is_again=each.is_again,
                note=each.note,
                photos=each.photos,
                who=each.who,
                at=each.inspected_at,
            )
            for each in returns.inspections_of(session, full)
        ],
    )


def _facts(session: Session, full: FullReturn) -> dict[str, Any]:
    rma = full.rma
    lines = orders.lines(session, [line.order_line_id for line in full.lines])
    counted = returns.counted(session, full)
    exchange_id = rma.exchange_order_id
    same = (
        "number", "kind", "status", "wish", "way", "pickup_on", "pickup_slot", "needs_goods", "refund_when",
        "difference_as",
        "resolution", "rejected_because", "answer_by", "send_by", "inspect_by", "pay_by", "requested_at", "settled_at",
        "ended_at",
    )  # fmt: skip
    return {name: getattr(rma, name) for name in same} | {
        "order_number": orders.by_id(session, rma.order_id).order.number,
        "exchange_order": orders.by_id(session, exchange_id).order.number if exchange_id else None,
        "value": Money.of(rma.value_minor, rma.currency),
        "credited": Money.of(rma.credited_minor, rma.currency),
        "charged": Money.of(rma.charged_minor, rma.currency),
        "refunded": Money.of(rma.refunded_minor, rma.currency),
        "given_back": Money.of(rma.given_back_minor, rma.currency),
        "money_by": promise_money(session, rma),
        "label_url": link_label(session, rma),
        "drop_off_points": to_points(places_to_leave(session, rma)),
        "lines": [
            schemas.ReturnLine(
                id=line.id,
                sku=line.sku,
                name=lines[line.order_line_id].name,
                names=Words(es=lines[line.order_line_id].name, en=lines[line.order_line_id].name_en),
                quantity=line.quantity,
                received=counted[line.id].received,
                inspected=counted[line.id].inspected,
                reason=line.reason,
                note=line.note,
                photos=line.photos,
            )
            for line in full.lines
        ],
        "history": [
            schemas.ReturnEntry(
                what=entry.what,
                who=entry.who,
                note=entry.note,
                at=entry.happened_at,
                message_id=entry.message_id,
                facts=entry.facts,
            )
            for entry in returns.history(session, rma.id)
        ],
    }


def to_page(session: Session, rows: Sequence[Rma], limit: int) -> schemas.ReturnPage:
    """One more row than the page holds says that another follows."""
    return schemas.ReturnPage(
        returns=[
            schemas.ReturnSummary(
                number=rma.number,
                order_number=orders.by_id(session, rma.order_id).order.number,
                kind=rma.kind,
                status=rma.status,
                wish=rma.wish,
                value=Money.of(rma.value_minor, rma.currency),
                requested_at=rma.requested_at,
            )
            for rma in rows[:limit]
        ],
        next_cursor=rows[limit - 1].number if len(rows) > limit else None,
    )


def to_quote(quote: Quote) -> schemas.ReturnQuote:
    return schemas.ReturnQuote(
        value=Money.of(quote.value_minor, quote.currency),
        charged=Money.of(quote.charged_minor, quote.currency),
        exchange=None if quote.exchange_minor is None else Money.of(quote.exchange_minor, quote.currency),
        at_once=quote.is_at_once,
        needs_goods=quote.needs_goods,
        pickup_slots=[schemas.PickupSlot(on=slot.on, slot=slot.hours) for slot in quote.slots],
    )


def to_points(points: Sequence[DropOffPoint]) -> list[schemas.DropOffPoint]:
    return [
        schemas.DropOffPoint(
            code=point.code, name=point.name, address=point.address, hours=Words(es=point.hours_es, en=point.hours_en)
        )
        for point in points
    ]


def to_policy(rules: Policy) -> schemas.ReturnPolicy:
    return schemas.ReturnPolicy(**asdict(rules))
