"""Does it hold more the longer it runs? Every process under half of what it can do, for `SOAK_MINUTES` (30).

Resident memory and open files are looked at every few seconds; after a warm-up of a fifth of the time their slope is
what counts, by least squares.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
import time
from pathlib import Path

from bench.figures import Figure
from bench.running import Running, running
from bench.turns import HELLO, PRICE, THANKS, TURNS_OF_ONE
from bench.visitor import visitor

MINUTES = float(os.environ.get("SOAK_MINUTES", "30"))
# Half of the 20 turns a second to aim at, by so many who each write again after a while.
CUSTOMERS, PAUSE_S = 10, 1.0
LOOK_EVERY_S = 5.0
WARM_UP_SHARE = 0.2
MB_A_MINUTE_MOST = 1.0
FILES_A_MINUTE_MOST = 0.5
Look = tuple[float, dict[str, tuple[float, int]]]


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="comanda-soak-") as home, running(Path(home)) as comanda:
        turns, looks = asyncio.run(_soaked(comanda))
    settled = [look for look in looks if look[0] >= WARM_UP_SHARE * MINUTES]
    minutes = [at for at, _ in settled]
    figures = [Figure("it lasted", MINUTES, "min"), Figure("turns", turns, "")]
    for name in settled[0][1]:
        mb = [held[name][0] for _, held in settled]
        files = [held[name][1] for _, held in settled]
        figures += [
            Figure(f"{name}: resident in the end", mb[-1], "MB"),
            Figure(f"{name}: … more every minute", _slope(minutes, mb), "MB", at_most=MB_A_MINUTE_MOST),
            Figure(f"{name}: … files more every minute", _slope(minutes, files), "", at_most=FILES_A_MINUTE_MOST),
        ]
    return figures


def _slope(at: list[float], values: list[float] | list[int]) -> float:
    return statistics.linear_regression(at, values).slope


async def _soaked(comanda: Running) -> tuple[int, list[Look]]:
    began_at, turns, looks = time.monotonic(), 0, []

    def minutes() -> float:
        return (time.monotonic() - began_at) / 60

    async def customers() -> None:
        nonlocal turns
        while minutes() < MINUTES:
            async with visitor(comanda.settings) as customer:
                for number in range(TURNS_OF_ONE):
                    said = (HELLO, THANKS, PRICE)[number % 3]
                    await customer.say(said.text, said.reply)
                    turns += 1
                    await asyncio.sleep(PAUSE_S)

    load = asyncio.gather(*(customers() for _ in range(CUSTOMERS)))
    while minutes() < MINUTES and not load.done():
        looks.append((minutes(), _held(comanda)))
        await asyncio.sleep(LOOK_EVERY_S)
    await load
    return turns, looks


def _held(comanda: Running) -> dict[str, tuple[float, int]]:
    """Resident MB and open files of each process."""
    return {name: (each.memory_info().rss / 1e6, each.num_fds()) for name, each in comanda.processes().items()}
