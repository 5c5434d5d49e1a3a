"""Keeps a few processes running: starts them, restarts what dies, and ends every one of them when it ends.

Each process leads a group of its own, so that what it starts ends with it, and dies with the supervisor even when
that is killed outright (PR_SET_PDEATHSIG). A process that comes back has the name, environment and port it had, so
that durable work it left behind finds its owner again.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from comanda.failure import Failure
from comanda.process_identity import ProcessIdentity, end_group, end_with
from comanda.progress import say
from comanda.project import ROOT

POLL_S = 0.1
STOP_PATIENCE_S = 10.0
BACKOFF_FIRST_S = 0.5
BACKOFF_MOST_S = 15.0
# A process that ran this long was well: its next fall is a new one.
WELL_AFTER_S = 30.0
# So many falls in a row before it was ever ready, and it is not going to be.
FALLS_AT_START_MOST = 3
LOG_KEPT_BYTES = 10_000_000
AUTOGROUP = Path("/proc/self/autogroup")
AUTOGROUP_TRIES, AUTOGROUP_PAUSE_S = 5, 0.1


class StartFailed(Failure):
    """A process that would not start, with the end of its log."""


class AlreadyRunning(Exception):
    """Another supervisor holds this home."""


@dataclass(frozen=True)
class ProcessSpec:
    """What to run, and how to know that it is ready to work. `niceness` is how far it lets others go first."""

    name: str
    command: Sequence[str]
    is_ready: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)
    niceness: int = 0


class Supervisor:
    """The processes of one home. Use it as a context: on the way out nothing of it is left running.

    `home/run/<name>.pid` names each live process, `home/logs/<name>.log` is what it says.
    """

    def __init__(self, home: Path) -> None:
        self._run = home / "run"
        self._logs = home / "logs"
        self._children: dict[str, _Child] = {}
        self._lock: IO[str] | None = None

    def __enter__(self) -> Supervisor:
        self._run.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        self._take_home()
        self._end_previous_run()
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
        (self._run / "supervisor.pid").unlink(missing_ok=True)
        assert self._lock is not None
        self._lock.close()

    def start(self, spec: ProcessSpec) -> None:
        child = _Child(spec, self._run / f"{spec.name}.pid", self._logs / f"{spec.name}.log")
        self._children[spec.name] = child
        child.start()

    def wait_until_ready(self, name: str, timeout_s: float) -> None:
        """Look after all the processes until `name` is ready.

        Raises: StartFailed when it keeps dying or takes longer than `timeout_s`.
        """
        child = self._children[name]
        deadline = time.monotonic() + timeout_s
        while not (child.is_running() and child.spec.is_ready()):
            self.look_after()
            if child.falls >= FALLS_AT_START_MOST:
                raise StartFailed(f"{name} died {child.falls} times. {child.last_words()}")
            if time.monotonic() > deadline:
                raise StartFailed(f"{name} is not ready after {timeout_s:.0f} s. {child.last_words()}")
            time.sleep(POLL_S)

    def look_after(self) -> None:
        """Restart whatever died, once its backoff has passed."""
        for child in self._children.values():
            child.look_after()

    def run_for_ever(self) -> None:
        while True:
            self.look_after()
            time.sleep(POLL_S)

    def stop(self) -> None:
        """Ask every process to end, and make those that will not."""
        for child in self._children.values():
            child.ask_to_end()
        deadline = time.monotonic() + STOP_PATIENCE_S
        while any(child.is_running() for child in self._children.values()) and time.monotonic() < deadline:
            time.sleep(POLL_S)
        for child in self._children.values():
            child.end()
        self._children.clear()

    def _take_home(self) -> None:
        lock = (self._run / "supervisor.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            owner = ProcessIdentity.read(self._run / "supervisor.pid")
            raise AlreadyRunning(str(owner.pid) if owner else "?") from None
        self._lock = lock
        myself = ProcessIdentity.of(os.getpid())
        assert myself is not None
        myself.write(self._run / "supervisor.pid")

    def _end_previous_run(self) -> None:
        """A supervisor that was killed outright may have left processes: end what was its own, and only that."""
        for path in self._run.glob("*.pid"):
            if path.stem == "supervisor":
                continue
            left = ProcessIdentity.read(path)
            if left:
                say(f"      ending {path.stem} (pid {left.pid}), left over from a run that was killed")
                left.kill_group()
            path.unlink()


def _let_others_go_first(niceness: int) -> None:
    """Of this process and what it starts.

    Linux weighs whole sessions against each other where its autogroups are on (nearly everywhere but in a service's own
    group), and niceness only within one. So the session is told, too; that has to wait a little for whoever just did.
    Source: https://man7.org/linux/man-pages/man7/sched.7.html, "The autogroup feature".
    """
    os.nice(niceness)
    for _ in range(AUTOGROUP_TRIES):
        try:
            AUTOGROUP.write_text(str(niceness))
        except BlockingIOError:
            time.sleep(AUTOGROUP_PAUSE_S)
        except OSError:  # a system without them
            return
        else:
            return


class _Child:
    """One process under supervision, through all its lives."""

    def __init__(self, spec: ProcessSpec, pid_file: Path, log: Path) -> None:
        self.spec = spec
        self.pid_file = pid_file
        self.log = log
        self.falls = 0
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0

    def start(self) -> None:
        _make_room(self.log)
        supervisor = os.getpid()

        def settle_in() -> None:
            _let_others_go_first(self.spec.niceness)
            end_with(supervisor)

        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.spec.command,
                cwd=ROOT,
                env=os.environ | self.spec.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # The supervisor has one thread, so nothing can hold a lock across this fork.
                preexec_fn=settle_in,
            )
        self._started_at = time.monotonic()
        identity = ProcessIdentity.of(self._process.pid)
        if identity:
            identity.write(self.pid_file)

    def is_running(self) -> bool:
        return self._process is not None and not _has_ended(self._process.pid)

    def look_after(self) -> None:
        if self._process is not None:
            if not self.is_running():
                self._bury()
        elif time.monotonic() >= self._start_again_at:
            self.start()

    def ask_to_end(self) -> None:
        if self._process is not None:
            end_group(self._process.pid, signal.SIGTERM)

    def end(self) -> None:
        if self._process is not None:
            end_group(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        self.pid_file.unlink(missing_ok=True)

    def last_words(self, lines: int = 15) -> str:
        try:
            end = self.log.read_text(errors="replace").splitlines()[-lines:]
        except OSError:
            end = []
        return "\n".join([f"The end of {self.log}:", *end])

    def _bury(self) -> None:
        assert self._process is not None
        process, self._process = self._process, None
        # Not yet waited for, it still owns its number: whatever is in its group is its own.
        end_group(process.pid, signal.SIGKILL)
        code = process.wait()
        self.pid_file.unlink(missing_ok=True)
        lived_s = time.monotonic() - self._started_at
        self.falls = 1 if lived_s > WELL_AFTER_S else self.falls + 1
        pause_s = min(BACKOFF_FIRST_S * 2 ** (self.falls - 1), BACKOFF_MOST_S)
        self._start_again_at = time.monotonic() + pause_s
        say(f"{self.spec.name} ended ({_how(code)}) after {lived_s:.0f} s; again in {pause_s:.1f} s · {self.log}")


def _has_ended(pid: int) -> bool:
    """Has this child ended? Does not reap it, so that its number stays its own."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _how(code: int) -> str:
    return f"exit {code}" if code >= 0 else signal.Signals(-code).name


def _make_room(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_KEPT_BYTES:
        log.replace(log.with_suffix(".log.1"))
