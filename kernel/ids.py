"""Identifiers: sortable by time, so that rows and queues keep the order in which they were made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import uuid_utils

from kernel import clock


def new_id() -> str:
    """A UUIDv7 in its 36-character form. Source: RFC 9562, section 5.7."""
    return str(uuid_utils.uuid7())


def age_of(id_: str) -> timedelta:
    """How long ago an id of ours was made, to the millisecond: it says so in its first 48 bits."""
    return clock.now() - datetime.fromtimestamp((UUID(id_).int >> 80) / 1000, UTC)


def least_of_the_last(ago: timedelta) -> str:
    """Below every id that was made since then, and above those from before; no id itself."""
    made_ms = (UUID(new_id()).int >> 80) - ago // timedelta(milliseconds=1)
    digits = f"{made_ms:012x}"
    return f"{digits[:8]}-{digits[8:]}"
