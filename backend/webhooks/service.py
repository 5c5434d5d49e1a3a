"""What may be done with subscribers and the deliveries to them."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from backend.base import insert_if_absent, table_of
from backend.webhooks.errors import (
    DeliveryNotDead,
    DeliveryNotFound,
    SubscriberIsBuiltIn,
    SubscriberNameTaken,
    SubscriberNotFound,
    SubscriberUrlInvalid,
)
from backend.webhooks.models import Subscriber, WebhookDelivery
from kernel import clock, durable
from kernel.ids import new_id
from kernel.prepared import Prepared

QUEUE = "oms_webhooks"
WORKFLOW = "deliver_event"
# The name of our own bot among the subscribers; its address and secret come from the settings.
OWN_BOT = "bot"
EVERYTHING = "*"

_awaited = Prepared(select(table_of(Subscriber).c.kinds).where(table_of(Subscriber).c.is_active))


def awaited(session: Session, kinds: Set[str]) -> set[str]:
    """Those kinds of events that any subscriber wants to hear of."""
    if not kinds:
        return set()
    wanted = [wanted for (wanted,) in _awaited.rows(session)]
    return {kind for kind in kinds if any(wants(each, kind) for each in wanted)}


def wants(kinds: Sequence[str], kind: str) -> bool:
    """Is `kind` one of `kinds`? `*` is every kind, `shipment.*` every kind about shipments, none is every kind."""
    return not kinds or any(
        each in (EVERYTHING, kind) or (each.endswith(".*") and kind.startswith(each[:-1])) for each in kinds
    )


def new_secret() -> str:
    """Source: Standard Webhooks, "Signature scheme": `whsec_` and 24 to 64 random bytes in base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def subscribe(session: Session, name: str, url: str, kinds: Sequence[str]) -> Subscriber:
    """A new subscriber, with a secret of its own.

    Raises: SubscriberNameTaken, SubscriberUrlInvalid.
    """
    _check_url(url)
    row = {
        "id": new_id(),
        "name": name,
        "url": url,
        "secret": new_secret(),
        "kinds": list(kinds),
        "is_active": True,
        "created_at": clock.now(),
    }
    if name == OWN_BOT or not insert_if_absent(session, Subscriber, row):
        raise SubscriberNameTaken(name=name)
    return session.get_one(Subscriber, row["id"])


def subscribe_own_bot(session: Session, url: str, secret: str, kinds: Sequence[str]) -> None:
    """Make the built-in subscriber what the settings say. Records: one Subscriber."""
    given = {"url": url, "secret": secret, "kinds": list(kinds), "is_active": True}
    row = {"id": new_id(), "name": OWN_BOT, "created_at": clock.now(), **given}
    if not insert_if_absent(session, Subscriber, row):
        session.execute(update(Subscriber).where(Subscriber.name == OWN_BOT).values(**given))


def subscribers(session: Session) -> list[Subscriber]:
    return list(session.scalars(select(Subscriber).order_by(Subscriber.name)))


def change(
    session: Session,
    subscriber_id: str,
    *,
    url: str | None = None,
    kinds: Sequence[str] | None = None,
    is_active: bool | None = None,
) -> Subscriber:
    """Raises: SubscriberNotFound, SubscriberIsBuiltIn, SubscriberUrlInvalid."""
    subscriber = _lock(session, subscriber_id)
    if url is not None:
        _check_url(url)
        subscriber.url = url
    if kinds is not None:
        subscriber.kinds = list(kinds)
    if is_active is not None:
        subscriber.is_active = is_active
    session.flush()
    return subscriber


def rotate_secret(session: Session, subscriber_id: str) -> Subscriber:
    """Raises: SubscriberNotFound, SubscriberIsBuiltIn."""
    subscriber = _lock(session, subscriber_id)
    subscriber.secret = new_secret()
    session.flush()
    return subscriber


def _lock(session: Session, subscriber_id: str) -> Subscriber:
    subscriber = session.get(Subscriber, subscriber_id, with_for_update=True, populate_existing=True)
    if subscriber is None:
        raise SubscriberNotFound()
    if subscriber.name == OWN_BOT:
        raise SubscriberIsBuiltIn()
    return subscriber


def _check_url(url: str) -> None:
    """Where it leads is looked at when we connect; here only that it is an address at all."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SubscriberUrlInvalid() from None
    is_plain = parts.username is None and parts.password is None and url.isascii() and port != 0
    if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
        raise SubscriberUrlInvalid()


# Deliveries. Those to one subscriber about one subject form a lane: only the oldest pending one of a lane is tried.


def hand_out(session: Session, event_id: str, kind: str, subject: str) -> int:
    """Put an event on its way to everyone who wants it; how many. Again: nobody gets it twice.

    Records: a WebhookDelivery for each, with the work of sending it.
    """
    count = 0
    for subscriber in session.scalars(select(Subscriber).where(Subscriber.is_active).order_by(Subscriber.id)):
        if not wants(subscriber.kinds, kind):
            continue
        delivery_id = new_id()
        row = {
            "id": delivery_id,
            "event_id": event_id,
            "subscriber_id": subscriber.id,
            "status": "pending",
            "attempts": 0,
            "error": None,
            "due_at": clock.now(),
            "delivered_at": None,
        }
        if insert_if_absent(session, WebhookDelivery, row):
            count += 1
            enqueue(session, delivery_id, subscriber.id, subject, "0")
    return count


def enqueue(
    session: Session, delivery_id: str, subscriber_id: str, subject: str, name: str, delay_s: float = 0
) -> None:
    """Start one try of a delivery; `name` tells it from its other tries."""
    durable.enqueue(
        session,
        WORKFLOW,
        delivery_id,
        queue=QUEUE,
        partition=f"{subscriber_id}:{subject}",
        workflow_id=f"webhook:{delivery_id}:{name}",
        delay_s=delay_s,
    )


def lock_delivery(session: Session, delivery_id: str) -> WebhookDelivery:
    """Raises: DeliveryNotFound."""
    delivery = session.get(WebhookDelivery, delivery_id, with_for_update=True, populate_existing=True)
    if delivery is None:
        raise DeliveryNotFound()
    return delivery


def revive(delivery: WebhookDelivery) -> None:
    """A (locked) dead delivery is to be tried again, from the first attempt on.

    Raises: DeliveryNotDead.
    """
    if delivery.status != "dead":
        raise DeliveryNotDead(status=delivery.status)
    delivery.status, delivery.attempts, delivery.due_at = "pending", 0, clock.now()


def deliveries(session: Session, status: str | None, before: str | None, limit: int) -> list[WebhookDelivery]:
    """Deliveries, the newest first, from after the id `before`."""
    query = select(WebhookDelivery).order_by(WebhookDelivery.id.desc()).limit(limit)
    if status is not None:
        query = query.where(WebhookDelivery.status == status)
    if before is not None:
        query = query.where(WebhookDelivery.id < before)
    return list(session.scalars(query))


def overdue(session: Session, before: datetime, limit: int) -> list[WebhookDelivery]:
    """Pending deliveries that should have been tried before an instant."""
    query = select(WebhookDelivery).where(WebhookDelivery.status == "pending", WebhookDelivery.due_at < before)
    return list(session.scalars(query.order_by(WebhookDelivery.id).limit(limit)))


def postpone(delivery: WebhookDelivery, delay_s: float) -> None:
    delivery.due_at = clock.now() + timedelta(seconds=delay_s)
