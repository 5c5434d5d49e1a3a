"""The public process is killed and is back before anyone is refused; and it ends when it is to end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from comanda.database import migrate
from comanda.readiness import web_is_ready
from kernel.config import Settings
from tests.journeys.product import free_ports, wait_until


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    ports = dict(zip(("PORT", "RASA_PORT", "ACTIONS_PORT"), free_ports(3), strict=True))
    settings = Settings.model_validate({"COMANDA_HOME": tmp_path} | ports)
    migrate(settings)
    return settings


@pytest.fixture
def parent(settings: Settings) -> Iterator[psutil.Process]:
    environment = os.environ | {"COMANDA_HOME": str(settings.home), "PORT": str(settings.port)}
    process = subprocess.Popen([sys.executable, "-m", "comanda.prefork"], env=environment)
    try:
        wait_until(lambda: web_is_ready(settings), 60, "the web process")
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


def child_of(parent: psutil.Process) -> psutil.Process:
    [child] = parent.children()
    return child


def health(settings: Settings) -> int:
    return httpx.get(f"{settings.public_url}/healthz", timeout=30, trust_env=False).status_code


# case 6
def test_who_comes_while_it_is_killed_waits_and_is_answered(settings: Settings, parent: psutil.Process) -> None:
    killed = child_of(parent)
    killed.kill()
    began_at = time.monotonic()

    assert health(settings) == 200
    print(f"answered {time.monotonic() - began_at:.2f} s after a kill, and not refused")
    assert child_of(parent).pid != killed.pid


def test_one_that_is_killed_again_at_once_is_left_to_the_supervisor(parent: psutil.Process) -> None:
    killed = child_of(parent)
    killed.kill()
    wait_until(lambda: [each for each in parent.children() if each.pid != killed.pid], 10, "the next child")
    child_of(parent).kill()

    assert parent.wait(10) == signal.SIGKILL


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_it_ends_with_its_child_and_lets_go_of_the_port(
    settings: Settings, parent: psutil.Process, asked: signal.Signals
) -> None:
    child = child_of(parent)
    parent.send_signal(asked)

    assert parent.wait(20) == 0
    assert not child.is_running()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", settings.port), 5)


def test_a_child_does_not_outlive_its_parent_and_the_next_one_gets_the_port(
    settings: Settings, parent: psutil.Process
) -> None:
    child = child_of(parent)
    parent.kill()
    environment = os.environ | {"COMANDA_HOME": str(settings.home), "PORT": str(settings.port)}
    process = subprocess.Popen([sys.executable, "-m", "comanda.prefork"], env=environment)
    try:
        wait_until(lambda: not child.is_running(), 10, "the end of the child")
        wait_until(lambda: web_is_ready(settings), 60, "the next one")
    finally:
        if child.is_running():  # as it is once its guard is gone: it is not left behind
            child.kill()
        process.terminate()
        assert process.wait(20) == 0


def test_one_that_cannot_start_says_why_and_is_not_forked_again(settings: Settings) -> None:
    with settings.home.joinpath("comanda.db").open("r+b") as database:
        database.write(b"not a database at all")
    environment = os.environ | {"COMANDA_HOME": str(settings.home), "PORT": str(settings.port)}

    ended = subprocess.run(
        [sys.executable, "-m", "comanda.prefork"], env=environment, capture_output=True, text=True, timeout=60
    )

    assert (ended.returncode, ended.stderr.count("is damaged"), "Traceback" in ended.stderr) == (1, 1, False)
