"""Any courier without a connection of its own: staff type in its number and link, and what they hear of the parcel."""

from __future__ import annotations

from collections.abc import Mapping

from backend.shipping.carriers.base import CarrierEvent, TableRate, carrier, cheapest, read_plain_webhook
from backend.shipping.errors import TrackingNumberMissing


@carrier
class ManualCarrier:
    code = "manual"
    name = "Mensajería"

    def quote(self, rates: tuple[TableRate, ...], zone: str, weight_g: int) -> int | None:
        return cheapest(rates, self.code, zone, weight_g)

    def tracking_number(self, number: str, given: str | None) -> str:
        if not given:
            raise TrackingNumberMissing(carrier=self.code)
        return given

    def tracking_url(self, tracking_number: str) -> str | None:
        return None

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[CarrierEvent]:
        return read_plain_webhook(body)
