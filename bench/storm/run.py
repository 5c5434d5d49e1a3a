"""One storm from its beginning to the quiet after it."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Coroutine, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.client import BackendClient
from bench.storm import staff
from bench.storm.acting import World
from bench.storm.customers import Buyer, Chatter, Texter
from bench.storm.faults import Faults
from bench.storm.history import History
from bench.storm.stage import Stage
from kernel.db import Database

SKUS = ("LECHE-ENTERA-1L", "ARROZ-1KG", "PAN-TAJADO-BLANCO-450")
ENDING_S, QUIET_S = 30.0, 240.0
LOOK_S, LONGEST_S = 0.5, 240.0
LATER = timedelta(minutes=8)
# What still goes on by itself: turns, what is sent, events on their way, money on its way to or from a provider.
_GOING_ON = (
    "SELECT count(*) FROM bot_turn WHERE status = 'received'",
    "SELECT count(*) FROM bot_outgoing WHERE status IN ('queued', 'sending')",
    "SELECT count(*) FROM oms_payment WHERE status = 'unknown'",
    "SELECT count(*) FROM oms_refund WHERE status IN ('sent', 'unknown') OR (status = 'approved' AND way = 'provider')",
)
_PAID_HERE = "SELECT provider_ref FROM oms_payment WHERE captured_minor > 0 AND provider_ref IS NOT NULL"


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many of each."""

    buyers: int = 6
    chatters: int = 3
    texters: int = 4
    pickers: int = 2
    storekeepers: int = 2


@dataclass
class Storm:
    """What happened: everything that the checks need beside the database."""

    history: History
    faults: Counter[str]
    lasted_s: float
    quiet_after_s: float
    left_over: int


async def storm(
    stage: Stage,
    seed: int,
    seconds: float,
    crowd: Crowd | None = None,
    *,
    calm: bool = False,
    enough: Mapping[str, int] | None = None,
) -> Storm:
    """People for so long, faults among them unless it is `calm`; then the quiet in which all is brought to its end.

    On a slow machine it goes on until there was `enough`: by kind, how many operations went well.
    """
    crowd = crowd or Crowd()
    world = World(stage.settings, History(), seed, skus=SKUS)
    async with BackendClient(stage.settings.backend_url) as oms:
        await staff.set_up(world, oms)
        people: list[Coroutine[Any, Any, None]] = [
            *(Buyer(world, f"buyer-{n}", oms).live() for n in range(crowd.buyers)),
            *(Chatter(world, f"chatter-{n}", oms).live() for n in range(crowd.chatters)),
            *(Texter(world, f"texter-{n}", oms, n).live() for n in range(crowd.texters)),
        ]
        for kind, role, count in (
            (staff.Picker, "warehouse", crowd.pickers),
            (staff.Storekeeper, "admin", crowd.storekeepers),
            (staff.Returner, "admin", 1),
            (staff.Cashier, "admin", 1),
            (staff.Agent, "agent", 1),
        ):
            people += [
                staff.member(world, f"{kind.__name__.lower()}-{n}", oms, kind, role).live()  # type: ignore[attr-defined]
                for n in range(count)
            ]
        faults = Faults(world, stage)
        tasks = [asyncio.create_task(each) for each in people]
        striking = asyncio.create_task(faults.strike()) if not calm else None
        stage.failing(not calm)
        began_at = time.monotonic()
        while (lasts_s := time.monotonic() - began_at) < seconds or not (
            lasts_s > seconds + LONGEST_S or _is_enough(world.history, enough or {})
        ):
            done, _ = await asyncio.wait(tasks, timeout=LOOK_S, return_when=asyncio.FIRST_EXCEPTION)
            for task in done:
                task.result()
        world.is_over = True
        if striking is not None:
            # A fault that has begun is brought to its end: what was stopped goes on, the disk has room again.
            await striking
        stage.failing(False)
        lasted_s = time.monotonic() - began_at
        await asyncio.to_thread(stage.wait_until_ready)
        finished, late = await asyncio.wait(tasks, timeout=ENDING_S)
        for task in late:
            task.cancel()
        for task in finished:
            task.result()
        quiet_at = time.monotonic()
        if stage.clock_file is not None:
            # What is looked at after minutes is looked at now.
            stage.jump(LATER)
            world.shift = LATER
        left_over = await asyncio.to_thread(_calm_down, stage)
        with suppress(Exception):
            keeper = staff.member(world, "closer", oms, staff.Storekeeper, "admin")
            for sku in SKUS:
                await keeper.look(sku)
    return Storm(world.history, faults.met, lasted_s, time.monotonic() - quiet_at, left_over)


def _paid_there(stage: Stage) -> set[str]:
    """What was paid at the provider: the books hear of it, or ask."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(stage.settings.home / "demo-provider.db")) as provider:
        return {row[0] for row in provider.execute("SELECT id FROM payment WHERE status = 'captured'")}
    return set()


def _is_enough(history: History, enough: Mapping[str, int]) -> bool:
    return all(sum(1 for _ in history.of(kind, outcome="ok")) >= count for kind, count in enough.items())


def _calm_down(stage: Stage) -> int:
    """Wait until nothing goes on by itself any more; what still does when the patience is over."""
    database = Database(stage.settings.database_url)
    deadline, left = time.monotonic() + QUIET_S, -1
    try:
        while time.monotonic() < deadline:
            with suppress(SQLAlchemyError), database.read() as session:
                left = sum(session.scalar(text(each)) or 0 for each in _GOING_ON)
                left += len(_paid_there(stage) - set(session.scalars(text(_PAID_HERE))))
                if left == 0:
                    break
            time.sleep(0.5)
    finally:
        database.dispose()
    return left
