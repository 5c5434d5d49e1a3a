"""What the finance desk's forms share: the act they do once, and what was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backend.schemas.staff import PendingAct
from console import csrf
from console.desk import desk_of, root_of, words_of
from kernel.errors import ComandaError, Forbidden

MOST_TYPED = 300


class Typed:
    """A form that came from our own page: its texts, and the key of what it does."""

    def __init__(self, values: dict[str, str], act: str) -> None:
        self.values = values
        self.key = f"console:{act}"

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")


async def typed(request: Request) -> Typed:
    """Raises: FormRefused."""
    await csrf.check(request, desk_of(request).key)
    form = await request.form()
    values = {name: str(value).strip() for name, value in form.items() if isinstance(value, str)}
    return Typed(values, values.get("act") or str(uuid4()))


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
