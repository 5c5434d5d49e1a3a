"""The shop's own van: rates by zone and weight from the table, tracking numbers of our own."""

from __future__ import annotations

from collections.abc import Mapping

from backend.shipping.carriers.base import CarrierEvent, TableRate, carrier, cheapest, read_plain_webhook


@carrier
class TableRateCarrier:
    code = "table_rate"
    name = "Domicilio propio"

    def quote(self, rates: tuple[TableRate, ...], zone: str, weight_g: int) -> int | None:
        return cheapest(rates, self.code, zone, weight_g)

    def tracking_number(self, number: str, given: str | None) -> str:
        """The parcel's own number: nobody types one in."""
        return given or number

    def tracking_url(self, tracking_number: str) -> str | None:
        return None

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> list[CarrierEvent]:
        return read_plain_webhook(body)
