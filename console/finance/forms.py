"""What the finance desk's forms share: what they say when refused, and where they lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.schemas.staff import PendingAct
from console.desk import root_of, words_of
from kernel.errors import ComandaError, Forbidden

MOST_TYPED = 300


def said(request: Request, refusal: ComandaError) -> str:
    """What was refused, in the member's language. Raises the refusal, where a page of its own says it."""
    words = words_of(request)
    if isinstance(refusal, Forbidden) and refusal.code not in words.refused:
        raise refusal
    text: str = words.refused.get(refusal.code, words.refused_otherwise)
    return text


def done_or_waits(request: Request, made: Any, path: str) -> Response:
    """Back to where it can be seen: what was done, or what waits for a second person."""
    if isinstance(made, PendingAct):
        return RedirectResponse(f"{root_of(request)}/finance/pending?waits={made.number}", 303)
    return RedirectResponse(f"{root_of(request)}{path}", 303)


def blank(values: Mapping[str, str] | None) -> Mapping[str, str]:
    """What was typed, or said of it, by field; nothing for every other field."""
    return defaultdict(str, values or {})


def day(text: str) -> str | None:
    """A day as the OMS takes it; None for what is none. Raises: ValueError."""
    return date.fromisoformat(text).isoformat() if text else None
