"""How much one visitor may send."""

from __future__ import annotations

import time
from collections import deque


class Window:
    """At most `limit` in any `period_s` seconds, by a clock that never jumps."""

    def __init__(self, limit: int, period_s: float) -> None:
        self._limit = limit
        self._period_s = period_s
        self._moments: deque[float] = deque()

    def allow(self, *, spare: int = 0) -> bool:
        """One more, if afterwards `spare` are still allowed at once."""
        if self.wait_s() > 0 or len(self._moments) >= self._limit - spare:
            return False
        self._moments.append(time.monotonic())
        return True

    def wait_s(self) -> float:
        """How long until one more is allowed."""
        now = time.monotonic()
        while self._moments and now - self._moments[0] >= self._period_s:
            self._moments.popleft()
        return self._moments[0] + self._period_s - now if len(self._moments) >= self._limit else 0.0

    def is_idle(self) -> bool:
        return not self._moments or time.monotonic() - self._moments[-1] >= self._period_s


class Windows:
    """One window per key, for as many keys as are in use lately."""

    _MANY = 10_000

    def __init__(self, limit: int, period_s: float) -> None:
        self._limit = limit
        self._period_s = period_s
        self._windows: dict[str, Window] = {}

    def allow(self, key: str) -> bool:
        return self.of(key).allow()

    def of(self, key: str) -> Window:
        if len(self._windows) > self._MANY:
            self._windows = {k: window for k, window in self._windows.items() if not window.is_idle()}
        return self._windows.setdefault(key, Window(self._limit, self._period_s))
