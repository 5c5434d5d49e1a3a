"""A storm that finds nothing may be a storm that looks at nothing: five bugs are planted, and each must be found."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from bench.storm.report import unexplained_of
from bench.storm.run import Crowd, storm
from bench.storm.stage import shop_of, stage

# What each is, and the check and the words by which it shows.
BUGS = {
    "reservation_not_locked": ("a reservation that another overwrites", "stock: reserved is not what is promised"),
    "key_not_kept": ("an Idempotency-Key that is not kept", "acts: acknowledged, but its key is not known"),
    "posted_twice": ("a payment that is booked twice", "money: the money in the books is not what came"),
    "answered_twice": ("a message that is answered twice", "messages: not answered once by its turn"),
    "move_missing": ("goods that leave without a stock move", "orders: the moves (issue) are not what was done"),
}
SECONDS = 5.0
# A bug goes wrong one time of three.
ENOUGH = {"place": 6, "ship": 5, "record payment": 4, "say": 8}
# Two who ship at once, and money that comes: every bug has something to show itself by.
CROWD = Crowd(buyers=6, chatters=1, texters=2, pickers=3, storekeepers=1)


def planted_found(say: Callable[[str], None], *, seed: int) -> set[str]:
    """The bugs that are found, each in a short storm of its own, without other faults."""
    found = set()
    with tempfile.TemporaryDirectory(prefix="comanda-storm-") as folder:
        template = Path(folder) / "shop"
        shop_of(template, {})
        for bug, (what, shows) in BUGS.items():
            seen = words_of_a_storm([bug], Path(folder) / bug, template, seed=seed)
            if shows in seen:
                found.add(bug)
            say(f"  planted: {what}: " + ("found" if shows in seen else "NOT FOUND") + f" ({'; '.join(sorted(seen))})")
    return found


def words_of_a_storm(
    bugs: Collection[str], folder: Path, template: Path, *, seed: int, seconds: float = SECONDS
) -> set[str]:
    """What no serial order explains of a calm storm with these bugs: each kind of finding once, by its check."""
    folder.mkdir(parents=True, exist_ok=True)
    with stage(folder, seed=seed, planted=bugs, template=template) as comanda:
        happened = asyncio.run(storm(comanda, seed, seconds, CROWD, calm=True, enough=ENOUGH))
        return {
            f"{check}: {odd.what}" for check, found in unexplained_of(comanda, happened)[0].items() for odd in found
        }
