"""The demo's payment provider, over HTTP as any other: no real money moves (comanda/demo_provider)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
from standardwebhooks import Webhook, WebhookVerificationError

from backend.payments.errors import PaymentSignatureRefused, UnreadablePaymentEvent
from backend.payments.models import EVENT_KINDS
from backend.payments.providers.base import (
    Asked,
    Day,
    Listed,
    Opened,
    Outcome,
    Payout,
    Provider,
    ProviderEvent,
    Seen,
    SeenDispute,
    SeenRefund,
    provider,
)
from kernel import tls
from kernel.config import Settings

CODE = "demo"
PATIENCE_S = 10.0


@provider(CODE)
def make(settings: Settings) -> Provider | None:
    return Demo(settings.demo_provider_url, settings.demo_provider_secret()) if settings.is_demo else None


class Demo:
    code = CODE
    merchant = CODE

    def __init__(self, url: str, secret: str, transport: httpx.BaseTransport | None = None) -> None:
        self._secret = secret
        headers = {"Authorization": f"Bearer {secret}"}
        self._http = httpx.Client(
            base_url=url, headers=headers, timeout=PATIENCE_S, transport=transport, verify=tls.context()
        )

    def open(self, asked: Asked) -> Opened:
        answer = self._call(
            "POST",
            "/payments",
            {
                "key": asked.key,
                "number": asked.number,
                "description": asked.description,
                "amount_minor": asked.amount_minor,
                "currency": asked.currency,
                "expires_at": asked.expires_at.isoformat(),
                "return_url": asked.return_url,
            },
        )
        return Opened(answer["id"], answer["url"])

    def look(self, provider_ref: str) -> Seen:
        answer = self._call("GET", f"/payments/{provider_ref}")
        return Seen(
            status=answer["status"],
            captured_minor=answer["captured_minor"],
            fee_minor=answer["fee_minor"],
            currency=answer["currency"],
            number=answer["number"],
            merchant=answer["merchant"],
            refunds=tuple(
                SeenRefund(refund["id"], refund["amount_minor"], refund["status"], refund["number"])
                for refund in answer["refunds"]
            ),
            dispute=SeenDispute(answer["captured_minor"], answer["dispute"]) if answer["dispute"] else None,
        )

    def cancel(self, provider_ref: str) -> None:
        self._call("POST", f"/payments/{provider_ref}/cancel")

    def refund(self, provider_ref: str, key: str, number: str, amount_minor: int) -> str:
        wanted = {"key": key, "number": number, "amount_minor": amount_minor}
        answer = self._call("POST", f"/payments/{provider_ref}/refunds", wanted)
        return str(answer["id"])

    def day(self, since: datetime, until: datetime) -> Day:
        asked = httpx.QueryParams(since=since.astimezone(UTC).isoformat(), until=until.astimezone(UTC).isoformat())
        answer = self._call("GET", f"/days?{asked}")
        return Day(
            [
                Listed(
                    reference=each["id"],
                    number=each["number"],
                    captured_minor=each["captured_minor"],
                    refunded_minor=each["refunded_minor"],
                    fee_minor=each["fee_minor"],
                    currency=each["currency"],
                )
                for each in answer["payments"]
            ],
            [Payout(each["id"], each["amount_minor"], each["currency"]) for each in answer["payouts"]],
        )

    def read(self, headers: Mapping[str, str], body: bytes) -> list[ProviderEvent]:
        told = {name: headers.get(name, "") for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}
        try:
            Webhook(self._secret).verify(body, told, json_parse=False)
        except (WebhookVerificationError, ValueError):
            raise PaymentSignatureRefused() from None
        try:
            return [_event(told["webhook-id"], json.loads(body))]
        except (ValueError, LookupError, TypeError):
            raise UnreadablePaymentEvent() from None

    def _call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, path, json=body)
        except httpx.HTTPError as error:
            # It may have got it, and may have done it.
            raise Outcome(type(error).__name__, is_known=False) from None
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Outcome(f"HTTP {answer.status_code}", is_known=False)
        if answer.is_error:
            raise Outcome(f"HTTP {answer.status_code}", is_known=True)
        told: dict[str, Any] = answer.json()
        return told


def _event(event_id: str, told: dict[str, Any]) -> ProviderEvent:
    kind, amount_minor = told["kind"], told.get("amount_minor")
    if kind not in EVENT_KINDS or not isinstance(told["payment"], str) or type(amount_minor) not in (int, type(None)):
        raise ValueError("no event of ours")
    happened_at = datetime.fromisoformat(told["happened_at"])
    if happened_at.tzinfo is None:
        raise ValueError("an instant names its zone")
    return ProviderEvent(event_id, told["payment"][:120], kind, amount_minor, told.get("currency"), happened_at, told)
