"""Numbered steps on the terminal, each with the time it took."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT_S = 15.0


class Steps:
    """Counts to `total`, from `done` on: "[2/7] Rasa environment …" and then how it ended, in seconds."""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self.done = done
        self.began_at = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        self.done += 1
        step = Step(f"[{self.done}/{self.total}] {title}")
        say(f"{step.label} …")
        yield step
        say(f"{step.label} {step.outcome} ({_seconds(time.monotonic() - step.began_at)})")

    def elapsed(self) -> str:
        return _seconds(time.monotonic() - self.began_at)


class Step:
    """One step; set `outcome` to say how it ended if "done" says too little."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.outcome = "done"
        self.began_at = time.monotonic()


@contextmanager
def heartbeat(what: str) -> Iterator[None]:
    """Says now and then that a silent, long thing still goes on."""
    ended = threading.Event()
    began_at = time.monotonic()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_S):
            say(f"      {what}: {_seconds(time.monotonic() - began_at)}")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def say(line: str) -> None:
    """A line for the person at the terminal: standard error, so that standard output stays for results."""
    print(line, file=sys.stderr, flush=True)


def _seconds(duration_s: float) -> str:
    return f"{duration_s:.1f} s" if duration_s < 10 else f"{duration_s:.0f} s"
