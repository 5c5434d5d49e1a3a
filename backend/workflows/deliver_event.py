"""Deliver an event to a subscriber: one try, and what follows from how it went."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.events import Event
from backend.webhooks import service as webhooks
from backend.webhooks.models import Subscriber, WebhookDelivery
from backend.webhooks.sending import Outcome, Sender
from kernel import clock
from kernel.db import Database

# Between tries, as Standard Webhooks recommends, each spread by a fifth: about 16 hours, then it is dead.
WAITS_S = (5.0, 30.0, 120.0, 600.0, 3_600.0, 18_000.0, 36_000.0)
_SPREAD = 0.2
# How long a try may take before another is made in its place.
_LEASE_S = 60.0


@dataclass(frozen=True, slots=True)
class Try:
    delivery_id: str
    url: str
    secret: str
    event_id: str
    body: str


def deliver_event(database: Database, sender: Sender, delivery_id: str, waits_s: tuple[float, ...] = WAITS_S) -> None:
    """Try once, unless it is over or an older delivery of its lane is not.

    At least once: a try that was cut off is made again, with the same `webhook-id`.

    Records: how it went; the next try, or the next delivery of the lane, as durable work.
    """
    with database.write() as session:
        this = _begin(session, delivery_id, waits_s)
    if this is None:
        return
    outcome = sender.send(this.url, this.secret, this.event_id, this.body)
    with database.write() as session:
        _end(session, delivery_id, outcome, waits_s)


def _begin(session: Session, delivery_id: str, waits_s: tuple[float, ...]) -> Try | None:
    """Count the try before it is made, so that an event which kills the process ends, too."""
    delivery = webhooks.lock_delivery(session, delivery_id)
    event = session.get_one(Event, delivery.event_id)
    if delivery.status != "pending" or _is_behind_another(session, delivery, event):
        return None
    subscriber = session.get_one(Subscriber, delivery.subscriber_id)
    if not subscriber.is_active:
        _bury(session, delivery, event, "the subscriber is switched off")
        return None
    if delivery.attempts > len(waits_s):
        _bury(session, delivery, event, delivery.error or "every try was cut off")
        return None
    delivery.attempts += 1
    webhooks.postpone(delivery, _LEASE_S)
    return Try(delivery.id, subscriber.url, subscriber.secret, event.id, body_of(event))


def body_of(event: Event) -> str:
    """Source: Standard Webhooks, "Payload structure"."""
    content = {"type": event.kind, "timestamp": event.happened_at.isoformat(), "data": event.payload}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _end(session: Session, delivery_id: str, outcome: Outcome, waits_s: tuple[float, ...]) -> None:
    delivery = webhooks.lock_delivery(session, delivery_id)
    if delivery.status != "pending":
        return
    event = session.get_one(Event, delivery.event_id)
    delivery.error = outcome.reason
    if outcome.is_delivered:
        delivery.status, delivery.delivered_at = "delivered", clock.now()
        _next_in_lane(session, delivery, event)
    elif outcome.is_gone:
        subscriber = session.get_one(Subscriber, delivery.subscriber_id, with_for_update=True)
        # Our own bot is there for as long as the configuration says so.
        subscriber.is_active = subscriber.name == webhooks.OWN_BOT
        _bury(session, delivery, event, "HTTP 410: the receiver wants no more")
    elif delivery.attempts > len(waits_s):
        _bury(session, delivery, event, outcome.reason or "")
    else:
        wait_s = waits_s[delivery.attempts - 1] * random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311
        webhooks.postpone(delivery, wait_s)
        name = f"{event.happened_at.timestamp()}:{delivery.attempts}:{clock.now().timestamp()}"
        webhooks.enqueue(session, delivery.id, delivery.subscriber_id, event.subject, name, wait_s)
    session.flush()


def _bury(session: Session, delivery: WebhookDelivery, event: Event, reason: str) -> None:
    delivery.status, delivery.error = "dead", reason
    session.flush()
    _next_in_lane(session, delivery, event)


def _lane(delivery: WebhookDelivery, event: Event) -> tuple[object, ...]:
    return (
        WebhookDelivery.subscriber_id == delivery.subscriber_id,
        WebhookDelivery.status == "pending",
        WebhookDelivery.event_id == Event.id,
        Event.subject == event.subject,
    )


def _is_behind_another(session: Session, delivery: WebhookDelivery, event: Event) -> bool:
    older = select(WebhookDelivery.id).where(*_lane(delivery, event), WebhookDelivery.id < delivery.id)  # type: ignore[arg-type]
    return session.scalar(older.limit(1)) is not None


def _next_in_lane(session: Session, delivery: WebhookDelivery, event: Event) -> None:
    """What waited behind this one is tried now."""
    session.flush()
    waiting = select(WebhookDelivery).where(*_lane(delivery, event), WebhookDelivery.id != delivery.id)  # type: ignore[arg-type]
    following = session.scalar(waiting.order_by(WebhookDelivery.id).limit(1))
    if following is not None:
        name = f"{following.attempts}:after:{delivery.id}:{clock.now().timestamp()}"
        webhooks.enqueue(session, following.id, following.subscriber_id, event.subject, name)
