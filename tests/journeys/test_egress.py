"""Nothing of Comanda calls out by itself: of all its processes none tries to reach beyond this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journeys.product import EGRESS, Product
from tests.journeys.test_chaos import ANSWER_TIMEOUT_S, orders_of, to_the_summary

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]
PARTS = ("up", "rasa run", "comanda.action_server", "comanda.prefork", "comanda.worker")


# case 114
def test_no_process_tries_to_reach_beyond_this_machine_from_its_start_to_a_placed_order(product: Product) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        summary = to_the_summary(customer)
        customer.say(summary["title"], ANSWER_TIMEOUT_S, choice=summary["token"])
        assert len(orders_of(product, customer)) == 1

    noted = product.egress_log.read_text().splitlines()
    listening = {part for part in PARTS if any(f"{part}" in line for line in noted if line.startswith("listening"))}
    tries = [line for line in noted if line.startswith("tried")]
    print(f"tries beyond loopback: {len(tries)}, of {len(PARTS)} processes that were listened to")
    assert listening == set(PARTS)
    assert tries == []


@pytest.mark.parametrize(
    "reach",
    [
        "socket.create_connection(('203.0.113.1', 443), 1)",
        "socket.getaddrinfo('telemetry.example', 443)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('2.2.2.2', 53))",
    ],
)
def test_a_try_is_noted_and_refused(reach: str, tmp_path: Path) -> None:
    log = tmp_path / "egress.log"
    environment = os.environ | {"PYTHONPATH": str(EGRESS), "EGRESS_LOG": str(log)}

    ended = subprocess.run([sys.executable, "-c", f"import socket; {reach}"], env=environment, capture_output=True)

    assert ended.returncode == 1
    assert b"beyond loopback" in ended.stderr
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["listening", "tried"]


def test_what_is_near_is_reached(tmp_path: Path) -> None:
    log = tmp_path / "egress.log"
    environment = os.environ | {"PYTHONPATH": str(EGRESS), "EGRESS_LOG": str(log)}
    with socket.create_server(("127.0.0.1", 0)) as server:
        reach = f"import socket; socket.create_connection(('localhost', {server.getsockname()[1]}), 5)"
        subprocess.run([sys.executable, "-c", reach], env=environment, check=True)

    assert [line.split()[0] for line in log.read_text().splitlines()] == ["listening"]
