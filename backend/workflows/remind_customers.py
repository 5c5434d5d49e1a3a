"""Remind customers of what they have to pay, politely: once for each stage of an invoice, in the shop's daytime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from backend import events
from backend.catalog.errors import ShopNotSetUp
from backend.catalog.service import shop
from backend.catalog.shop import ReminderStage
from backend.invoicing.models import Invoice
from backend.orders import service as orders
from backend.persons import person_of
from backend.reminders import service as reminders
from backend.reminders.models import PaymentPromise, Reminder
from backend.workflows.open_amounts import OpenDocument, open_amounts, open_documents_of_person
from backend.workflows.promise_payment import tell_promise
from kernel import clock

# Nobody is written to about money at night, whatever the quiet hours of the chat are.
OPENS, CLOSES = time(9), time(19)
# What has been due for longer than the last stage and this is nothing a reminder changes.
GIVEN_UP = timedelta(days=60)
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Reached:
    """The invoices whose latest stage is this one: due from `since` to `until`, both with it."""

    stage: str
    since: date
    until: date
    # Who had no days to pay in is not reminded beforehand, or on the day they bought.
    is_beforehand: bool


def remind_customers(session: Session) -> int:
    """Look at promises, then remind; to be called every now and then. How many reminders there were.

    Only the latest stage that an invoice has reached is told: what was missed is not made up for. Who promised a day is
    left alone until it is over.

    Records: the end of promises, the event `promise.broken`; a Reminder and the event `invoice.reminded` for each.
    """
    try:
        seller = shop(session)
    except ShopNotSetUp:
        return 0
    now = clock.now().astimezone(ZoneInfo(seller.time_zone))
    _look_at_promises(session, now.date())
    if not OPENS <= now.time() < CLOSES:
        return 0
    count = 0
    for reached in _stages(seller.reminder_stages, now.date()):
        for invoice, open_minor in session.execute(_unreminded(reached, now.date())):
            count += _remind(session, invoice, int(open_minor), reached.stage)
    return count


def _stages(stages: Sequence[ReminderStage], today: date) -> Iterator[Reached]:
    ordered = sorted(stages, key=lambda stage: stage.days)
    for stage, following in zip(ordered, [*ordered[1:], None], strict=False):
        until = today - timedelta(days=stage.days)
        since = today - timedelta(days=following.days - 1) if following else until - GIVEN_UP
        yield Reached(stage.stage, since, until, is_beforehand=stage.days <= 0)


def _unreminded(reached: Reached, today: date) -> Select[Invoice, int]:
    owed = open_amounts()
    promised = exists().where(
        person_of(PaymentPromise.customer_id) == person_of(Invoice.customer_id),
        PaymentPromise.state == "open",
        PaymentPromise.promised_on >= today,
    )
    reminded = exists().where(Reminder.invoice_id == Invoice.id, Reminder.stage == reached.stage)
    query = (
        select(Invoice, owed.c.open_minor)
        .join(owed, owed.c.id == Invoice.id)
        .where(Invoice.due_on.between(reached.since, reached.until), owed.c.open_minor > 0, ~promised, ~reminded)
    )
    if reached.is_beforehand:
        query = query.where(Invoice.due_on > Invoice.issued_on)
    return query.order_by(Invoice.id).limit(AT_ONCE)


def _remind(session: Session, invoice: Invoice, open_minor: int, stage: str) -> bool:
    if not reminders.note(session, invoice.id, stage, open_minor):
        return False
    order = orders.by_id(session, invoice.order_id).order
    told = orders.fact(order) | {
        "document": invoice.number,
        "stage": stage,
        "due_on": invoice.due_on.isoformat(),
        "amount": {"amount_minor": open_minor, "currency": invoice.currency},
    }
    events.record(session, "invoice.reminded", order.number, told)
    return True


def _look_at_promises(session: Session, today: date) -> None:
    for promise in reminders.open_promises(session, AT_ONCE):
        owed = open_documents_of_person(session, promise.customer_id)
        if not any(each.open_minor > 0 and _was_there(session, each, promise.made_at) for each in owed):
            reminders.end(promise, "kept")
        elif promise.promised_on < today:
            reminders.end(promise, "broken")
            tell_promise(session, promise, "promise.broken")
    session.flush()


def _was_there(session: Session, document: OpenDocument, at: datetime) -> bool:
    """Only what was open when it was promised counts."""
    issued_at = session.scalar(select(Invoice.issued_at).where(Invoice.number == document.number))
    return issued_at is not None and issued_at <= at
