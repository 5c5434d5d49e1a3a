"""What a write follows from: the conversation, and the message in it, that a customer's token was minted for."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

_KEY = "cause"


@dataclass(frozen=True, slots=True)
class Cause:
    """Both None for what no chat message caused."""

    conversation_id: str | None = None
    message_id: str | None = None


_NONE = Cause()


def carry(session: Session, cause: Cause) -> None:
    """Whatever is written with this session from now on follows from `cause`."""
    session.info[_KEY] = cause


def of(session: Session) -> Cause:
    found = session.info.get(_KEY, _NONE)
    assert isinstance(found, Cause), "only `carry` sets it"
    return found
