"""HTTP between our own processes: one way to call a neighbour."""

from __future__ import annotations

import httpx

from kernel import tls

TIMEOUT = httpx.Timeout(10.0, connect=2.0)
# A connection is let go before the server ends it, so that none is used in the moment in which that happens. How many
# lie ready is not bounded: httpcore counts those in use to that bound, and beside as many streams would keep no other.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=2.0)


def client(base_url: str, transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client of the neighbour below `base_url`; `transport` is for tests."""
    return httpx.AsyncClient(
        base_url=base_url.rstrip("/") + "/",
        timeout=TIMEOUT,
        limits=_LIMITS,
        transport=transport,
        # A proxy meant for the world outside has no business between us.
        trust_env=False,
        verify=tls.context(),
    )
