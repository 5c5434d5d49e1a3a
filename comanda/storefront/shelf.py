"""What the shop sells, as its page shows it: read from the OMS now and then, kept in between."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import httpx

from backend.client import BackendClient
from backend.schemas.catalog import Category, Variant
from backend.schemas.shop import Shop
from kernel import tokens
from kernel.config import Settings
from kernel.errors import ComandaError

FRESH_S = 60.0
TOKEN_LIFETIME = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Shelves:
    shop: Shop
    categories: list[Category]
    variants: dict[str, list[Variant]]


class Shelf:
    """The catalog of the last minute. Of many who ask for a new one at once, one fetches it."""

    def __init__(self, settings: Settings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._settings = settings
        self._transport = transport
        self._lock = asyncio.Lock()
        self._shelves: Shelves | None = None
        self._read_at = 0.0

    async def shelves(self) -> Shelves:
        """Raises: the refusals of `BackendClient`, while there is no earlier answer to go on with."""
        async with self._lock:
            if self._shelves is None:
                self._shelves = await self._read()
            elif time.monotonic() - self._read_at > FRESH_S:
                with suppress(ComandaError):
                    self._shelves = await self._read()
            return self._shelves

    async def _read(self) -> Shelves:
        principal = tokens.Principal(role="service", subject="storefront")
        proof = tokens.mint(principal, self._settings.signing_key(), TOKEN_LIFETIME)
        async with BackendClient(self._settings.backend_url, proof, self._transport) as oms:
            shop, categories = await asyncio.gather(oms.shop(), oms.categories())
            variants = await asyncio.gather(*(oms.category_variants(category.code) for category in categories))
        self._read_at = time.monotonic()
        codes = (category.code for category in categories)
        return Shelves(shop, categories, dict(zip(codes, variants, strict=True)))
