"""Stoplight's Prism as a proxy before a server: it refuses what an OpenAPI document does not allow, on either side.

Source: https://docs.stoplight.io/docs/prism
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.npm import free_port, running

_SCRIPT = "@stoplight/prism-cli/dist/index.js"


@contextmanager
def proxy(document: Path, upstream: str) -> Iterator[str]:
    """The address of a proxy before `upstream`."""
    port = free_port()
    listening = ("--host", "127.0.0.1", "--port", str(port))
    with running(_SCRIPT, "proxy", str(document), upstream, "--errors", *listening, port=port):
        yield f"http://127.0.0.1:{port}"


def specification(name: str) -> Path | None:
    """A provider's whole specification, where it was laid beside the project."""
    folder = Path(os.environ.get("COMANDA_SPECS") or Path(__file__).parents[3] / "shared" / "specs")
    found = folder / name
    return found if found.exists() else None
