"""What a customer's message causes is one trace over all processes, and what alerts ask for is measured."""

from __future__ import annotations

import re
import socket
from uuid import UUID

import httpx
import psutil
import pytest
import yaml

from comanda.project import ROOT
from comanda.telemetry import PORTS
from tests.journeys.collector import Collector
from tests.journeys.product import Product, wait_until

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(900)]

WRITTEN = "Calle 88 trazada 5-61"
SERVICES = {"comanda-worker", "comanda-actions", "comanda-web"}


def test_a_message_is_one_trace_from_the_worker_over_the_assistant_to_the_books(
    product: Product, collector: Collector
) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        customer.say("2 leches enteras", timeout_s=60)
        customer.say("finalizar pedido", timeout_s=60)
        customer.say(WRITTEN, timeout_s=60)
        said = product.rows(
            "SELECT id FROM bot_message WHERE conversation_id = :id AND author = 'customer' ORDER BY seq",
            id=customer.conversation_id,
        )
    trace_id = UUID(said[0]["id"]).hex
    wait_until(lambda: {span.service for span in collector.of(trace_id)} >= SERVICES, 30, "the spans of all processes")

    spans = {span.span_id: span for span in collector.of(trace_id)}
    names = {(span.service, span.name) for span in spans.values()}
    assert {("comanda-worker", "turn"), ("comanda-worker", "assistant")} <= names
    assert {("comanda-actions", "action cart_add"), ("comanda-web", "POST /cart/changes")} <= names
    roots = [span for span in spans.values() if not span.parent_id]
    assert [(span.service, span.name) for span in roots] == [("comanda-worker", "turn")]
    assert all(span.parent_id in spans for span in spans.values() if span.parent_id)
    told = [span.name for span in collector.spans if WRITTEN in span.everything or "leches" in span.everything]
    print(
        f"{len(spans)} spans of a message in {len(SERVICES)} processes; of {len(collector.spans)}, telling {len(told)}"
    )
    assert told == []


# case 94
def test_metrics_are_served_on_loopback_alone_and_have_what_every_alert_asks_for(product: Product) -> None:
    product.wait_until_ready()
    with product.chat() as customer:
        customer.say("2 leches enteras", timeout_s=60)
    assert httpx.post(f"{product.url}/channels/none").status_code == 404
    measured = {}
    for process, offset in PORTS.items():
        port = product.settings.metrics_port + offset
        measured[process] = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        assert _addresses(product.pid(process), port) == {"127.0.0.1"}
    everything = "\n".join(measured.values())

    rules = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"\b(?:comanda|http)_\w+", rule["expr"])}
    # What never happened has no line yet.
    unseen = {"comanda_turn_failures_total", "comanda_sends_total"}
    assert len(rules) == 10
    assert {name for name in asked - unseen if name not in everything} == set()
    assert re.search(
        r'^comanda_webhook_duration_seconds_count\{.*channel="",.*status="404"\S* 1', measured["web"], re.MULTILINE
    )
    assert re.search(r"^comanda_turn_duration_seconds_count\S* [1-9]", measured["worker"], re.MULTILINE)
    asked = re.findall(
        r'^http_server_request_duration_seconds_count\{.*http_route="([^"]*)"', measured["web"], re.MULTILINE
    )
    assert "/cart/changes" in asked


# case 94
def test_nothing_but_the_web_process_listens_where_others_reach_it(product: Product) -> None:
    product.wait_until_ready()
    listening = {name: _addresses(product.pid(name)) for name in ("rasa", "actions", "worker", "web")}

    print(f"addresses that are listened on: {sorted(set().union(*listening.values()))}")
    assert set().union(*listening.values()) <= {"127.0.0.1"}


def test_every_alert_has_a_chapter_in_the_runbook() -> None:
    rules = yaml.safe_load((ROOT / "docs" / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    chapters = re.findall(r"^## (\w+)$", (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert [rule["alert"] for rule in rules] == chapters
    assert all(rule["annotations"]["runbook"].endswith(f"#{rule['alert'].lower()}") for rule in rules)


def _addresses(pid: int, port: int | None = None) -> set[str]:
    process = psutil.Process(pid)
    return {
        each.laddr.ip
        for one in (process, *process.children())
        for each in one.net_connections(kind="tcp")
        if each.status == psutil.CONN_LISTEN and (port is None or each.laddr.port == port)
        if each.family in (socket.AF_INET, socket.AF_INET6)
    }
