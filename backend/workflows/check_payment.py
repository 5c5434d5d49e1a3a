"""Check a payment: ask its provider how it stands, and fold that into what we know. A webhook only says when to ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.catalog.service import shop, shop_day
from backend.customers import service as customers
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.service import Fact
from backend.orders import service as orders
from backend.payments import service as payments
from backend.payments.errors import ProviderNotFound
from backend.payments.models import Payment
from backend.payments.providers import Outcome, Provider, ProviderEvent, Providers, Seen
from backend.payments.service import Said
from backend.workflows.alert_finance import alert_finance
from backend.workflows.settle_dispute import fold_dispute
from backend.workflows.settle_refund import fold_refunds
from backend.workflows.start_payment import CHECK_WORKFLOW, OPEN_WORKFLOW, enqueue, tell_payment
from backend.workflows.take_payment import take_payment
from kernel import clock
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)
_ENDED = ("failed", "expired", "cancelled")


def receive_payment_events(session: Session, provider: str, said: Sequence[ProviderEvent]) -> int:
    """Keep what a webhook says, each event once, and start asking the provider; how many were new.

    Of a payment that we do not know (yet) the event is parked. An id that was used for another event before is kept by
    nobody and believed by nobody: a person hears of it.

    Records: PaymentEvent rows; durable work; a PaymentAlert with its event `payment.alert`.
    """
    fresh = 0
    for event in said:
        payment = payments.of_ref(session, provider, event.provider_ref)
        is_new = payments.keep_event(session, provider, event, payment)
        fresh += is_new
        if not is_new and payments.is_other_event(session, provider, event):
            alert_finance(session, event.event_id, "event_reused", provider, event.provider_ref, _content(event))
        if is_new and payment is not None:
            enqueue(session, CHECK_WORKFLOW, payment, f"event:{event.event_id}")
    return fresh


def _content(event: ProviderEvent) -> dict[str, Any]:
    said = {"kind": event.kind, "amount_minor": event.amount_minor, "currency": event.currency}
    return {"event": event.event_id} | said


def check_payment(database: Database, providers: Providers, payment_id: str) -> None:
    """Ask, then fold. What is over its time is closed at the provider first.

    Records: what `fold` records. When the provider does not answer nothing changes: it is asked again later.
    """
    with database.read() as session:
        payment = payments.by_id(session, payment_id)
    if payment.provider_ref is None:
        return
    try:
        provider = providers.named(payment.provider)
        seen, merchant = _look(provider, payment, clock.now()), provider.merchant
    except ProviderNotFound:
        # Who was paid there cannot be asked before the keys are back; until then it is asked again and again.
        log.error("payment_provider_not_ready", payment=payment.number, provider=payment.provider)
        return
    except Outcome as outcome:
        log.warning("payment_not_seen", payment=payment.number, reason=outcome.reason)
        return
    with database.write() as session:
        if payment.order_id is not None:
            orders.by_id(session, payment.order_id, lock=True)
        customers.lock(session, payment.customer_id)
        fold(session, payments.locked(session, payment_id), seen, merchant)


def _look(provider: Provider, payment: Payment, now: datetime) -> Seen:
    assert payment.provider_ref is not None, "it was opened"
    seen = provider.look(payment.provider_ref)
    is_over = payment.expires_at is not None and payment.expires_at <= now
    if seen.status == "open" and is_over:
        provider.cancel(payment.provider_ref)
        seen = provider.look(payment.provider_ref)
    return seen


def fold(session: Session, payment: Payment, seen: Seen, merchant: str | None = None) -> None:
    """Bring the (locked) payment up to what its provider says. In whatever order that is learned, the end is the same.

    Another currency, more than was asked, another payment's money or another merchant's go to review and are never
    booked by themselves.

    Records: the payment's state, what `take_payment`, `fold_refunds` and `fold_dispute` record, the fee's JournalEntry,
    the events `payment.failed`, `payment.expired` and `payment.review`.
    """
    payment.checked_at = clock.now()
    if payment.status == "review":
        return
    if not _is_ours(payment, seen, merchant):
        _review(session, payment, seen, "not the money that was asked for")
        return
    payment.charge_ref = payment.charge_ref or seen.charge_ref
    newly = seen.captured_minor - payment.captured_minor
    if newly > 0:
        payment.captured_minor, payment.status, payment.captured_at = seen.captured_minor, "captured", clock.now()
        session.flush()
        cause = f"{payment.number}:{seen.captured_minor}"
        said = Said(
            f"seen:{cause}", "captured", newly, payment.currency, clock.now(), {}, f"provider:{payment.provider}"
        )
        payments.keep(session, payment, said)
        take_payment(session, payment, newly, cause, f"provider:{payment.provider}")
    _book_fee(session, payment, seen.fee_minor - payment.fee_minor)
    if seen.status in _ENDED and payment.status in ("pending", "unknown"):
        payment.status = "expired" if seen.status == "cancelled" else seen.status
        tell_payment(session, payment, f"payment.{payment.status}")
    fold_dispute(session, payment, seen.dispute)
    if not fold_refunds(session, payment, seen.refunds):
        _review(session, payment, seen, "more was given back than came, or another amount than was asked")
    session.flush()


def _is_ours(payment: Payment, seen: Seen, merchant: str | None) -> bool:
    is_payment = seen.number in (None, payment.number) and seen.merchant == merchant
    return is_payment and seen.currency == payment.currency and seen.captured_minor <= payment.amount_minor


def _review(session: Session, payment: Payment, seen: Seen, reason: str) -> None:
    payment.status = "review"
    session.flush()
    facts = {"captured_minor": seen.captured_minor, "currency": seen.currency, "merchant": seen.merchant}
    said = Said(
        f"review:{payment.number}", "unclear", seen.captured_minor, seen.currency, clock.now(), facts,
        f"provider:{payment.provider}", "review", reason,
    )  # fmt: skip
    payments.keep(session, payment, said)
    tell_payment(session, payment, "payment.review")


def _book_fee(session: Session, payment: Payment, newly: int) -> None:
    if newly <= 0:
        return
    payment.fee_minor += newly
    order = orders.by_id(session, payment.order_id).order if payment.order_id else None
    fact = Fact(
        key=f"fee:{payment.number}:{payment.fee_minor}",
        name="fee_charged",
        subject=order.number if order else payment.number,
        currency=payment.currency,
        occurred_on=shop_day(shop(session)),
        who=f"provider:{payment.provider}",
    )
    ledger.post(session, fact, rules.fee_charged(newly))


def enqueue_overdue(session: Session, before: datetime, limit: int) -> int:
    """Ask again about what no webhook told of: payments that wait, and were last looked at before an instant.

    Records: durable work.
    """
    late = payments.unsettled(session, before, limit)
    for payment in late:
        name = f"again:{int(clock.now().timestamp())}"
        enqueue(session, CHECK_WORKFLOW if payment.provider_ref else OPEN_WORKFLOW, payment, name)
    return len(late)
