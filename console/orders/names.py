"""Who the customers of several orders are, by name."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from backend.client import BackendClient
from kernel.errors import NotFound


async def customers_of(oms: BackendClient, ids: Iterable[str]) -> dict[str, str]:
    """The names of customers who have said one."""
    wanted = sorted(set(ids))
    found = await asyncio.gather(*(_name(oms, each) for each in wanted))
    return {each: name for each, name in zip(wanted, found, strict=True) if name}


async def _name(oms: BackendClient, customer_id: str) -> str | None:
    try:
        return (await oms.staff_customer(customer_id)).name
    except NotFound:
        return None
