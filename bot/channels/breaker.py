"""A provider that is away: who finds out tells all who would ask it, and one at a time looks whether it is back."""

from __future__ import annotations

import random
import threading
import time

# So many messages, with none that went between them: fewer are an accident, and one may be at fault itself.
OPENS_AFTER = 5
HOLD_MIN_S, HOLD_MAX_S = 2.0, 30.0
# So many looks in vain, and the wait grows no more.
LONGEST_AFTER = 4
# While one looks, the others wait.
PROBE_S = 5.0
# Those who wait come back spread over so much of their wait more.
SPREAD = 0.5


class Breaker:
    """Of one account at one provider. Safe to use from several threads; of this process alone.

    Open: nobody asks for `HOLD_MIN_S` to `HOLD_MAX_S`, longer with every look in vain. The first who comes then looks;
    when that works it is closed.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed: set[str] = set()
        self._looks = 0
        self._open_until = 0.0

    @property
    def is_open(self) -> bool:
        return len(self._failed) >= OPENS_AFTER

    def wait_s(self) -> float:
        """How long not to ask; 0 for whoever may. Of an open one that is over only one gets that."""
        with self._lock:
            if not self.is_open:
                return 0.0
            now = time.monotonic()
            if now < self._open_until:
                return (self._open_until - now) * random.uniform(1.0, 1.0 + SPREAD)  # noqa: S311
            self._open_until = now + PROBE_S
            return 0.0

    def failed(self, what: str) -> None:
        """It is not there, or cannot serve anyone; `what` was asked of it."""
        with self._lock:
            if not self.is_open:
                self._failed.add(what)
            if self.is_open:
                self._open_until = time.monotonic() + min(HOLD_MIN_S * 2.0**self._looks, HOLD_MAX_S)
                # No further: an outage of days is a number that does not end.
                self._looks = min(self._looks + 1, LONGEST_AFTER)

    def worked(self) -> None:
        """It answered, whatever it said."""
        with self._lock:
            self._failed.clear()
            self._looks = 0
