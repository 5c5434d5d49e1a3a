"""Who hears of events, and what became of them on their way."""

from __future__ import annotations

from backend.client.wire import Wire, segment
from backend.schemas.webhooks import (
    Delivery,
    DeliveryPage,
    NewSubscriber,
    Subscriber,
    SubscriberChange,
    SubscriberWithSecret,
)


class WebhookCalls(Wire):
    async def subscribers(self) -> list[Subscriber]:
        return await self._list(Subscriber, "staff/webhooks")

    async def subscribe(self, new: NewSubscriber, *, key: str) -> SubscriberWithSecret:
        """The secret is told this once."""
        return await self._send(SubscriberWithSecret, "POST", "staff/webhooks", new, key=key)

    async def change_subscriber(self, subscriber_id: str, change: SubscriberChange, *, key: str) -> Subscriber:
        return await self._send(Subscriber, "PATCH", f"staff/webhooks/{segment(subscriber_id)}", change, key=key)

    async def rotate_subscriber_secret(self, subscriber_id: str, *, key: str) -> SubscriberWithSecret:
        path = f"staff/webhooks/{segment(subscriber_id)}/secret"
        return await self._send(SubscriberWithSecret, "POST", path, None, key=key)

    async def deliveries(self, status: str | None = None, cursor: str | None = None) -> DeliveryPage:
        return await self._get(DeliveryPage, "staff/webhooks/deliveries", status=status, cursor=cursor)

    async def resend_delivery(self, delivery_id: str, *, key: str) -> Delivery:
        path = f"staff/webhooks/deliveries/{segment(delivery_id)}/resend"
        return await self._send(Delivery, "POST", path, None, key=key)
