"""Starts processes to measure, and ends them and only them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx

from comanda.project import ROOT

STOP_PATIENCE_S = 20.0
POLL_S = 0.02


class Process:
    """A process that leads a group of its own and writes what it says into `log`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._command = " ".join(command)
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_until(self, is_ready: Callable[[], bool], patience_s: float) -> None:
        """Raises: RuntimeError, with what the process said, when it ended or took longer."""
        deadline = time.monotonic() + patience_s
        while not is_ready():
            if self._popen.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._command} is not ready. It said:\n{self.said()[-3000:]}")
            time.sleep(POLL_S)

    def end(self) -> None:
        if self._popen.poll() is None:
            self._popen.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(STOP_PATIENCE_S)
        if self._popen.poll() is None:
            os.killpg(self._popen.pid, signal.SIGKILL)
            self._popen.wait()


@contextlib.contextmanager
def process(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[Process]:
    """A process that is ended on the way out."""
    started = Process(command, environment, log)
    try:
        yield started
    finally:
        started.end()


def free_port() -> int:
    """A TCP port on loopback where nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def answers(url: str) -> bool:
    """Does a GET of it give a 200?"""
    try:
        return httpx.get(url, trust_env=False, timeout=5).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
