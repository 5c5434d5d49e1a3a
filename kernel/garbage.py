"""The collector of garbage, in a process that serves."""

from __future__ import annotations

import gc

# Objects made and not gone before the youngest are looked at; Python's own 700 is less than one request makes.
YOUNGEST_MOST = 10_000


def spare_what_stays() -> None:
    """What has been loaded stays as long as the process: leave it out of every look from now on.

    A look at all of `web`'s objects holds up everything it does: 100 ms with nothing open, 200 ms with 500 chats.
    Call it once everything is loaded.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST_MOST, *gc.get_threshold()[1:])
