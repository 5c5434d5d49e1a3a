"""The supervisor, over real processes that do nothing of interest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from comanda import supervisor as supervisor_module
from comanda.process_identity import ProcessIdentity
from comanda.supervisor import AlreadyRunning, ProcessSpec, StartFailed, Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
# A process whose own child holds on when its parent is killed.
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
    "print(child.pid, flush=True); time.sleep(600)",
]


def spec(name: str = "sleeper", command: list[str] | None = None, is_ready: bool = True) -> ProcessSpec:
    return ProcessSpec(name, command or SLEEPER, lambda: is_ready)


def pid_of(home: Path, name: str = "sleeper") -> int:
    identity = ProcessIdentity.read(home / "run" / f"{name}.pid")
    assert identity is not None
    return identity.pid


def wait_until(fact: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not fact():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.02)


def test_nothing_runs_after_the_supervisor_has_ended(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(spec("one"))
        supervisor.start(spec("two"))
        pids = [pid_of(tmp_path, "one"), pid_of(tmp_path, "two")]

    assert [ProcessIdentity.of(pid) for pid in pids] == [None, None]
    assert list((tmp_path / "run").glob("*.pid")) == []


def test_a_process_that_ignores_the_request_to_end_is_made_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "STOP_PATIENCE_S", 0.5)
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    )
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(spec(command=[sys.executable, "-c", stubborn]))
        wait_until(lambda: "deaf" in (tmp_path / "logs" / "sleeper.log").read_text())
        pid = pid_of(tmp_path)

    assert ProcessIdentity.of(pid) is None


def test_what_dies_comes_back_with_the_same_name_and_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor_module, "BACKOFF_FIRST_S", 0.05)
    speaker = "import os, time; print(os.environ['IDENTITY'], flush=True); time.sleep(600)"
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(ProcessSpec("worker", [sys.executable, "-c", speaker], lambda: True, {"IDENTITY": "worker-1"}))
        first = pid_of(tmp_path, "worker")
        os.kill(first, signal.SIGKILL)

        def is_back() -> bool:
            supervisor.look_after()
            now = ProcessIdentity.read(tmp_path / "run" / "worker.pid")
            return now is not None and now.pid != first

        wait_until(is_back)
        log = tmp_path / "logs" / "worker.log"
        wait_until(lambda: log.read_text().endswith("worker-1\n"))


def test_a_process_lets_others_go_first_as_far_as_it_is_told_to(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(ProcessSpec("thinker", SLEEPER, lambda: True, niceness=3))
        supervisor.start(spec())

        told = [os.getpriority(os.PRIO_PROCESS, pid_of(tmp_path, name)) for name in ("thinker", "sleeper")]
        sessions = [session_niceness(pid_of(tmp_path, name)) for name in ("thinker", "sleeper")]

    mine = os.getpriority(os.PRIO_PROCESS, 0)
    assert told == [min(mine + 3, 19), mine]
    # Linux weighs sessions against each other, where it groups by them.
    assert sessions in ([3, 0], [None, None])


def session_niceness(pid: int) -> int | None:
    autogroup = Path(f"/proc/{pid}/autogroup")
    said = autogroup.read_text().split() if autogroup.exists() else []
    return int(said[-1]) if said else None


def test_each_fall_in_a_row_is_followed_by_a_longer_pause(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(spec(command=["false"], is_ready=False))
        with pytest.raises(StartFailed, match="sleeper died 3 times"):
            supervisor.wait_until_ready("sleeper", timeout_s=30)

    said = capfd.readouterr().err
    assert [line.split("again in ")[1].split(" s")[0] for line in said.splitlines()] == ["0.5", "1.0", "2.0"]


def test_a_process_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "BACKOFF_FIRST_S", 0.01)
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(spec(command=["sh", "-c", "echo the reason; false"], is_ready=False))
        with pytest.raises(StartFailed, match="the reason"):
            supervisor.wait_until_ready("sleeper", timeout_s=30)


def test_a_process_that_is_never_ready_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(spec(is_ready=False))
        with pytest.raises(StartFailed, match="not ready after 0 s"):
            supervisor.wait_until_ready("sleeper", timeout_s=0.3)


def test_what_a_dead_process_had_started_dies_too(tmp_path: Path) -> None:
    with Supervisor(tmp_path) as supervisor:
        supervisor.start(spec(command=PARENT))
        log = tmp_path / "logs" / "sleeper.log"
        wait_until(lambda: log.read_text().endswith("\n"))
        grandchild = int(log.read_text())
        os.kill(pid_of(tmp_path), signal.SIGKILL)

        def is_gone() -> bool:
            supervisor.look_after()
            return ProcessIdentity.of(grandchild) is None

        wait_until(is_gone)


def test_a_second_supervisor_of_the_same_home_is_refused_and_told_the_first(tmp_path: Path) -> None:
    with Supervisor(tmp_path), pytest.raises(AlreadyRunning, match=f"^{os.getpid()}$"), Supervisor(tmp_path):
        pass


def killed_supervisor(home: Path, command: list[str]) -> int:
    """Run a supervisor in a process of its own, kill it outright, and tell the pid of the process it had started."""
    program = (
        "from pathlib import Path; from comanda.supervisor import *\n"
        f"with Supervisor(Path({str(home)!r})) as supervisor:\n"
        f"    supervisor.start(ProcessSpec('sleeper', {command!r}, lambda: True)); supervisor.run_for_ever()"
    )
    process = subprocess.Popen([sys.executable, "-c", program])
    wait_until(lambda: (home / "run" / "sleeper.pid").exists())
    pid = pid_of(home)
    process.kill()
    process.wait()
    return pid


def test_a_supervisor_killed_outright_takes_its_processes_with_it(tmp_path: Path) -> None:
    pid = killed_supervisor(tmp_path, SLEEPER)

    wait_until(lambda: ProcessIdentity.of(pid) is None, timeout_s=2)


def test_the_next_run_ends_what_a_killed_one_left(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    orphan = subprocess.Popen(SLEEPER, start_new_session=True)
    (tmp_path / "run").mkdir()
    identity = ProcessIdentity.of(orphan.pid)
    assert identity is not None
    identity.write(tmp_path / "run" / "rasa.pid")

    with Supervisor(tmp_path):
        assert orphan.wait(timeout=5) == -signal.SIGKILL

    assert f"ending rasa (pid {orphan.pid})" in capfd.readouterr().err


def test_a_stranger_with_the_pid_of_a_dead_process_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(SLEEPER, start_new_session=True)
    try:
        (tmp_path / "run").mkdir()
        ProcessIdentity(stranger.pid, "another-boot/12345").write(tmp_path / "run" / "rasa.pid")

        with Supervisor(tmp_path):
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("content", ["", "12", "twelve boot/1", "12 boot/1 more"])
def test_a_broken_pid_file_is_no_obstacle(tmp_path: Path, content: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "rasa.pid").write_text(content)

    with Supervisor(tmp_path):
        assert not (tmp_path / "run" / "rasa.pid").exists()


def test_a_log_that_has_grown_large_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor_module, "LOG_KEPT_BYTES", 10)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "sleeper.log").write_text("what was said before")

    with Supervisor(tmp_path) as supervisor:
        supervisor.start(spec())

    assert (tmp_path / "logs" / "sleeper.log.1").read_text() == "what was said before"
    assert (tmp_path / "logs" / "sleeper.log").read_text() == ""
