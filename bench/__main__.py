"""`python -m bench [MEASUREMENT …]`: measure, print a table, write artifacts/bench.json. Default: nearly all."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import (
    allocation,
    cash,
    cycle,
    flood,
    growth,
    idle,
    inbox,
    memory,
    orders,
    overload,
    peers,
    receivables,
    search,
    soak,
    sockets,
    startup,
    turns,
    two_of_each,
    understanding,
    webhooks,
)
from bench.figures import Figure, table
from bench.running import running
from comanda.model import ensure_model
from comanda.progress import say
from comanda.project import ROOT

RESULTS = ROOT / "artifacts" / "bench.json"
# Each measures alone; `turns` and `memory` look at one running Comanda, the memory after the work.
ALONE: dict[str, Callable[[], list[Figure]]] = {
    "orders": orders.measure,
    "cycle": cycle.measure,
    "cash": cash.measure,
    "allocation": allocation.measure,
    "search": search.measure,
    "receivables": receivables.measure,
    "idle": idle.measure,
    "webhooks": webhooks.measure,
    "sockets": sockets.measure,
    "inbox": inbox.measure,
    "flood": flood.measure,
    "startup": startup.measure,
    "understanding": understanding.measure,
    "growth": growth.measure,
    "overload": overload.measure,
    "soak": soak.measure,
    "peers": peers.measure,
    "two-of-each": two_of_each.measure,
    "locks": two_of_each.locks,
}
TOGETHER = {"turns": turns.measure, "memory": memory.measure}
TITLES = {
    "orders": "Placing orders",
    "cycle": "From the customer's yes to the parcel that leaves",
    "cash": "Invoices and payments",
    "allocation": "Choosing the locations of an order",
    "search": "Searching the catalog",
    "receivables": "What customers owe, by how long it is overdue",
    "webhooks": "Signed webhooks, while processes are killed",
    "sockets": "Open web chats",
    "inbox": "What agents see of many conversations at once",
    "flood": "What good customers notice of a flood",
    "startup": "Waiting for Comanda",
    "understanding": "Understanding one message",
    "growth": "What it costs when there is more",
    "peers": "A turn beside stock Rasa's, parsing alone, and an echo",
    "two-of-each": "One and two of each process, and one of each killed",
    "locks": "Two of each while the Redis of Rasa's locks is hurt",
    "turns": "A customer's turn, message in to reply out",
    "memory": "Memory after these turns",
    "idle": "A worker with nothing to do",
    "overload": "Three times too much for a minute",
    "soak": "What is held after a long time",
}
# Only when they are named: they take long, or need programs that are not everywhere.
BY_NAME = frozenset({"overload", "soak", "growth", "peers", "two-of-each", "locks"})
# Someone else at work on the machine makes the figures worse than Comanda is.
QUIET_LOAD_PER_CPU = 0.3


def main() -> None:
    # Asked to end, it ends what it started, as on Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("measurement", nargs="*", choices=["all", *TITLES], default="all")
    chosen = parser.parse_args().measurement
    names = [name for name in TITLES if name in chosen or ("all" in chosen and name not in BY_NAME)]
    machine = _machine()
    print(_machine_line(machine), flush=True)
    ensure_model()
    figures = {}
    for name, measured in _measured(names):
        figures[name] = [figure.as_json() for figure in measured]
        print("\n" + table(TITLES[name], measured), flush=True)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine, "figures": figures}, ensure_ascii=False, indent=2) + "\n")
    print(f"\n{RESULTS.relative_to(ROOT)}")


def _measured(names: list[str]) -> Iterator[tuple[str, list[Figure]]]:
    for name, measure in ALONE.items():
        if name in names:
            say(f"measuring {name} …")
            yield name, measure()
    together = [name for name in TOGETHER if name in names]
    if together:
        with tempfile.TemporaryDirectory(prefix="comanda-bench-") as home:
            say("starting Comanda …")
            with running(Path(home)) as comanda:
                for name in together:
                    say(f"measuring {name} …")
                    yield name, TOGETHER[name](comanda)


def _machine() -> dict[str, Any]:
    """What the figures depend on."""
    revision = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "revision": revision.stdout.strip(),
        "cpus": len(os.sched_getaffinity(0)),
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def _machine_line(machine: dict[str, Any]) -> str:
    line = f"{machine['cpus']} CPUs, load {machine['load_before']}, Python {machine['python']}, {machine['revision']}"
    is_quiet = machine["load_before"] <= QUIET_LOAD_PER_CPU * machine["cpus"]
    return (
        line
        if is_quiet
        else f"{line}\nThe machine is busy with other things: the figures will be worse than Comanda is."
    )


if __name__ == "__main__":
    main()
