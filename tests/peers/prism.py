"""Stoplight's Prism as a proxy before a server: it refuses what an OpenAPI document does not allow, on either side.

It comes by npm, once a machine, in the versions of package-lock.json. Where there is no npm, what needs it is skipped.
Source: https://docs.stoplight.io/docs/prism
"""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_HERE = Path(__file__).parent
_START_S = 60.0
_INSTALL_S = 300


@contextmanager
def proxy(document: Path, upstream: str) -> Iterator[str]:
    """The address of a proxy before `upstream`."""
    command = [*_installed(), "proxy", str(document), upstream, "--errors", "--host", "127.0.0.1"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen([*command, "--port", str(port)], stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + _START_S
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise AssertionError(f"Prism did not start: {log.read().decode()[-2000:]}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()


def _installed() -> list[str]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("Prism comes by npm, which is not here")
    lock = (_HERE / "package-lock.json").read_bytes()
    folder = Path.home() / ".cache" / "comanda" / f"peers-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=folder.parent))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, building)
        subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=building, check=True, timeout=_INSTALL_S
        )
        try:
            building.rename(folder)
        except OSError:  # another process was quicker
            shutil.rmtree(building)
    return [node, str(folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js")]


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def specification(name: str) -> Path | None:
    """A provider's whole specification, where it was laid beside the project."""
    folder = Path(os.environ.get("COMANDA_SPECS") or _HERE.parents[2] / "shared" / "specs")
    found = folder / name
    return found if found.exists() else None
