"""The shop's name, as the OMS knows it, for the head of the chat."""

from __future__ import annotations

import time
from datetime import timedelta

from backend.client import BackendClient
from kernel import tokens
from kernel.config import Settings
from kernel.errors import ComandaError

_FRESH_S = 300.0
_RETRY_S = 5.0


class ShopName:
    """Asks now and then, never makes a customer wait for it twice, and is "" until the OMS has answered once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._name = ""
        self._ask_again_at = 0.0

    async def __call__(self) -> str:
        if time.monotonic() >= self._ask_again_at:
            # Set before asking: the others who come meanwhile take the old name.
            self._ask_again_at = time.monotonic() + _RETRY_S
            proof = tokens.mint(
                tokens.Principal(role="service", subject="bot"), self._settings.signing_key(), timedelta(minutes=1)
            )
            try:
                async with BackendClient(self._settings.backend_url, proof) as oms:
                    self._name = (await oms.shop()).name
                self._ask_again_at = time.monotonic() + _FRESH_S
            except ComandaError:
                pass
        return self._name
