"""mountebank: a server that fails as networks do, and remembers what it was asked.

Source: https://www.mbtest.dev/docs/api/faults
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.peers.npm import free_port, running

_SCRIPT = "@mbtest/mountebank/bin/mb"


@dataclass(frozen=True, slots=True)
class Mountebank:
    """`admin` is where its servers are made."""

    admin: str

    def serve(self, *responses: dict[str, Any]) -> Served:
        """A server that answers with each of these, then from the first again."""
        port = free_port()
        wanted = {"port": port, "host": "127.0.0.1", "protocol": "http", "recordRequests": True}
        made = httpx.post(f"{self.admin}/imposters", json=wanted | {"stubs": [{"responses": list(responses)}]})
        assert made.status_code == httpx.codes.CREATED, made.text
        return Served(f"{self.admin}/imposters/{port}", f"http://127.0.0.1:{port}")


@dataclass(frozen=True, slots=True)
class Served:
    imposter: str
    url: str

    def asked(self) -> list[dict[str, Any]]:
        """Every request that reached it: `path`, `form`, …"""
        found: list[dict[str, Any]] = httpx.get(self.imposter).json()["requests"]
        return found


@contextmanager
def mountebank() -> Iterator[Mountebank]:
    port = free_port()
    local = ("--host", "127.0.0.1", "--localOnly", "--nologfile")
    with running(_SCRIPT, "start", "--port", str(port), *local, port=port):
        yield Mountebank(f"http://127.0.0.1:{port}")
