"""Real processes without the seconds that each would take to load: all are forked from a server that has loaded."""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
from collections.abc import Callable, Mapping
from multiprocessing.reduction import DupFd
from typing import Any

context = multiprocessing.get_context("forkserver")
# Where the server does not find it each process loads by itself, and takes longer.
context.set_forkserver_preload(["tests.loaded"])


class Forked:
    """`python -m module` in an environment. It is asked as a `Popen` is."""

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        # As a daemon: a test that fails half-way does not keep pytest from ending.
        self._process = context.Process(target=_run, args=(module, dict(environment), _Streams()), daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        code = self._process.exitcode
        if code is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0)
        return code

    def kill(self) -> None:
        self._process.kill()

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


class _Streams:
    """Where this process says what it says now: its child does, too, and not where the server did when it began."""

    def __reduce__(self) -> tuple[Callable[..., None], tuple[Any, ...]]:
        return _speak_there, (DupFd(1), DupFd(2))


def _speak_there(*streams: Any) -> None:
    for number, stream in enumerate(streams, start=1):
        given = stream.detach()
        os.dup2(given, number)
        os.close(given)


def _run(module: str, environment: dict[str, str], _streams: None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
