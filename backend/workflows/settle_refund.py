"""Settle refunds: what became of them is booked, whoever made them."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import shop, shop_day
from backend.ledger import chart, rules
from backend.ledger import service as ledger
from backend.ledger.rules import Leg
from backend.ledger.service import Fact
from backend.orders import service as orders
from backend.payments import refunds, settlements
from backend.payments import service as payments
from backend.payments.models import Payment, Refund
from backend.payments.providers import SeenRefund
from backend.payments.refunds import NewRefund
from backend.payments.service import Said
from backend.payments.settlements import NewSettlement
from backend.workflows.link_receipt import link_receipt
from backend.workflows.move_surplus import move_surplus
from backend.workflows.request_refund import available_minor, take_from_balance, tell_refund
from kernel import clock


def fold_refunds(session: Session, payment: Payment, seen: tuple[SeenRefund, ...]) -> bool:
    """Bring the refunds of the (locked) payment up to what its provider says of them; whether all could be understood.

    What the shop gave back in the provider's own pages is taken up as well.

    Records: what `succeed` and `drop` record; Refund rows, opposite Settlement rows, the event `refund.unexpected`.
    """
    who = f"provider:{payment.provider}"
    ours = refunds.of_payment(session, payment.id)
    by_number = {refund.number: refund for refund in ours}
    by_ref = {refund.refund_ref: refund for refund in ours if refund.way == "provider"}
    for one in seen:
        refund = by_number.get(one.number or "") or by_ref.get(one.refund_ref)
        if refund is None and one.status == "failed":
            continue
        if refund is None:
            refund = _take_up(session, payment, one, who)
        if refund is None or refund.amount_minor != one.amount_minor:
            return False
        refund.refund_ref = one.refund_ref
        match one.status:
            case "succeeded":
                succeed(session, payment, refund, chart.CLEARING, who)
            case "failed":
                drop(session, payment, refund, "failed", who)
            case _ if refund.status in ("approved", "unknown"):
                refund.status = "sent"
    session.flush()
    return True


def succeed(session: Session, payment: Payment, refund: Refund, out_of: str, who: str) -> None:
    """The (locked) refund arrived; that is booked once. One that was given up before is not taken up by that.

    Records: its state and the payment's, a PaymentEvent, a JournalEntry, an OrderEntry, the event `refund.succeeded`.
    Raises: PeriodClosed.
    """
    if refund.status in ("succeeded", "failed", "rejected"):
        return
    refund.status, refund.ended_at, refund.out_of = "succeeded", clock.now(), out_of
    payment.refunded_minor += refund.amount_minor
    session.flush()
    _say(session, payment, refund, "refund_succeeded", who)
    _post(session, payment, refund, "refund_paid", rules.refund_paid(out_of, refund.amount_minor), who)
    _enter(session, refund, "refunded", who)
    tell_refund(session, payment, refund, "refund.succeeded", receipt_url=link_receipt(session, refund))


def drop(session: Session, payment: Payment, refund: Refund, status: str, who: str) -> None:
    """The (locked) refund is `rejected` or `failed`, even after it was said to have arrived: the customer's again.

    Records: its state and the payment's, a BalanceEntry, an OrderEntry, the event `refund.<status>`; for what had been
    booked a PaymentEvent and a JournalEntry.
    Raises: PeriodClosed.
    """
    if refund.status in ("failed", "rejected"):
        return
    was_booked, out_of = refund.status == "succeeded", refund.out_of or chart.CLEARING
    refund.status, refund.ended_at = status, clock.now()
    if was_booked:
        payment.refunded_minor -= refund.amount_minor
    session.flush()
    if was_booked:
        _say(session, payment, refund, "refund_failed", who)
        _post(session, payment, refund, "refund_returned", rules.refund_returned(out_of, refund.amount_minor), who)
    order = orders.by_id(session, refund.order_id).order if refund.order_id else None
    move_surplus(session, order, payment, who)
    _enter(session, refund, f"refund_{status}", who)
    tell_refund(session, payment, refund, f"refund.{status}")


def _take_up(session: Session, payment: Payment, one: SeenRefund, who: str) -> Refund | None:
    """A refund that the shop did not ask us for. What it takes from invoices makes them open again."""
    if one.amount_minor > payment.captured_minor - payment.refunded_minor:
        return None
    free_up(session, payment, one.amount_minor, one.refund_ref, who)
    new = NewRefund(
        key=f"seen:{payment.number}:{one.refund_ref}",
        payment_id=payment.id,
        order_id=payment.order_id,
        customer_id=payment.customer_id,
        currency=payment.currency,
        amount_minor=one.amount_minor,
        way="provider",
        reason=f"made at {payment.provider}",
        requested_by=who,
    )
    refund = refunds.open_refund(session, new)
    refund.status, refund.approved_by, refund.approved_at = "sent", who, clock.now()
    session.flush()
    tell_refund(session, payment, refund, "refund.unexpected")
    return refund


def free_up(session: Session, payment: Payment, amount_minor: int, cause: str, who: str) -> None:
    """So much of the (locked) payment is free, whatever it paid: of the balance first, then of the newest invoices.

    Records: a BalanceEntry, opposite Settlement rows, a JournalEntry.
    """
    short = amount_minor - settlements.free_minor(session, [payment])[payment.id]
    from_balance = min(short, available_minor(session, payment) - (amount_minor - short))
    take_from_balance(session, payment, from_balance, cause, who)
    short -= max(from_balance, 0)
    taken = 0
    for invoice_id, settled in settlements.settled_with(session, payment.id):
        part = min(settled, short - taken)
        if part > 0:
            settlements.settle(session, NewSettlement(invoice_id, "payment", -part, payment.id), who)
            taken += part
    if taken:
        legs = rules.advance_restored(taken)
        ledger.post(session, _fact(session, payment, "advance_restored", cause, who), legs)


def _say(session: Session, payment: Payment, refund: Refund, kind: str, who: str) -> None:
    said = Said(
        f"{kind}:{refund.number}", kind, refund.amount_minor, refund.currency, clock.now(),
        {"refund": refund.number, "refund_ref": refund.refund_ref}, who,
    )  # fmt: skip
    payments.keep(session, payment, said)


def _post(session: Session, payment: Payment, refund: Refund, name: str, legs: list[Leg], who: str) -> None:
    ledger.post(session, _fact(session, payment, name, refund.number, who, refund.reason), legs)


def _fact(session: Session, payment: Payment, name: str, cause: str, who: str, note: str | None = None) -> Fact:
    order = orders.by_id(session, payment.order_id).order if payment.order_id else None
    return Fact(
        key=f"{name}:{cause}",
        name=name,
        subject=order.number if order else payment.number,
        currency=payment.currency,
        occurred_on=shop_day(shop(session)),
        who=who,
        customer_id=payment.customer_id,
        note=note,
    )


def _enter(session: Session, refund: Refund, what: str, who: str) -> None:
    if refund.order_id is not None:
        facts = {"refund": refund.number, "amount_minor": refund.amount_minor, "currency": refund.currency}
        orders.enter(session, refund.order_id, what, who, clock.now(), refund.note, facts=facts)
