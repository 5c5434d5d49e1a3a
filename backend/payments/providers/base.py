"""What every payment provider can do. One file in this folder with a `@provider` function adds another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from kernel.config import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """What the provider is asked to collect. `key` is the same in every try of one payment."""

    key: str
    number: str
    order_number: str | None
    amount_minor: int
    currency: str
    description: str
    expires_at: datetime
    return_url: str


@dataclass(frozen=True, slots=True)
class Opened:
    """Where the customer pays, and the provider's own id of it."""

    provider_ref: str
    url: str


@dataclass(frozen=True, slots=True)
class ProviderEvent:
    """What a provider says of a payment; `kind` is one of EVENT_KINDS, `event_id` the provider's own, once each."""

    event_id: str
    provider_ref: str
    kind: str
    amount_minor: int | None
    currency: str | None
    happened_at: datetime
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SeenRefund:
    """Money that went back, or is on its way (`pending`), or came back again (`failed`).

    `number` is ours, as it was given to `refund`; None when the shop gave it back in the provider's own pages.
    """

    refund_ref: str
    amount_minor: int
    status: Literal["pending", "succeeded", "failed"]
    number: str | None


@dataclass(frozen=True, slots=True)
class SeenDispute:
    """What the customer's bank took back: `open` until it decides who keeps it."""

    amount_minor: int
    status: Literal["open", "won", "lost"]


@dataclass(frozen=True, slots=True)
class Seen:
    """How a payment stands at the provider, asked directly: what is true, whatever events came in which order.

    `status` is one of open, captured, failed, expired, cancelled; amounts are minor units, `fee_minor` what the
    provider keeps, of disputes too. `number` is the payment's, as it was asked for; `merchant` whose account the money
    is on (as the provider's own `merchant`); None for what a provider does not tell.
    """

    status: str
    captured_minor: int
    fee_minor: int
    currency: str
    number: str | None = None
    merchant: str | None = None
    charge_ref: str | None = None
    refunds: tuple[SeenRefund, ...] = ()
    dispute: SeenDispute | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A payment in a provider's own list, as it stands now. `number` is ours of it; None of what we never asked for.

    `fee_minor` is None where the list does not tell it, as of a payment that was disputed.
    """

    reference: str
    number: str | None
    captured_minor: int
    refunded_minor: int
    fee_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class Payout:
    """What the provider paid out to the shop's bank. Amounts are minor units."""

    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Day:
    """All payments of which something was captured or given back in a time, and what was paid out in it."""

    payments: Sequence[Listed]
    payouts: Sequence[Payout]


class Outcome(Exception):  # not an error of ours: what became of a call
    """The provider did not do what was asked. `is_known` False: nobody knows whether it did; ask again, same key."""

    def __init__(self, reason: str, *, is_known: bool) -> None:
        super().__init__(reason)
        self.reason, self.is_known = reason, is_known


class Provider(Protocol):
    """`code` is stored with payments and never changes. Every call but `read` may raise `Outcome`.

    `merchant` is whose account these keys are of, as `look` tells it; None when the provider does not.
    """

    code: str

    @property
    def merchant(self) -> str | None: ...

    def open(self, asked: Asked) -> Opened:
        """Make a page where the customer pays; the same `key` again gives the same one."""

    def look(self, provider_ref: str) -> Seen:
        """How it stands now."""

    def cancel(self, provider_ref: str) -> None:
        """Nobody pays there any more. One that was paid meanwhile stays paid: `look` tells."""

    def refund(self, provider_ref: str, key: str, number: str, amount_minor: int) -> str:
        """Give money back; the provider's id of it. The same `key` again is the same refund. `look` tells."""

    def day(self, since: datetime, until: datetime) -> Day:
        """What happened there from an instant to before another: its word, to be compared with our books."""

    def read(self, headers: Mapping[str, str], body: bytes) -> list[ProviderEvent]:
        """What a webhook says, its signature verified.

        Raises: PaymentSignatureRefused, UnreadablePaymentEvent.
        """


# Makes a provider of the settings; None without its keys.
Maker = Callable[[Settings], Provider | None]
_makers: dict[str, Maker] = {}


def provider(code: str) -> Callable[[Maker], Maker]:
    """Register what makes a provider."""

    def register(maker: Maker) -> Maker:
        assert code not in _makers, "a provider's code is its own"
        _makers[code] = maker
        return maker

    return register


def registered() -> Mapping[str, Maker]:
    return _makers
