"""One id from a customer's message to the books: the message's own.

It is the trace id of all that the message causes, in every process: log lines carry it as `trace_id`, and calls
between our processes as `traceparent` (W3C Trace Context). Where spans go, and metrics, is decided elsewhere
(comanda/telemetry.py); no span and no metric holds what somebody wrote, a name, a number or an address.
"""

from __future__ import annotations

# Before the first provider: after a fork it asks a thread for its resource, with locks that this module renews.
import concurrent.futures.thread  # noqa: F401
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from opentelemetry import metrics, trace
from opentelemetry.context import Context
from opentelemetry.metrics import Meter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_wanted: ContextVar[int | None] = ContextVar("wanted_trace_id", default=None)
_wire = TraceContextTextMapPropagator()


class _Ids(RandomIdGenerator):
    def generate_trace_id(self) -> int:
        return _wanted.get() or super().generate_trace_id()


def make_provider(process: str) -> TracerProvider:
    resource = Resource({"service.name": f"comanda-{process}", "service.namespace": "comanda"})
    return TracerProvider(id_generator=_Ids(), resource=resource)


_provider = make_provider("library")


def use(provider: TracerProvider) -> None:
    """Have spans made by `provider` from now on. Without it ids are made and carried, and nothing leaves."""
    global _provider
    _provider = provider


@contextmanager
def of_message(message_id: str, name: str) -> Iterator[Span]:
    """Work that a customer's message causes, as a span of the message's own trace."""
    token = _wanted.set(UUID(message_id).int)
    try:
        with _span(name, Context()) as span:
            yield span
    finally:
        _wanted.reset(token)


@contextmanager
def within(name: str, carrier: Mapping[str, str] | None = None) -> Iterator[Span]:
    """A span within what is going on here; or, with a carrier, within what goes on where that comes from."""
    with _span(name, extract(carrier) if carrier else None) as span:
        yield span


@contextmanager
def _span(name: str, around: Context | None) -> Iterator[Span]:
    tracer = _provider.get_tracer("comanda")
    # The words of an exception may be a customer's.
    with tracer.start_as_current_span(
        name, context=around, record_exception=False, set_status_on_exception=False
    ) as span:
        yield span


def carried() -> dict[str, str]:
    """What a call to a neighbour carries along: `traceparent`, or nothing where nothing is going on."""
    carrier: dict[str, str] = {}
    _wire.inject(carrier)
    return carrier


def extract(carrier: Mapping[str, str]) -> Context:
    """What goes on where `carrier` comes from; nonsense in it is nothing."""
    return _wire.extract(carrier)


def meter() -> Meter:
    """For counters and histograms; they count nothing until metrics are served."""
    return metrics.get_meter("comanda")


def add_trace_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Of structlog's processors: which message, or which request, a line belongs to."""
    current = trace.get_current_span().get_span_context()
    if current.is_valid:
        event["trace_id"] = f"{current.trace_id:032x}"
    return event
