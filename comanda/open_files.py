"""How many files and sockets this process may have open: each open chat is one, and systems begin with 1,024."""

from __future__ import annotations

import resource
from contextlib import suppress

MOST = 65_536


def allow_many() -> int:
    """Raise this process's own bound as far as the system lets it, up to MOST. The bound as it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST if hard == resource.RLIM_INFINITY else min(hard, MOST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        # Some systems name a bound that they do not grant.
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
