"""The few facts about the shop that every page needs, asked for now and then."""

from __future__ import annotations

import time

from backend.client import BackendClient
from kernel.errors import ComandaError

FRESH_S = 300.0
RETRY_S = 15.0


class ShopFacts:
    """Answers from memory; a shop that cannot be reached is shown in UTC rather than not at all."""

    def __init__(self) -> None:
        self._time_zone = "UTC"
        self._ask_again_at = 0.0

    async def time_zone(self, oms: BackendClient) -> str:
        if time.monotonic() >= self._ask_again_at:
            self._ask_again_at = time.monotonic() + RETRY_S
            try:
                self._time_zone = (await oms.shop()).time_zone
                self._ask_again_at = time.monotonic() + FRESH_S
            except ComandaError:
                pass
        return self._time_zone
