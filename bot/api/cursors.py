"""Cursors: where the next page of a list begins that has the latest first."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from kernel.errors import Invalid

HEADER = "Next-Cursor"


class CursorInvalid(Invalid):
    code, title = "cursor_invalid", "The cursor is not one of ours"


def cursor_of(at: datetime, id_: str) -> str:
    """What leads on from a row that is dated and named so."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {id_}".encode()).decode()


def read(cursor: str) -> tuple[datetime, str]:
    """Raises: CursorInvalid."""
    try:
        at, _, id_ = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        instant = datetime.fromisoformat(at)
    except (binascii.Error, ValueError):
        raise CursorInvalid from None
    if instant.tzinfo is None or not id_:
        raise CursorInvalid
    return instant, id_
