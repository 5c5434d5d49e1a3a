"""nginx before several of each process, as docs/scaling.md has it; and Redis for the locks of several Rasa servers."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.processes import Process, free_port, listens, process
from comanda.project import ROOT

# The same file that people take for their own.
TEMPLATE = ROOT / "docs" / "files" / "nginx.conf"
PATIENCE_S = 20.0


def missing() -> list[str]:
    """The programs that this needs and the machine does not have."""
    return [name for name in ("nginx", "redis-server") if shutil.which(name) is None]


@contextmanager
def balancer(folder: Path, ports: Mapping[str, int], servers: Mapping[str, Sequence[int]]) -> Iterator[None]:
    """Before `servers`, by name (`web`, `rasa`, `actions`) the ports they listen at; itself at `ports`."""
    configuration = TEMPLATE.read_text()
    for name, its in servers.items():
        listed = "\n".join(f"    server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" for port in its)
        configuration = configuration.replace(f"    # the servers of {name}", listed)
        configuration = configuration.replace(f"listen {name}_port", f"listen 127.0.0.1:{ports[name]}")
    configuration = configuration.replace("FOLDER", str(folder))
    path = folder / "nginx.conf"
    path.write_text(configuration)
    command = ["nginx", "-e", str(folder / "nginx.error.log"), "-p", str(folder), "-c", str(path)]
    with process(command, {}, folder / "nginx.log") as started:
        started.wait_until(lambda: all(listens(port) for port in ports.values()), PATIENCE_S)
        yield


class Redis:
    """A Redis that keeps nothing on disk, at a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._running = self._started()

    def _started(self) -> Process:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        started = Process([*command, "--dir", str(self._folder)], {}, self._folder / "redis.log")
        started.wait_until(lambda: listens(self.port), PATIENCE_S)
        return started

    def say(self, command: str) -> str:
        """One command, and its answer as Redis writes it; empty when it ends before it answers."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S) as line:
            line.sendall(f"{command}\r\n".encode())
            return line.recv(4096).decode()

    def again(self) -> None:
        """After its end: at the same port, and knows nothing."""
        self._running.end()
        self._running = self._started()

    def end(self) -> None:
        self._running.end()


@contextmanager
def redis(folder: Path) -> Iterator[Redis]:
    server = Redis(folder)
    try:
        yield server
    finally:
        server.end()
