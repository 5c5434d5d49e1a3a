"""nginx before several of each process, as docs/scaling.md has it; and Redis for the locks of several Rasa servers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.processes import free_port, listens, process
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


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """Its port."""
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with process(command, {}, folder / "redis.log") as started:
        started.wait_until(lambda: listens(port), PATIENCE_S)
        yield port
