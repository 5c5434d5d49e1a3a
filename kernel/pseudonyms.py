"""Pseudonyms: a value that is known again and cannot be read, without the shop's key."""

from __future__ import annotations

import hmac

from sqlalchemy.orm import Session

from kernel.db import Database

_CARRIED_AS = "comanda_pseudonyms"
PREFIX = "erased:"


def carry(database: Database, key: str) -> None:
    """From here on every session of `database` can make pseudonyms."""
    database.carried[_CARRIED_AS] = key


def of(session: Session, value: str) -> str | None:
    """Always the same for the same value; None in a session that carries no key."""
    key = session.info.get(_CARRIED_AS)
    if key is None:
        return None
    digest = hmac.new(str(key).encode(), b"pseudonym of " + value.encode(), "sha256").hexdigest()
    return f"{PREFIX}{digest[:40]}"
