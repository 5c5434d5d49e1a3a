"""Peers that come by npm, once a machine, in the versions of package-lock.json.

Where npm is not there, or reaches no registry, what needs one is skipped.
"""

from __future__ import annotations

import hashlib
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
_START_S = 90.0
_INSTALL_S = 300


@contextmanager
def running(script: str, *arguments: str, port: int) -> Iterator[None]:
    """A script of node_modules in a process of its own, from when it listens."""
    node, folder = _installed()
    with tempfile.TemporaryFile() as log:
        command = [node, str(folder / "node_modules" / script), *arguments]
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            deadline = time.monotonic() + _START_S
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise AssertionError(f"{script} did not start: {log.read().decode()[-2000:]}")
                time.sleep(0.1)
            yield
        finally:
            process.terminate()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _installed() -> tuple[str, Path]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("this peer comes by npm, which is not here")
    lock = (_HERE / "package-lock.json").read_bytes()
    folder = Path.home() / ".cache" / "comanda" / f"peers-{hashlib.sha256(lock).hexdigest()[:12]}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(dir=folder.parent))
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_HERE / name, building)
        install = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        try:
            subprocess.run(install, cwd=building, check=True, timeout=_INSTALL_S)
        except subprocess.SubprocessError as error:
            shutil.rmtree(building)
            pytest.skip(f"npm could not fetch this peer: {error}")
        try:
            building.rename(folder)
        except OSError:  # another process was quicker
            shutil.rmtree(building)
    return node, folder


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
