"""A message's id is the id of everything that it causes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

import time_machine

from kernel import telemetry
from kernel.ids import age_of, new_id
from kernel.logging import PRIVATE_FIELDS
from kernel.telemetry import add_trace_id, carried, of_message, within

MESSAGE = "0198a3b4-c5d6-7e8f-9a0b-1c2d3e4f5061"
TRACE = "0198a3b4c5d67e8f9a0b1c2d3e4f5061"


def test_what_a_message_causes_carries_its_id_and_so_do_the_lines_of_the_log() -> None:
    with of_message(MESSAGE, "turn"):
        first = carried()["traceparent"]
        assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-0[13]", first)
        assert add_trace_id(None, "info", {"event": "x"}) == {"event": "x", "trace_id": TRACE}
        with within("assistant"):
            assert carried()["traceparent"].split("-")[1] == TRACE
            assert carried()["traceparent"] != first
    assert carried() == {}
    assert add_trace_id(None, "info", {"event": "x"}) == {"event": "x"}
    assert "trace_id" not in PRIVATE_FIELDS


def test_a_neighbour_goes_on_with_the_trace_that_it_was_called_in() -> None:
    with of_message(MESSAGE, "turn"):
        carrier = carried()
    with within("action", carrier) as span:
        assert f"{span.get_span_context().trace_id:032x}" == TRACE


def test_nonsense_in_the_carrier_begins_a_trace_of_its_own() -> None:
    for said in ("", "00-zz-11-01", "00-" + "0" * 32 + "-1111111111111111-01", "x" * 5000):
        with within("action", {"traceparent": said}) as span:
            assert span.get_span_context().trace_id not in (0, UUID(MESSAGE).int)


def test_two_messages_at_once_have_two_traces() -> None:
    other = new_id()
    with of_message(MESSAGE, "turn"):
        with of_message(other, "turn"):
            assert carried()["traceparent"].split("-")[1] == UUID(other).hex
        assert carried()["traceparent"].split("-")[1] == TRACE


def test_an_exceptions_words_are_in_no_span() -> None:
    with telemetry.make_provider("test").get_tracer("x").start_as_current_span("outer"):
        span = None
        try:
            with within("skill") as span:
                raise ValueError("Calle 5 # 6-7")
        except ValueError:
            assert span is not None
        assert "Calle" not in span.to_json()  # type: ignore[attr-defined]


def test_an_id_knows_how_old_it_is() -> None:
    with time_machine.travel(datetime(2026, 11, 27, 12, 0, tzinfo=UTC), tick=False):
        # Its first 48 bits are 2026-11-27T11:59:58.500Z.
        assert age_of("01a21ce0-6824-7000-8000-000000000000").total_seconds() == 1.5
