"""Identifiers: sortable by time, so that rows and queues keep the order in which they were made."""

from __future__ import annotations

import uuid_utils


def new_id() -> str:
    """A UUIDv7 in its 36-character form. Source: RFC 9562, section 5.7."""
    return str(uuid_utils.uuid7())
