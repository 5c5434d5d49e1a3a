"""Request a return: a customer, or someone of the shop for them, says what shall come back, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend.calendar.service import calendar
from backend.catalog.service import shop, shop_day
from backend.orders.service import FullOrder
from backend.pricing import share
from backend.returns import service as returns
from backend.returns.errors import (
    ExchangeMissing,
    NotInOrder,
    ReturnDayImpossible,
    ReturnLineTwice,
    ReturnPhotoRequired,
    ReturnTooMuch,
)
from backend.returns.policy import Policy, Reason, policy
from backend.returns.service import FullReturn, NewLine, NewReturn
from backend.workflows.accept_return import accept
from backend.workflows.close_claim import make_good
from backend.workflows.lock_return import tell, working_day_in
from backend.workflows.look_at_returnable import Returnable, look_at_returnable
from backend.workflows.open_exchange import check_exchange

# A photo is worth keeping for a while: nobody arranges for goods to be fetched later than that.
FETCHED_WITHIN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Wanted:
    """`quantity` base units of a line (its id, or a sku) shall come back."""

    line: str
    quantity: int
    reason: str
    note: str | None = None
    photos: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """What a customer wants, and how it comes back; `exchange_for` is `{"sku", "quantity", "unit"}` each.

    Someone of the shop may say that it makes a claim good, and that it needs no goods back (they never came, say).
    """

    lines: Sequence[Wanted]
    wish: str
    way: str
    pickup_on: date | None = None
    pickup_slot: str | None = None
    exchange_for: list[dict[str, Any]] = field(default_factory=list)
    difference_as: str = "refund"
    needs_goods: bool = True
    claim_id: str | None = None


def request_return(
    session: Session, found: FullOrder, request: Request, who: str, *, overrules: bool = False
) -> FullReturn:
    """The return of a part of the (locked) order; accepted at once where the policy says so.

    Whoever `overrules` takes back what window, final sale or a missing photo forbid; never more than was delivered.

    Records: Return, ReturnLine rows, a ReturnEntry, an OrderEntry, the event `return.requested`; what `accept`
    records.
    Raises: NotInOrder, ReturnLineTwice, ReturnReasonUnknown, ReturnPhotoRequired, ReturnNotDelivered, AlreadyReturned,
    FinalSale, ReturnWindowOver, ReturnTooMuch, ReturnDayImpossible, ExchangeMissing; what `check_exchange` and
    `accept` raise; ClaimNotFound, ClaimClosed.
    """
    rules = policy(session)
    if (request.wish == "exchange") != bool(request.exchange_for):
        raise ExchangeMissing(number=found.order.number)
    check_exchange(session, request.exchange_for)
    _check_day(session, request)
    looked = look_at_returnable(session, found)
    lines: list[NewLine] = []
    reasons: list[Reason] = []
    value_minor = 0
    for wanted in request.lines:
        there = _named(looked, wanted)
        if any(line.order_line_id == there.line.id for line in lines):
            raise ReturnLineTwice(line=wanted.line)
        reason = rules.reason(wanted.reason)
        _check(there, wanted, reason, overrules=overrules)
        lines.append(
            NewLine(there.line.id, there.line.sku, wanted.quantity, reason.code, wanted.note, list(wanted.photos))
        )
        reasons.append(reason)
        before = there.delivered - there.at_hand
        value_minor += share(there.line.total_minor, there.line.base_quantity, before, wanted.quantity)
    full = returns.open_return(session, _new(session, found, request, rules, reasons, value_minor), lines)
    if request.claim_id is not None:
        make_good(session, found.order, request.claim_id, full.rma, who)
    answer_by = full.rma.answer_by
    tell(
        session,
        found.order,
        full,
        "requested",
        who,
        facts={"answer_by": answer_by.isoformat() if answer_by else None},
    )
    if value_minor <= rules.accept_up_to_minor:
        accept(session, found, full, "system")
    return full


def _new(
    session: Session, found: FullOrder, request: Request, rules: Policy, reasons: list[Reason], value_minor: int
) -> NewReturn:
    is_small = value_minor <= rules.keep_goods_up_to_minor and all(reason.is_our_fault for reason in reasons)
    return NewReturn(
        kind="return",
        order_id=found.order.id,
        customer_id=found.order.customer_id,
        wish=request.wish,
        way=request.way,
        needs_goods=request.needs_goods and not is_small,
        refund_when=rules.time_of(value_minor),
        currency=found.order.currency,
        value_minor=value_minor,
        pickup_on=request.pickup_on,
        pickup_slot=request.pickup_slot,
        exchange_for=request.exchange_for or None,
        difference_as=request.difference_as,
        answer_by=working_day_in(session, rules.answer_days),
    )


def _named(looked: Sequence[Returnable], wanted: Wanted) -> Returnable:
    """The line of this id; of several of a sku the first that has so much left, else the first."""
    lines = [each for each in looked if wanted.line in (each.line.id, each.line.sku)]
    if not lines:
        raise NotInOrder(line=wanted.line)
    return next((each for each in lines if each.left >= wanted.quantity), lines[0])


def _check(there: Returnable, wanted: Wanted, reason: Reason, *, overrules: bool) -> None:
    never = there.refusal in ("not_delivered", "already_returned")
    if there.refusal is not None and (never or not overrules):
        raise there.refused()
    if wanted.quantity > there.at_hand:
        raise ReturnTooMuch(sku=there.line.sku, left=there.at_hand)
    if reason.photo_required and not wanted.photos and not overrules:
        raise ReturnPhotoRequired(sku=there.line.sku, name=there.line.name, reason=reason.code)


def _check_day(session: Session, request: Request) -> None:
    on = request.pickup_on
    if on is None:
        return
    seller = shop(session)
    days = calendar(session, seller.country, seller.time_zone, seller.delivery_version)
    ahead = (on - shop_day(seller)).days
    is_worked = not days.hours or days.is_working_day(on)
    if request.way != "pickup" or not 0 < ahead <= FETCHED_WITHIN_DAYS or not is_worked:
        raise ReturnDayImpossible(on=on.isoformat())
