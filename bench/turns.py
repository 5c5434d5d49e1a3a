"""How long a customer waits for a reply, and how many customers are answered at once.

From the message into the socket to the first reply out of it, through the real web channel and every real process.
No visitor says more than a customer would: the assistant remembers a conversation, and gets slower with its length.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass

from bench.arrivals import arrivals
from bench.figures import Figure, percentile
from bench.running import Running
from bench.stages import stages
from bench.visitor import Turn, Visitor, visitor
from kernel.config import Settings

TURNS_OF_ONE = 15
VISITORS = 8
CUSTOMERS = 16
CROWD_S = 20.0
OPEN_PER_S = 10.0
OPEN_S = 20.0
OPEN_VISITORS = 40

MEDIAN_MS_MOST, P95_MS_MOST = 150, 400
PER_SECOND_LEAST = 20


@dataclass(frozen=True, slots=True)
class Message:
    """What a customer says, and what every answer to it has in it."""

    text: str
    reply: re.Pattern[str]


HELLO = Message("hola", re.compile("(?i)hola"))
THANKS = Message("gracias", re.compile("(?i)gusto"))
PRICE = Message("¿cuánto vale la leche entera?", re.compile(r"\$"))
KINDS = {"no OMS call": THANKS, "an OMS call": PRICE}


def measure(comanda: Running) -> list[Figure]:
    settings = comanda.settings
    figures: list[Figure] = []
    for name, message in KINDS.items():
        turns = asyncio.run(_one_after_the_other(settings, message))
        latencies_ms = [turn.latency_ms for turn in turns]
        figures += [
            Figure(f"{name}: median", statistics.median(latencies_ms), "ms", at_most=MEDIAN_MS_MOST),
            Figure(f"{name}: p95", percentile(latencies_ms, 95), "ms", at_most=P95_MS_MOST),
            *(Figure(f"{name}: … of which {stage}", ms, "ms") for stage, ms in stages(settings, turns).items()),
        ]
    used_before = _cpu_s(comanda)
    crowd, crowd_s = asyncio.run(_crowd(settings))
    used_s = {name: used - used_before[name] for name, used in _cpu_s(comanda).items()}
    waits_ms = asyncio.run(_open_loop(settings))
    return [
        *figures,
        Figure(f"{CUSTOMERS} customers at once", len(crowd) / crowd_s, "/s", at_least=PER_SECOND_LEAST),
        Figure(f"{CUSTOMERS} customers at once: p95", percentile([turn.latency_ms for turn in crowd], 95), "ms"),
        *(
            Figure(f"{CUSTOMERS} customers at once: CPU of {name}, per turn", 1000 * used / len(crowd), "ms")
            for name, used in used_s.items()
        ),
        Figure(f"{OPEN_PER_S:.0f}/s come by themselves: median", statistics.median(waits_ms), "ms"),
        Figure(f"{OPEN_PER_S:.0f}/s come by themselves: p95", percentile(waits_ms, 95), "ms"),
    ]


def _cpu_s(comanda: Running) -> dict[str, float]:
    """CPU seconds that each process has used so far, its own and the system's."""
    used = {name: process.cpu_times() for name, process in comanda.processes().items()}
    return {name: times.user + times.system for name, times in used.items()}


async def _one_after_the_other(settings: Settings, message: Message) -> list[Turn]:
    """One customer at a time, on a Comanda that does nothing else."""
    turns = []
    for _ in range(VISITORS):
        async with visitor(settings) as customer:
            # The first turn of a conversation makes the customer; that is not what is measured.
            await _say(customer, HELLO)
            turns += [await _say(customer, message) for _ in range(TURNS_OF_ONE - 1)]
    return turns


async def _crowd(settings: Settings) -> tuple[list[Turn], float]:
    """Customers who each write again as soon as they are answered; half of the messages need the OMS."""
    began_at = time.perf_counter()

    async def customers() -> list[Turn]:
        turns: list[Turn] = []
        while time.perf_counter() - began_at < CROWD_S:
            async with visitor(settings) as customer:
                for number in range(TURNS_OF_ONE):
                    if time.perf_counter() - began_at >= CROWD_S:
                        break
                    turns.append(await _say(customer, (THANKS, PRICE)[number % 2]))
        return turns

    turns = [turn for turns in await asyncio.gather(*(customers() for _ in range(CUSTOMERS))) for turn in turns]
    return turns, time.perf_counter() - began_at


async def _open_loop(settings: Settings) -> list[float]:
    """Customers who come when they come; how many ms each waited since then."""
    free: asyncio.Queue[Visitor] = asyncio.Queue()
    async with AsyncExitStack() as shop, asyncio.TaskGroup() as group:
        for _ in range(OPEN_VISITORS):
            free.put_nowait(await shop.enter_async_context(visitor(settings)))
        began_at = time.perf_counter()
        waits = []
        for number, moment in enumerate(arrivals(OPEN_PER_S, OPEN_S, seed=1)):
            await asyncio.sleep(began_at + moment - time.perf_counter())
            waits.append(group.create_task(_come(free, (THANKS, PRICE)[number % 2], began_at + moment)))
    return [wait.result() for wait in waits]


async def _come(free: asyncio.Queue[Visitor], message: Message, due_at: float) -> float:
    customer = await free.get()
    await _say(customer, message)
    free.put_nowait(customer)
    return (time.perf_counter() - due_at) * 1000


async def _say(customer: Visitor, message: Message) -> Turn:
    return await customer.say(message.text, message.reply)
