"""Structured logs: one JSON object a line, never a secret, never what a customer wrote."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from kernel.telemetry import add_trace_id

# Names of fields that never reach a log, whatever someone passes.
PRIVATE_FIELDS = frozenset(
    {"text", "body", "message", "token", "secret", "password", "authorization", "cookie", "phone", "email", "address"}
)


def drop_private_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name in PRIVATE_FIELDS & event.keys():
        event[name] = "[redacted]"
    return event


def configure(process: str, level: str = "INFO") -> None:
    """Send this process's logs to standard error as JSON lines that name the process."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            add_trace_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            drop_private_fields,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def get_logger(name: str) -> Any:
    return structlog.get_logger(name)
