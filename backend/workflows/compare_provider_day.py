"""Compare a provider's day with our books: what it says it captured, gave back, kept and paid out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop, shop_day
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.models import JournalEntry, Posting
from backend.ledger.service import Fact
from backend.payments import service as payments
from backend.payments.models import Payment
from backend.payments.providers import Listed, Outcome, Payout, Provider, Providers
from backend.workflows import start_payment
from backend.workflows.alert_finance import alert_finance
from backend.workflows.check_payment import check_payment
from kernel import clock, durable
from kernel.db import Database

WORKFLOW = "compare_provider_day"
# A day is looked at again on the days after it: a provider that was away then has answered since.
LOOKED_BACK = 3
# A day is over for some hours before it is looked at.
FROM_HOUR = 3


def compare_provider_day(database: Database, providers: Providers, code: str, on: date) -> int:
    """How many differences of a day of the shop's are new.

    What differs is first asked of the provider and folded, for a webhook that was lost is no difference. A payout is
    booked when it is first seen.

    Records: what `check_payment` records; a JournalEntry for each payout; PaymentAlerts with their events.
    Raises: Outcome, when the provider does not answer.
    """
    provider = providers.named(code)
    with database.read() as session:
        since, until = _day(on, shop(session).time_zone)
    said = provider.day(since, until)
    for payment, one in _pairs(database, code, said.payments):
        if payment is not None and list(_differences(payment, one)):
            check_payment(database, providers, payment.id)
    lost = _missing_there(database, provider, since, until, said.payments)
    found = 0
    for payment, one in _pairs(database, code, said.payments):
        facts: dict[str, int | str] = {"day": on.isoformat(), "currency": one.currency}
        if payment is None:
            facts |= {"captured_minor": one.captured_minor}
            found += _alert(database, "missing_here", code, one.number or one.reference, facts)
            continue
        for kind, ours, theirs in _differences(payment, one):
            found += _alert(database, kind, code, payment.number, facts | {"ours": ours, "theirs": theirs})
    for payment, theirs_minor in lost:
        facts = {"day": on.isoformat(), "currency": payment.currency}
        facts |= {"ours": payment.captured_minor, "theirs": theirs_minor}
        found += _alert(database, "missing_there", code, payment.number, facts)
    return found + _settle_payouts(database, code, on, said.payouts)


def enqueue_comparisons(session: Session, codes: Sequence[str]) -> list[str]:
    """Compare the last days of every provider, once each day of the shop's; what was named. Records: durable work."""
    try:
        seller = shop(session)
    except ShopNotSetUp:
        return []
    now = clock.now().astimezone(ZoneInfo(seller.time_zone))
    if now.hour < FROM_HOUR:
        return []
    named = [f"{code}:{now.date() - timedelta(days=ago)}" for code in codes for ago in range(1, LOOKED_BACK + 1)]
    for subject in named:
        durable.enqueue(
            session,
            WORKFLOW,
            subject,
            queue=start_payment.QUEUE,
            partition="days",
            workflow_id=f"compare:{subject}:{now.date()}",
        )
    return named


def compare_named_day(database: Database, providers: Providers, subject: str) -> None:
    """The day that `enqueue_comparisons` named."""
    code, _, on = subject.partition(":")
    compare_provider_day(database, providers, code, date.fromisoformat(on))


def _day(on: date, time_zone: str) -> tuple[datetime, datetime]:
    zone = ZoneInfo(time_zone)
    return datetime.combine(on, time(), zone), datetime.combine(on + timedelta(days=1), time(), zone)


def _pairs(database: Database, code: str, listed: Sequence[Listed]) -> list[tuple[Payment | None, Listed]]:
    """What the provider lists, beside our payment of the same number as it is now."""
    with database.read() as session:
        known = payments.of_numbers(session, code, [one.number for one in listed if one.number is not None])
    return [(known.get(one.number) if one.number is not None else None, one) for one in listed]


def _differences(payment: Payment, one: Listed) -> Iterator[tuple[str, int | str, int | str]]:
    """(kind, ours, theirs) of all that is not the same."""
    if payment.currency != one.currency:
        yield "currency_differs", payment.currency, one.currency
        return
    for kind, ours, theirs in (
        ("captured_differs", payment.captured_minor, one.captured_minor),
        ("refunded_differs", payment.refunded_minor, one.refunded_minor),
        ("fee_differs", payment.fee_minor, one.fee_minor),
    ):
        if theirs is not None and ours != theirs:
            yield kind, ours, theirs


def _missing_there(
    database: Database, provider: Provider, since: datetime, until: datetime, listed: Sequence[Listed]
) -> list[tuple[Payment, int]]:
    """What we learned that day and the provider lists on another, or not at all: (payment, what it says came)."""
    there = {one.number for one in listed}
    with database.read() as session:
        ours = payments.captured_within(session, provider.code, since, until)
    lost = []
    for payment in ours:
        if payment.number not in there:
            theirs_minor = _captured_there(provider, payment)
            if theirs_minor != payment.captured_minor:
                lost.append((payment, theirs_minor))
    return lost


def _captured_there(provider: Provider, payment: Payment) -> int:
    if payment.provider_ref is None:
        return 0
    try:
        return provider.look(payment.provider_ref).captured_minor
    except Outcome as outcome:
        if not outcome.is_known:
            raise
        return 0


def _alert(database: Database, kind: str, code: str, subject: str, facts: dict[str, int | str]) -> bool:
    # Another disagreement about the same is another alert.
    key = ":".join([subject, *(str(facts.get(name, "")) for name in ("ours", "theirs"))])
    with database.write() as session:
        return alert_finance(session, key, kind, code, subject, facts)


def _settle_payouts(database: Database, code: str, on: date, paid_out: Sequence[Payout]) -> int:
    found = 0
    with database.write() as session:
        booked = _booked(session, code, on)
        for payout in paid_out:
            before = booked.pop(payout.reference[:40], None)
            if before is None and payout.amount_minor > 0:
                _book(session, code, on, payout)
            elif before != payout.amount_minor:
                found += _alert_payout(session, code, on, payout.reference, before or 0, payout.amount_minor)
        for reference, ours_minor in booked.items():
            found += _alert_payout(session, code, on, reference, ours_minor, 0)
    return found


def _book(session: Session, code: str, on: date, payout: Payout) -> None:
    fact = Fact(
        key=f"payout:{code}:{payout.reference}"[:120],
        name="provider_settled",
        subject=payout.reference[:40],
        currency=payout.currency,
        occurred_on=shop_day(shop(session)),
        who=f"provider:{code}",
        note=on.isoformat(),
    )
    ledger.post(session, fact, rules.provider_settled(payout.amount_minor))


def _booked(session: Session, code: str, on: date) -> dict[str, int]:
    """What we booked as paid out on a day, by the provider's id of it."""
    query = (
        select(JournalEntry.subject, Posting.debit_minor)
        .join(Posting, Posting.entry_id == JournalEntry.id)
        .where(
            JournalEntry.fact == "provider_settled",
            JournalEntry.who == f"provider:{code}",
            JournalEntry.note == on.isoformat(),
            Posting.debit_minor > 0,
        )
    )
    return {subject: int(amount) for subject, amount in session.execute(query)}


def _alert_payout(session: Session, code: str, on: date, reference: str, ours: int, theirs: int) -> bool:
    facts = {"day": on.isoformat(), "ours": ours, "theirs": theirs}
    return alert_finance(session, f"{reference}:{ours}:{theirs}", "payout_differs", code, reference, facts)
