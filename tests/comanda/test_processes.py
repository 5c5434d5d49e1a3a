"""How the processes are started, and what stands in their way."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from comanda import processes
from comanda.processes import PortTaken, refuse_taken_ports
from kernel.config import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    free = [free_port() for _ in range(3)]
    return Settings(COMANDA_HOME=tmp_path, PORT=free[0], RASA_PORT=free[1], ACTIONS_PORT=free[2])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_free_ports_are_fine(settings: Settings) -> None:
    refuse_taken_ports(settings)


@pytest.mark.parametrize(
    ("variable", "field"), [("PORT", "port"), ("RASA_PORT", "rasa_port"), ("ACTIONS_PORT", "actions_port")]
)
def test_a_taken_port_is_named_with_the_setting_to_change(settings: Settings, variable: str, field: str) -> None:
    port = getattr(settings, field)
    with socket.create_server(("127.0.0.1", port)), pytest.raises(PortTaken) as refusal:
        refuse_taken_ports(settings)

    assert f"port {port} on 127.0.0.1 cannot be used (Address already in use)" in str(refusal.value)
    assert f"{variable}={port + 1000} make up" in str(refusal.value)


def test_a_port_just_left_by_a_previous_run_is_free(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", settings.port)) as server:
        customer = socket.create_connection(("127.0.0.1", settings.port))
        served, _ = server.accept()
        # The side that closes first is the one whose port lingers.
        served.close()
        customer.close()

    refuse_taken_ports(settings)


def test_rasa_listens_on_loopback_only_and_calls_nobody(settings: Settings) -> None:
    spec = processes.rasa(settings, Path("model.tar.gz"))

    command = list(spec.command)
    assert command[command.index("--interface") + 1] == "127.0.0.1"
    assert spec.environment["RASA_TELEMETRY_ENABLED"] == "false"


def test_a_process_that_comes_back_finds_the_same_settings(settings: Settings) -> None:
    specs = [processes.web(settings), processes.worker(settings), processes.actions(settings)]

    assert {spec.environment["COMANDA_HOME"] for spec in specs} == {str(settings.home)}
    assert {spec.environment["DATABASE_URL"] for spec in specs} == {f"sqlite:///{settings.home}/comanda.db"}
    assert all(Path(spec.environment["COMANDA_HOME"]).is_absolute() for spec in specs)


def test_the_sign_of_a_previous_workers_life_is_not_taken_for_this_ones(settings: Settings) -> None:
    sign = settings.home / "run" / "worker.alive"
    sign.parent.mkdir()
    sign.touch()

    assert not processes.worker(settings).is_ready()


def test_messages_are_taken_in_before_anything_is_thought_about(settings: Settings) -> None:
    thinking = [processes.rasa(settings, Path("model")), processes.worker(settings), processes.actions(settings)]

    assert {spec.niceness for spec in thinking} == {10}
    assert processes.web(settings).niceness == 0
