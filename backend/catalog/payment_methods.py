"""The ways to pay that a shop takes: each with its kind, who collects online, and whether the order waits for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from backend.catalog.errors import PaymentMethodInvalid

MethodKind = Literal["on_delivery", "online", "transfer", "credit", "manual"]
# Bought on the shop's trust: there is one such way, and what is owed on it counts against the customer's limit.
CREDIT = "customer_credit"
# Who pays after the goods came cannot be waited for.
_AFTER_DELIVERY = ("on_delivery", "credit")


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """`name` is by language. `provider` collects what is paid `online`; None: the shop's `online_provider`.

    An order that `holds_until_paid` is confirmed when it is paid, and cancelled `expires_minutes` after it was placed.
    """

    code: str
    name: dict[str, str]
    kind: MethodKind = "manual"
    provider: str | None = None
    holds_until_paid: bool = False
    expires_minutes: int | None = None


def kept(methods: Sequence[PaymentMethod]) -> list[dict[str, Any]]:
    """As they are stored with the shop."""
    return [asdict(method) for method in methods]


def check(methods: Sequence[PaymentMethod], online_provider: str | None, ready: Collection[str]) -> None:
    """Can a shop with these be paid? `ready` are the providers that the shop has keys for.

    Raises: PaymentMethodInvalid.
    """
    seen: set[str] = set()
    if online_provider is not None and online_provider not in ready:
        raise PaymentMethodInvalid(method=None, reason="provider_not_ready", provider=online_provider)
    for method in methods:
        reason = _against(method, online_provider, ready) or ("named_twice" if method.code in seen else None)
        if reason is not None:
            raise PaymentMethodInvalid(method=method.code, reason=reason, provider=method.provider)
        seen.add(method.code)


def _against(method: PaymentMethod, online_provider: str | None, ready: Collection[str]) -> str | None:
    if (method.code == CREDIT) != (method.kind == "credit"):
        return "credit_is_customer_credit"
    if method.kind != "online" and method.provider is not None:
        return "provider_is_for_online"
    if method.kind == "online" and (method.provider or online_provider) is None:
        return "provider_missing"
    if method.provider is not None and method.provider not in ready:
        return "provider_not_ready"
    if method.holds_until_paid and method.kind in _AFTER_DELIVERY:
        return "paid_after_delivery"
    if method.holds_until_paid != (method.expires_minutes is not None):
        return "expiry_goes_with_the_hold"
    return None
