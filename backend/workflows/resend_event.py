"""Send an event again to a subscriber that did not get it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.events import Event
from backend.webhooks import service as webhooks
from backend.webhooks.models import WebhookDelivery


def resend_event(session: Session, delivery_id: str) -> WebhookDelivery:
    """The dead delivery, pending again.

    Records: its status, the work of sending it.
    Raises: DeliveryNotFound, DeliveryNotDead.
    """
    delivery = webhooks.lock_delivery(session, delivery_id)
    webhooks.revive(delivery)
    session.flush()
    subject = session.get_one(Event, delivery.event_id).subject
    name = f"again:{delivery.due_at.timestamp()}"
    webhooks.enqueue(session, delivery.id, delivery.subscriber_id, subject, name)
    return delivery
