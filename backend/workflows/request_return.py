"""Request a return: a customer, or someone of the shop for them, says what shall come back, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from backend.orders import approval
from backend.orders.service import FullOrder
from backend.pricing import share
from backend.returns import service as returns
from backend.returns.errors import (
    DropOffPointUnknown,
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
from backend.workflows.offer_pickup import may_be_fetched
from backend.workflows.open_exchange import check_exchange


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
    drop_off_point: str | None = None
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
    FinalSale, ReturnWindowOver, ReturnTooMuch, ReturnDayImpossible, DropOffPointUnknown, ExchangeMissing;
    what `check_exchange` and `accept` raise; ClaimNotFound, ClaimClosed.
    """
    rules = policy(session)
    if (request.wish == "exchange") != bool(request.exchange_for):
        raise ExchangeMissing(number=found.order.number)
    check_exchange(session, request.exchange_for)
    asked = look_at_request(session, found, request, overrules=overrules)
    _check_day(session, request, rules, is_at_once=asked.value_minor <= rules.accept_up_to_minor)
    full = returns.open_return(session, _new(session, found, request, rules, asked), list(asked.lines))
    if request.claim_id is not None:
        make_good(session, found.order, request.claim_id, full.rma, who)
    by, answer_by = who.partition(":")[0], full.rma.answer_by
    is_at_once = asked.value_minor <= rules.accept_up_to_minor
    told = {"answer_by": answer_by.isoformat() if answer_by else None, "by": by, "at_once": is_at_once}
    tell(session, found.order, full, "requested", who, facts=told)
    if is_at_once:
        accept(session, found, full, "system", by=by)
    return full


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request may come back, why, and what it cost; `theirs_minor` of it is the customer's doing."""

    lines: Sequence[NewLine]
    reasons: Sequence[Reason]
    value_minor: int
    theirs_minor: int

    def needs_goods(self, rules: Policy) -> bool:
        return self.value_minor > rules.keep_goods_up_to_minor or not all(each.is_our_fault for each in self.reasons)


def look_at_request(session: Session, found: FullOrder, request: Request, *, overrules: bool = False) -> Asked:
    """The lines of a request, each checked; writes nothing.

    Raises: NotInOrder, ReturnLineTwice, ReturnReasonUnknown, ReturnPhotoRequired, ReturnNotDelivered, AlreadyReturned,
    FinalSale, ReturnWindowOver, ReturnTooMuch.
    """
    rules = policy(session)
    looked = look_at_returnable(session, found)
    lines: list[NewLine] = []
    reasons: list[Reason] = []
    value_minor = theirs_minor = 0
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
        cost_minor = share(there.line.total_minor, there.line.base_quantity, before, wanted.quantity)
        value_minor += cost_minor
        theirs_minor += 0 if reason.is_our_fault else cost_minor
    return Asked(lines, reasons, value_minor, theirs_minor)


def _new(session: Session, found: FullOrder, request: Request, rules: Policy, asked: Asked) -> NewReturn:
    is_known = approval.has_other_orders(session, found.order.customer_id, found.order.id)
    return NewReturn(
        kind="return",
        order_id=found.order.id,
        customer_id=found.order.customer_id,
        wish=request.wish,
        way=request.way,
        needs_goods=request.needs_goods and asked.needs_goods(rules),
        refund_when=rules.time_of(asked.value_minor, is_known=is_known),
        currency=found.order.currency,
        value_minor=asked.value_minor,
        pickup_on=request.pickup_on,
        pickup_slot=request.pickup_slot,
        drop_off_point=_point(request, rules),
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


def _point(request: Request, rules: Policy) -> dict[str, str] | None:
    """The place as the policy describes it now: where somebody was told to go stays what they were told."""
    if request.drop_off_point is None:
        return None
    if request.way != "drop_off":
        raise DropOffPointUnknown(point=request.drop_off_point)
    return asdict(rules.point(request.drop_off_point))


def _check_day(session: Session, request: Request, rules: Policy, *, is_at_once: bool) -> None:
    on, slot = request.pickup_on, request.pickup_slot
    if on is None and slot is None:
        return
    if request.way != "pickup" or on is None or not may_be_fetched(session, rules, on, slot, is_at_once=is_at_once):
        raise ReturnDayImpossible(on=on.isoformat() if on else "")
