"""Run in Rasa's environment: how long the assistant takes to understand each of the messages on stdin."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

from rasa.core.agent import Agent

# The first ones wait for what is read once.
_FIRST = 20


async def _read(model: Path, texts: list[str]) -> dict[str, list[float]]:
    agent = Agent.load(str(model))
    for text in texts[:_FIRST]:
        await agent.parse_message(text)
    taken: dict[str, list[float]] = {"new_ms": [], "again_ms": [], "several_ms": [], "cpu_ms": []}
    for text in texts[_FIRST:]:
        began_at, used = time.perf_counter(), time.process_time()
        parsed = await agent.parse_message(text)
        taken["cpu_ms"].append(1000 * (time.process_time() - used))
        taken["new_ms"].append(1000 * (time.perf_counter() - began_at))
        if parsed.get("wishes"):
            taken["several_ms"].append(taken["new_ms"][-1])
        began_at = time.perf_counter()
        await agent.parse_message(text)
        taken["again_ms"].append(1000 * (time.perf_counter() - began_at))
    return taken


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_read(Path(sys.argv[1]), json.load(sys.stdin)))))
