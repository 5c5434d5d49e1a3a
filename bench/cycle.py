"""How many orders a second go the whole way through the warehouse: placed, picked, packed, shipped, over HTTP.

Per database, in one run and through one client: an empty endpoint of the same server, then whole cycles. A cycle is as
many calls as it takes (`calls`), so the share is what is left of the empty endpoint's rate when each of them does its
work: it depends on the machine far less than the cycles a second.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import httpx

from backend.client import BackendClient
from backend.schemas.fulfillment import Fulfillment, PackParcel, Pick
from bench.confirmed_carts import ConfirmedCart, confirmed_carts
from bench.databases import KINDS, Databases
from bench.figures import Figure, percentile, rate
from bench.orders import bench_settings, oms_server
from kernel.config import Settings
from kernel.tokens import Principal, mint

WORKERS = 8
ROUNDS = 3
PER_ROUND = 60
WARM_UP = 16
CARRIER = "table_rate"
Work = TypeVar("Work")
# place, queue of the order's part, start picking, pick, pack, ship
CALLS = 6


def measure() -> list[Figure]:
    return [figure for kind in KINDS for figure in _measure(kind)]


def _measure(kind: str) -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comanda-cycle-") as name, KINDS[kind](Path(name)) as databases:
        settings = bench_settings(Path(name), databases.create("origin"))
        carts = confirmed_carts(settings, WARM_UP + ROUNDS * PER_ROUND)
        return asyncio.run(_run(kind, settings, databases, carts))


async def _run(kind: str, settings: Settings, databases: Databases, carts: Sequence[ConfirmedCart]) -> list[Figure]:
    empty: list[float] = []
    whole: list[float] = []
    taken_ms: list[float] = []
    with oms_server(settings, databases, orders=len(carts)) as port:
        async with _warehouse(settings, port) as oms:

            async def cycle(cart: ConfirmedCart) -> None:
                began_at = time.perf_counter()
                await _cycle(oms, cart)
                taken_ms.append((time.perf_counter() - began_at) * 1000)

            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

                async def noop(_number: int) -> None:
                    (await client.post("/noop")).raise_for_status()

                await _at_once(carts[:WARM_UP], cycle)
                taken_ms.clear()
                for first in range(WARM_UP, len(carts), PER_ROUND):
                    empty.append(await _at_once(range(PER_ROUND * CALLS), noop))
                    whole.append(await _at_once(carts[first : first + PER_ROUND], cycle))
    cycles = rate(whole)
    return [
        Figure(f"{kind}: empty endpoint, {WORKERS} callers", rate(empty), "/s"),
        Figure(f"{kind}: place → pick → pack → ship, {WORKERS} people", cycles, "/s"),
        Figure(f"{kind}: a whole cycle ({CALLS} calls), p95", percentile(taken_ms, 95), "ms"),
        Figure(f"{kind}: share of the empty endpoint, call for call", 100 * cycles * CALLS / rate(empty), "%"),
    ]


async def _at_once(works: Sequence[Work], do: Callable[[Work], Awaitable[None]]) -> float:
    """Do all of them, WORKERS at a time; how many a second."""
    waiting = iter(works)

    async def worker() -> None:
        for work in waiting:
            await do(work)

    began_at = time.perf_counter()
    await asyncio.gather(*(worker() for _ in range(WORKERS)))
    return len(works) / (time.perf_counter() - began_at)


@asynccontextmanager
async def _warehouse(settings: Settings, port: int) -> AsyncIterator[BackendClient]:
    someone = Principal("staff", "bench", grants=frozenset({"role:warehouse"}))
    oms = BackendClient(f"http://127.0.0.1:{port}", mint(someone, settings.signing_key(), timedelta(hours=1)))
    try:
        yield oms
    finally:
        await oms.close()


async def _cycle(oms: BackendClient, cart: ConfirmedCart) -> None:
    order = await oms.with_token(cart.token).place_order(cart.confirmation)
    part: Fulfillment = await oms.fulfillment(f"{order.number}-1")
    part = await oms.start_picking(part.number, part.version, key=str(uuid4()))
    picks = [Pick(line=line.id, quantity=line.quantity) for line in part.lines]
    part = await oms.pick_order(part.number, part.version, picks, key=str(uuid4()))
    part = await oms.pack_order(part.number, part.version, [PackParcel()], key=str(uuid4()))
    part = await oms.ship_order(part.number, part.version, CARRIER, key=str(uuid4()))
    assert part.status == "shipped", f"{part.number} is {part.status}"
