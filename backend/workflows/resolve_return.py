"""Resolve a return: its customer gets what was agreed for what came back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.orders import service as orders
from backend.orders.service import FullOrder
from backend.returns.errors import ExchangeMissing, ReturnSettled
from backend.returns.models import REFUND_TIMES, Return
from backend.returns.service import FullReturn
from backend.returns.states import require, step
from backend.workflows.close_order import close_order
from backend.workflows.lock_return import lock_return, tell
from backend.workflows.open_exchange import WISHES, drop_exchange, open_exchange, send_exchange
from backend.workflows.settle_return import BOUNCED, exchange_total, settle_return
from kernel import clock


def resolve_return(session: Session, number: str, how: str | None, who: str) -> FullReturn:
    """The inspected return, over: its customer gets what they wished, or `how` someone decided. Of two, one wins.

    Records: as `finish`.
    Raises: ReturnNotFound, ReturnStepIllegal, ReturnSettled when it was settled otherwise, what `settle_return` raises.
    """
    found, full = lock_return(session, number)
    finish(session, found, full, how, who)
    return full


def finish(session: Session, found: FullOrder, full: FullReturn, how: str | None, who: str) -> None:
    """The (locked) return is over.

    Records: the status, a ReturnEntry, an OrderEntry, the event `return.resolved`; its money and what goes out for it,
    unless that went before. Nothing is left of an order whose last parcel bounced: what `close_order` records.
    Raises: ReturnStepIllegal, ReturnSettled, ExchangeMissing, what `open_exchange` and `settle_return` raise.
    """
    rma = full.rma
    require(rma, "resolved")
    if rma.settled_at is not None and how not in (None, rma.resolution):
        raise ReturnSettled(number=rma.number)
    if how == "exchange" and not rma.exchange_for:
        raise ExchangeMissing(number=rma.number)
    if rma.settled_at is None:
        _settle(session, found, full, how or rma.wish or "refund", who)
    step(rma, "resolved")
    rma.ended_at = clock.now()
    session.flush()
    told = {
        "resolution": rma.resolution,
        "credited": _money(rma.credited_minor, rma.currency),
        "charged": _money(rma.charged_minor, rma.currency),
        "given_back": _money(rma.given_back_minor, rma.currency),
        "refunded": _money(rma.refunded_minor, rma.currency),
        **_difference(session, rma),
        "pay_by": rma.pay_by.isoformat() if rma.pay_by else None,
        "exchange_order": _number_of(session, rma.exchange_order_id),
    }
    tell(session, found.order, full, "resolved", who, facts=told)
    if rma.kind == BOUNCED:
        close_order(session, found, who)


def settle_if_due(session: Session, found: FullOrder, full: FullReturn, reached: str, who: str) -> None:
    """Settle the money of the (locked) return when the policy gives it at the step that is `reached`, or before."""
    rma = full.rma
    is_due = REFUND_TIMES.index(rma.refund_when) <= REFUND_TIMES.index(reached)
    if rma.settled_at is None and is_due and rma.wish is not None:
        _settle(session, found, full, rma.wish, who)


def _settle(session: Session, found: FullOrder, full: FullReturn, how: str, who: str) -> None:
    """The money, and what goes out in place of what came in."""
    rma = full.rma
    if how in WISHES and rma.exchange_order_id is None:
        rma.wish = how
        open_exchange(session, found, full, who)
    settle_return(session, found, full, how, who)
    if how in WISHES:
        send_exchange(session, rma, who)
    else:
        drop_exchange(session, rma, who)


def _difference(session: Session, rma: Return) -> dict[str, object]:
    """What an exchange costs more than what came back (`costs_more`), and what of it stays the customer's (`kept`)."""
    if rma.resolution != "exchange":
        return {}
    total_minor = exchange_total(session, rma)
    more_minor = total_minor - (rma.credited_minor - rma.charged_minor)
    kept_minor = rma.given_back_minor - rma.refunded_minor - total_minor
    return {
        "costs_more": _money(max(more_minor, 0), rma.currency),
        "kept": _money(max(kept_minor, 0), rma.currency),
    }


def _number_of(session: Session, order_id: str | None) -> str | None:
    return orders.by_id(session, order_id).order.number if order_id else None


def _money(amount_minor: int, currency: str) -> dict[str, object]:
    return {"amount_minor": amount_minor, "currency": currency}
