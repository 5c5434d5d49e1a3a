"""What may be done with notices: note them once, end them, find what is late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.conversations.models import Message
from bot.notices.models import Notice, NoticeStatus
from bot.notices.plan import FEEDBACK, PLANS
from bot.notices.words import word
from bot.replies import DEFAULT_LANGUAGE
from kernel import clock, durable, ids

QUEUE = "bot_notices"
WORKFLOW = "send_notice"
# A notice has a message for each thing it asks; nobody is asked about more.
MESSAGES_MOST = 50


def note(session: Session, event_id: str, kind: str, facts: dict[str, Any], feedback_after_s: float) -> int:
    """Write down what the customer is to hear because of an event, with the work of saying it; how many notices.

    The caller makes sure that an event comes here once at a time; coming again it adds nothing.
    """
    if kind not in PLANS or not facts.get("customer_id") or is_noted(session, event_id):
        return 0
    if not _is_worth_telling(session, kind, facts):
        return 0
    _add(session, event_id, kind, facts, 0)
    if kind != "shipment.delivered" or not facts.get("is_last"):
        return 1
    _add(session, event_id, FEEDBACK, facts, feedback_after_s)
    return 2


def is_noted(session: Session, event_id: str) -> bool:
    return session.scalar(select(Notice.id).where(Notice.event_id == event_id).limit(1)) is not None


def _is_worth_telling(session: Session, kind: str, facts: dict[str, Any]) -> bool:
    """What the customer did themselves they know: a confirmed order is news after it was held, or placed for them."""
    if kind == "payment.expired" and facts.get("ends_order"):
        # That the order is cancelled is told instead.
        return False
    if kind == "return.requested" and facts.get("at_once"):
        # That it is accepted is told instead.
        return False
    if kind in ("order.cancelled", "order.changed", "return.requested", "return.accepted", "return.cancelled"):
        return facts.get("by") != "customer"
    if kind == "return.inspected":
        # Looked at in several goes it is told with the last; what was refurbished is looked at again for the shelf.
        return bool(facts.get("is_whole"))
    if kind == "order.confirmed":
        return facts.get("by") == "staff" or was_told_of(session, str(facts["number"]), "order.held")
    return True


def was_told_of(session: Session, subject: str, what: str) -> bool:
    found = select(Notice.id).where(Notice.subject == subject, Notice.what == what).limit(1)
    return session.scalar(found) is not None


def _add(session: Session, event_id: str, what: str, facts: dict[str, Any], delay_s: float) -> None:
    now = clock.now()
    notice = Notice(
        id=ids.new_id(),
        event_id=event_id,
        what=what,
        subject=str(facts["number"]),
        customer_id=str(facts["customer_id"]),
        facts=facts,
        status="queued",
        reason=None,
        attempts=0,
        message_id=None,
        created_at=now,
        due_at=now + timedelta(seconds=delay_s),
        ended_at=None,
    )
    session.add(notice)
    session.flush()
    enqueue(session, notice, "0", delay_s)


def enqueue(session: Session, notice: Notice, name: str, delay_s: float = 0) -> None:
    """Start one try; `name` tells it from the notice's other tries. One customer's notices keep their order."""
    durable.enqueue(
        session,
        WORKFLOW,
        notice.id,
        queue=QUEUE,
        partition=notice.customer_id,
        workflow_id=f"notice:{notice.id}:{name}",
        delay_s=delay_s,
    )


def postpone(session: Session, notice: Notice, until: datetime) -> None:
    """Try a (locked) notice again at an instant: the wait is a row, and holds up nothing."""
    notice.due_at = until
    session.flush()
    enqueue(session, notice, f"{notice.attempts}:{until.timestamp()}", (until - clock.now()).total_seconds())


def of_message(session: Session, message: Message) -> Notice | None:
    """The notice that a message is, or is one of the messages of: it names the last of them."""
    last = select(Notice, Message.seq).join(Message, Message.id == Notice.message_id)
    last = last.where(Message.conversation_id == message.conversation_id)
    last = last.where(Message.seq >= message.seq, Message.seq < message.seq + MESSAGES_MOST)
    found = session.execute(last.order_by(Message.seq).limit(1)).one_or_none()
    if found is None:
        return None
    notice, seq = found.tuple()
    is_of_it = seq == message.seq or seq - message.seq < len(word(notice.what, DEFAULT_LANGUAGE, notice.facts))
    return notice if is_of_it else None


def lock(session: Session, notice_id: str) -> Notice | None:
    """The notice, if there is still something to do about it."""
    notice = session.get(Notice, notice_id, with_for_update=True, populate_existing=True)
    assert notice is not None, "notices are never deleted"
    return notice if notice.status == "queued" else None


def end(notice: Notice, status: NoticeStatus, *, reason: str | None = None, message_id: str | None = None) -> None:
    notice.status, notice.reason, notice.message_id, notice.ended_at = status, reason, message_id, clock.now()


def has_due(session: Session, customer_id: str, at: datetime) -> bool:
    """Is something to be said to this customer that is not worded yet?"""
    due = select(Notice.id).where(Notice.status == "queued", Notice.due_at <= at, Notice.customer_id == customer_id)
    return session.scalar(due.limit(1)) is not None


def is_over(notice: Notice, at: datetime) -> bool:
    """Is what it tells good for nothing any more?"""
    ends = notice.facts.get("expires_at")
    return ends is not None and at >= datetime.fromisoformat(ends)


def is_overtaken(session: Session, notice: Notice) -> bool:
    """While this one waited: was a later stage of the same parcel told, or was paid what it reminds of?"""
    if notice.what == "invoice.reminded":
        return _is_paid_since(session, notice)
    rank = PLANS[notice.what].rank
    if not rank:
        return False
    later = select(Notice).where(
        Notice.subject == notice.subject, Notice.status == "sent", Notice.created_at > notice.created_at
    )
    shipment = notice.facts.get("shipment")
    return any(
        PLANS[other.what].rank > rank and shipment in (None, other.facts.get("shipment"))
        for other in session.scalars(later)
    )


def _is_paid_since(session: Session, notice: Notice) -> bool:
    paid = select(Notice.facts).where(
        Notice.subject == notice.subject,
        Notice.what == "payment.recorded",
        Notice.created_at > notice.created_at,
    )
    return any(facts.get("due", {}).get("amount_minor") == 0 for facts in session.scalars(paid))


def overdue(session: Session, before: datetime, limit: int) -> list[Notice]:
    """Notices that should have been said before an instant."""
    query = select(Notice).where(Notice.status == "queued", Notice.due_at < before)
    return list(session.scalars(query.order_by(Notice.due_at).limit(limit)))
