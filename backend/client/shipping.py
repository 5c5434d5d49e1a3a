"""Parcels on their way, what carrying them costs, and the days the shop works."""

from __future__ import annotations

from datetime import date

from backend.client.wire import Wire, segment
from backend.schemas.calendar import CalendarAnswer, SpecialDayAnswer, SpecialDayFacts, Week
from backend.schemas.shipping import (
    CarrierAnswer,
    NewRate,
    NewTrackingEvent,
    RateAnswer,
    RateChange,
    StaffShipment,
    Tracking,
    ZoneAnswer,
    ZoneFacts,
)


class ShippingCalls(Wire):
    async def tracking(self, token: str) -> Tracking:
        """What a tracking link shows. Needs no authority but the link's own token."""
        return await self._get(Tracking, f"tracking/{segment(token)}")

    async def staff_shipment(self, number: str) -> StaffShipment:
        return await self._get(StaffShipment, f"staff/shipments/{segment(number)}")

    async def parcel_label(self, number: str) -> bytes:
        """A PDF."""
        return (await self._ask("GET", f"staff/shipments/{segment(number)}/label")).content

    async def enter_tracking_event(self, number: str, event: NewTrackingEvent, *, key: str) -> StaffShipment:
        return await self._send(StaffShipment, "POST", f"staff/shipments/{segment(number)}/events", event, key=key)

    async def carriers(self) -> list[CarrierAnswer]:
        return await self._list(CarrierAnswer, "staff/shipping/carriers")

    async def zones(self) -> list[ZoneAnswer]:
        return await self._list(ZoneAnswer, "staff/shipping/zones")

    async def put_zone(self, code: str, facts: ZoneFacts, *, key: str) -> ZoneAnswer:
        return await self._send(ZoneAnswer, "PUT", f"staff/shipping/zones/{segment(code)}", facts, key=key)

    async def remove_zone(self, code: str, *, key: str) -> ZoneAnswer:
        return await self._send(ZoneAnswer, "DELETE", f"staff/shipping/zones/{segment(code)}", None, key=key)

    async def rates(self) -> list[RateAnswer]:
        return await self._list(RateAnswer, "staff/shipping/rates")

    async def add_rate(self, rate: NewRate, *, key: str) -> RateAnswer:
        return await self._send(RateAnswer, "POST", "staff/shipping/rates", rate, key=key)

    async def change_rate(self, rate_id: str, price_minor: int, *, key: str) -> RateAnswer:
        body = RateChange(price_minor=price_minor)
        return await self._send(RateAnswer, "PATCH", f"staff/shipping/rates/{segment(rate_id)}", body, key=key)

    async def remove_rate(self, rate_id: str, *, key: str) -> RateAnswer:
        return await self._send(RateAnswer, "DELETE", f"staff/shipping/rates/{segment(rate_id)}", None, key=key)

    async def calendar(self) -> CalendarAnswer:
        return await self._get(CalendarAnswer, "staff/calendar")

    async def set_week(self, week: Week, *, key: str) -> CalendarAnswer:
        return await self._send(CalendarAnswer, "PUT", "staff/calendar/week", week, key=key)

    async def set_special_day(self, on_date: date, facts: SpecialDayFacts, *, key: str) -> SpecialDayAnswer:
        path = f"staff/calendar/special-days/{on_date.isoformat()}"
        return await self._send(SpecialDayAnswer, "PUT", path, facts, key=key)

    async def clear_special_day(self, on_date: date, *, key: str) -> SpecialDayAnswer:
        path = f"staff/calendar/special-days/{on_date.isoformat()}"
        return await self._send(SpecialDayAnswer, "DELETE", path, None, key=key)
