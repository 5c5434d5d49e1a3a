"""`python -m comanda.prefork`: the public process, forked from one that has loaded everything and serves nothing.

Killed outright, by the system for its memory or by a fault in a library, it is back in a fraction of a second, for
nothing is loaded anew. Whoever comes meanwhile waits at the port, which the parent holds open, and is not refused.
"""

from __future__ import annotations

import gc
import math
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from types import FrameType

from comanda import web
from comanda.process_identity import end_with
from kernel.config import get_settings

# Killed again so soon, it is not well: whoever looks after us decides when to try again.
WELL_AFTER_S = 5.0
# The port may still be held by what a killed parent leaves behind, for as long as the system takes to end it.
PORT_PATIENCE_S, PORT_POLL_S = 3.0, 0.05
# As many as uvicorn lets wait.
BACKLOG = 2048
ENDING = (signal.SIGTERM, signal.SIGINT)


def main() -> None:
    settings = get_settings()
    listener = _listen(settings.host, settings.port)
    # Pages of memory that nobody writes to are shared with the child; a look for garbage would write to them all.
    gc.collect()
    gc.freeze()
    _Parent(listener).fork_whenever_killed()
    web.main(listener)


class _Parent:
    """`fork_whenever_killed` returns in each child; the parent ends with the last of them, with its code."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._child = 0
        self._is_ending = False

    def fork_whenever_killed(self) -> None:
        fell_at = -math.inf
        while self._fork():
            _, status = os.waitpid(self._child, 0)
            code = os.waitstatus_to_exitcode(status)
            was_killed = code < 0 and -code not in ENDING
            if self._is_ending or not was_killed or time.monotonic() - fell_at < WELL_AFTER_S:
                sys.exit(0 if self._is_ending else abs(code))
            fell_at = time.monotonic()

    def _fork(self) -> bool:
        """Whether this is the parent. Nobody asks it to end before it knows whom to pass that on to."""
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        parent = os.getpid()
        self._child = os.fork()
        if self._child:
            for number in ENDING:
                signal.signal(number, self._end)
        else:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            end_with(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        return bool(self._child)

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._is_ending = True
        # Who comes now is refused at once, and does not wait for a server that ends.
        self._listener.close()
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGTERM)


def _listen(host: str, port: int) -> socket.socket:
    """Raises: OSError when the port is another's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + PORT_PATIENCE_S
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=BACKLOG)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PORT_POLL_S)


if __name__ == "__main__":
    main()
