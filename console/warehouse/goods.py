"""What goods are called, and which a scanned or typed code means."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from backend.client import BackendClient
from kernel.errors import NotFound


async def names_of(oms: BackendClient, skus: Iterable[str], language: str) -> dict[str, str]:
    """The names of variants; of one that is not sold any more its sku."""
    wanted = sorted(set(skus))
    return dict(zip(wanted, await asyncio.gather(*(_name(oms, sku, language) for sku in wanted)), strict=True))


async def _name(oms: BackendClient, sku: str, language: str) -> str:
    try:
        name: str = getattr((await oms.variant(sku)).names, language)
    except NotFound:
        return sku
    return name


async def sku_of(oms: BackendClient, code: str) -> str:
    """The sku that a code on a package means; what is no such code is a sku itself."""
    try:
        return (await oms.barcode(code)).sku
    except NotFound:
        return code.upper()
