"""What goes wrong, and when: drawn from the seed, one after the other."""

from __future__ import annotations

import asyncio
import os
import random
import resource
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from bench.storm.acting import World
from bench.storm.stage import File, Stage

FIRST_S, BETWEEN_S = 2.0, (2.5, 6.0)
FULL_S, STOPPED_S = 1.5, 2.0
# What was put off while a clock ran ahead waits for it: so they are no longer than the quiet can bear.
JUMPS = (timedelta(seconds=90), timedelta(seconds=-90), timedelta(seconds=40))
JUMPED_S = 4.0
# Of the faults so many let everything come back before the next; the others do not.
RECOVERS, RECOVERY_S = 0.8, 120.0


class Faults:
    """`met` counts them."""

    def __init__(self, world: World, stage: Stage, *, only: frozenset[str] | None = None) -> None:
        self._world, self._stage = world, stage
        self._chance = random.Random(f"{world.seed} faults")
        self.met: Counter[str] = Counter()
        self._kinds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            **{f"kill -9 {name}": (3, self._killing(name)) for name in stage.names},
            "kill -9 web and worker": (1, self._kill_both),
            "stopped for 2 s": (1, self._stop),
        }
        if isinstance(stage.store, File):
            self._kinds["disk full"] = (2, self._fill_disk)
        else:
            self._kinds["database restarted"] = (2, self._restart_database)
        if stage.clock_file is not None:
            self._kinds["clock jumped"] = (2, self._jump)

    async def strike(self) -> None:
        """Until the storm is over."""
        await asyncio.sleep(FIRST_S)
        names = list(self._kinds)
        weights = [self._kinds[name][0] for name in names]
        while not self._world.is_over:
            name = self._chance.choices(names, weights)[0]
            self.met[name] += 1
            self._world.history.begin("the storm", "fault", "", what=name)
            await self._kinds[name][1]()
            if self._chance.random() < RECOVERS:
                await asyncio.to_thread(self._until_ready)
            await asyncio.sleep(self._chance.uniform(*BETWEEN_S))

    def _until_ready(self) -> None:
        """On a slow machine nothing but starting would go on otherwise."""
        deadline = time.monotonic() + RECOVERY_S
        while time.monotonic() < deadline and not self._stage.is_ready():
            time.sleep(0.3)

    def _killing(self, name: str) -> Callable[[], Awaitable[None]]:
        async def kill() -> None:
            self._signal(name, signal.SIGKILL)

        return kill

    async def _kill_both(self) -> None:
        self._signal("web", signal.SIGKILL)
        self._signal("worker", signal.SIGKILL)

    async def _stop(self) -> None:
        """Nothing is lost, everything is late."""
        name = self._chance.choice(("web", "worker"))
        self._signal(name, signal.SIGSTOP)
        await asyncio.sleep(STOPPED_S)
        self._signal(name, signal.SIGCONT)

    async def _fill_disk(self) -> None:
        """No file may grow: what is written fails, as on a disk that is full. Files are as they were afterwards."""
        changed = []
        for name in ("web", "worker"):
            pid = self._stage.pid(name)
            with suppress(ProcessLookupError, TypeError):
                before = resource.prlimit(pid, resource.RLIMIT_FSIZE)  # type: ignore[arg-type]
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, before[1]))  # type: ignore[arg-type]
                changed.append((pid, before))
        await asyncio.sleep(FULL_S)
        for pid, before in changed:
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, before)  # type: ignore[arg-type]

    async def _restart_database(self) -> None:
        await asyncio.to_thread(self._stage.restart_database)

    async def _jump(self) -> None:
        self._move_clocks(self._chance.choice(JUMPS))
        await asyncio.sleep(JUMPED_S)
        self._move_clocks(timedelta())

    def _move_clocks(self, shift: timedelta) -> None:
        self._stage.jump(shift)
        self._world.shift = shift

    def _signal(self, name: str, number: signal.Signals) -> None:
        pid = self._stage.pid(name)
        with suppress(ProcessLookupError):
            if pid is not None:
                os.kill(pid, number)
