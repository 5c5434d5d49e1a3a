"""Subscribers of events, and the deliveries to them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Request

Kind = Annotated[str, Field(max_length=40, pattern=r"^(\*|[a-z_]+\.(\*|[a-z_]+))$", examples=["shipment.*"])]
Kinds = Annotated[list[Kind], Field(max_length=50)]
DeliveryStatus = Literal["pending", "delivered", "dead"]


class NewSubscriber(Request):
    """`kinds` are `order.placed`, `shipment.*` or `*`; none at all means every kind."""

    name: Annotated[Line, Field(min_length=1, max_length=80, examples=["ERP"])]
    url: Annotated[Line, Field(max_length=500, examples=["https://erp.example.com/hooks/comanda"])]
    kinds: Kinds = Field(default_factory=list)


class SubscriberChange(Request):
    """What is left out stays as it is."""

    url: Annotated[Line, Field(max_length=500)] | None = None
    kinds: Kinds | None = None
    is_active: bool | None = None


class Subscriber(Answer):
    id: str
    name: str
    url: str
    kinds: list[str]
    is_active: bool
    created_at: datetime


class SubscriberWithSecret(Subscriber):
    """`secret` is shown here and never again."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class Delivery(Answer):
    """`error` is how the last try ended; a pending delivery is tried next at `due_at`."""

    id: str
    event_id: str
    subscriber_id: str
    status: DeliveryStatus
    attempts: int
    error: str | None = None
    due_at: datetime
    delivered_at: datetime | None = None


class DeliveryPage(Answer):
    """Newest first; `next_cursor` opens the following page."""

    deliveries: list[Delivery]
    next_cursor: str | None = None
