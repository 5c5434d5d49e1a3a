"""Which process is meant by a pid: the one that was written down, or a stranger who has its number now?"""

from __future__ import annotations

import ctypes
import os
import signal
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class ProcessIdentity:
    """A pid with the moment its process began (boot and clock ticks since), which no later process shares."""

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """The live process with this pid, or None."""
        try:
            stat = (_PROC / str(pid) / "stat").read_text()
        except OSError:
            return None
        # The name, in parentheses, may hold anything: count the fields from its end. Source: proc(5), fields 3 and 22.
        fields = stat.rpartition(")")[2].split()
        if fields[0] == "Z":
            return None
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        return cls(pid, f"{boot}/{fields[19]}")

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """The process a pid file speaks of, if it lives. A stranger with its number is not it."""
        try:
            pid, began = path.read_text().split()
            found = cls.of(int(pid))
        except (OSError, ValueError):
            return None
        return found if found and found.began == began else None

    def write(self, path: Path) -> None:
        draft = path.with_suffix(".draft")
        draft.write_text(f"{self.pid} {self.began}\n")
        draft.replace(path)

    def is_alive(self) -> bool:
        return ProcessIdentity.of(self.pid) == self

    def kill_group(self, patience_s: float = 5.0) -> None:
        """End the process and everything in the group it leads, at once."""
        if not self.is_alive():
            return
        end_group(self.pid, signal.SIGKILL)
        deadline = time.monotonic() + patience_s
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)


def end_group(leader: int, number: signal.Signals) -> None:
    """Signal a process group, if any of it is left."""
    with suppress(ProcessLookupError):
        os.killpg(leader, number)


def end_with(parent: int) -> None:
    """Called in a child just after its fork: it is killed when its parent ends, however that ends (prctl(2))."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # It may have ended between the fork and the line above.
    if os.getppid() != parent:
        os._exit(1)
