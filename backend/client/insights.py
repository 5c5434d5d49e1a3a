"""How sales went."""

from __future__ import annotations

from datetime import date

from backend.client.wire import Wire
from backend.schemas.insights import SalesInsights


class InsightCalls(Wire):
    async def sales_insights(self, since: date | None = None, through: date | None = None) -> SalesInsights:
        """How far the orders of these days of the shop's have come; by default of the last thirty."""
        given = {name: day and day.isoformat() for name, day in (("since", since), ("through", through))}
        return await self._get(SalesInsights, "staff/insights", **given)
