"""Announce an event: the letter and the webhooks that follow from a fact."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.events import Event
from backend.webhooks import service as webhooks
from backend.workflows.write_customer import write_customer


def announce_event(session: Session, event_id: str) -> None:
    """Everyone who is to hear of the event is told, each once, however often this is done.

    Records: at most one Mail, a WebhookDelivery for each subscriber that wants it.
    """
    event = session.get_one(Event, event_id)
    write_customer(session, event)
    webhooks.hand_out(session, event.id, event.kind, event.subject)
