"""What every carrier can do. One file in this folder with a `@carrier` class adds another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar

from backend.shipping.errors import UnknownTrackingEvent
from backend.shipping.models import EVENT_KINDS


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """What a carrier says of a parcel. `kind` is one of EVENT_KINDS; `event_id` is the carrier's own, once each.

    `received_by`, `proof` and `collected_minor` (the money that was taken at the door, in minor units of the order's
    currency) come with a delivery, `promised_on` with a delay.
    """

    event_id: str
    tracking_number: str
    kind: str
    happened_at: datetime
    place: str | None = None
    note: str | None = None
    received_by: str | None = None
    proof: dict[str, Any] | None = None
    promised_on: date | None = None
    collected_minor: int | None = None


@dataclass(frozen=True, slots=True)
class TableRate:
    """Minor units for a parcel of up to `up_to_g` grams into a zone, with one carrier."""

    carrier: str
    zone: str
    up_to_g: int
    price_minor: int


class Carrier(Protocol):
    """`code` is stored with parcels and never changes; `name` is what people read.

    A carrier may send signed webhooks where the shop has set a secret for its code.
    """

    code: str
    name: str

    def quote(self, rates: tuple[TableRate, ...], zone: str, weight_g: int) -> int | None:
        """Minor units for a parcel into a zone; None where this carrier does not go, or does not say beforehand."""

    def tracking_number(self, number: str, given: str | None) -> str:
        """The carrier's number for the parcel `number`; `given` is what the person who hands it over typed.

        Raises: TrackingNumberMissing.
        """

    def tracking_url(self, tracking_number: str) -> str | None:
        """Where the carrier itself shows the parcel, if it does."""

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[CarrierEvent]:
        """The events in a webhook whose signature was found genuine.

        Raises: UnknownTrackingEvent; ValueError or LookupError for what is no such webhook.
        """


_carriers: dict[str, Carrier] = {}
Class = TypeVar("Class", bound=type)


def carrier(made: Class) -> Class:
    """Register a carrier's class."""
    instance = made()
    assert instance.code not in _carriers, "a carrier's code is its own"
    _carriers[instance.code] = instance
    return made


def registered() -> Mapping[str, Carrier]:
    return _carriers


def cheapest(rates: tuple[TableRate, ...], carrier: str, zone: str, weight_g: int) -> int | None:
    """The price of the lightest rate that carries the weight; None when none does."""
    fitting = [rate for rate in rates if (rate.carrier, rate.zone) == (carrier, zone) and weight_g <= rate.up_to_g]
    return min(fitting, key=lambda rate: rate.up_to_g).price_minor if fitting else None


def read_plain_webhook(body: bytes) -> list[CarrierEvent]:
    """The events of our own plain webhook, which a carrier without one of its own can send:

    `{"events": [{"id", "tracking_number", "kind", "happened_at", "place"?, "note"?, "received_by"?, "photo"?,
    "promised_on"?, "collected_minor"?}]}`.

    Raises: UnknownTrackingEvent, ValueError, LookupError.
    """
    return [_plain_event(item) for item in json.loads(body)["events"]]


def _plain_event(item: dict[str, Any]) -> CarrierEvent:
    kind = item["kind"]
    if kind not in EVENT_KINDS:
        raise UnknownTrackingEvent(kind=str(kind)[:40], kinds=list(EVENT_KINDS))
    happened_at = datetime.fromisoformat(item["happened_at"])
    if happened_at.tzinfo is None:
        raise ValueError("an instant names its zone")
    photo, collected_minor = item.get("photo"), item.get("collected_minor")
    if collected_minor is not None and (type(collected_minor) is not int or not 0 <= collected_minor <= 10**13):
        raise ValueError("not an amount of money")
    return CarrierEvent(
        event_id=_text(item["id"], 120),
        tracking_number=_text(item["tracking_number"], 80),
        kind=kind,
        happened_at=happened_at,
        place=_text(item.get("place"), 120),
        note=_text(item.get("note"), 300),
        received_by=_text(item.get("received_by"), 120),
        proof={"photo": _text(photo, 300)} if photo else None,
        promised_on=date.fromisoformat(item["promised_on"]) if item.get("promised_on") else None,
        collected_minor=collected_minor,
    )


def _text(value: Any, limit: int) -> Any:
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= limit and value.isprintable()):
        raise ValueError("not a text of that length")
    return value
