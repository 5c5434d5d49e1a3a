"""Where spans and metrics go: to a collector (OTLP over HTTP), and to Prometheus; by default nowhere."""

from __future__ import annotations

from opentelemetry import context, metrics, trace
from opentelemetry.context import Context
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from prometheus_client import start_http_server
from starlette.types import ASGIApp, Receive, Scope, Send

from kernel import telemetry
from kernel.config import Settings

LOOPBACK = "127.0.0.1"
# What a port is added to, so that every process has its own.
PORTS = {"web": 0, "worker": 1, "actions": 2}
# They may hold a signed link, or what somebody searched; the route says which page it was.
_UNSAID = ("url.path", "url.query")


def configure(process: str, settings: Settings) -> TracerProvider:
    """Send this process's spans where the settings say, and serve its metrics on loopback. Once a process."""
    provider = telemetry.make_provider(process)
    provider.add_span_processor(_Discreet())
    telemetry.use(provider)
    if settings.otlp_endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(exporter))
        # FastAPI makes spans of requests as soon as there is a provider for everybody.
        trace.set_tracer_provider(provider)
    if settings.metrics_port:
        metrics.set_meter_provider(MeterProvider(metric_readers=[PrometheusMetricReader()]))
        start_http_server(settings.metrics_port + PORTS[process], addr=LOOPBACK)
    return provider


class _Discreet(SpanProcessor):
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        for name in _UNSAID:
            if span.attributes and span.attributes.get(name):
                span.set_attribute(name, "")

    def on_end(self, span: ReadableSpan) -> None:
        """Nothing is left to be done."""


class Traced:
    """Goes on with the trace that a request says it belongs to."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = next((value for name, value in scope.get("headers", ()) if name == b"traceparent"), None)
        if said is None:
            await self.app(scope, receive, send)
            return
        token = context.attach(telemetry.extract({"traceparent": said.decode("latin-1")}))
        try:
            await self.app(scope, receive, send)
        finally:
            context.detach(token)
