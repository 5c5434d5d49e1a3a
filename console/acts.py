"""Forms that do one act once: their key, and what a person typed into them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import uuid4

from starlette.datastructures import FormData
from starlette.requests import Request

from console import csrf
from console.desk import desk_of


def new_act() -> str:
    """What a form carries as `act`, so that pressed twice it does its act once."""
    return str(uuid4())


def key_of(form: Mapping[str, object]) -> str:
    return f"console:{form.get('act') or new_act()}"


async def sent(request: Request) -> FormData:
    """The form, if it is from our own page.

    Raises: FormRefused.
    """
    await csrf.check(request, desk_of(request).key)
    return await request.form()


def typed(form: Mapping[str, object], name: str, most: int = 300) -> str:
    return str(form.get(name, "")).strip()[:most]


def texts(form: FormData) -> Mapping[str, str]:
    """All that was typed, by field; nothing for every other field."""
    return defaultdict(str, {name: value.strip() for name, value in form.items() if isinstance(value, str)})


def whole(form: Mapping[str, object], name: str, least: int = 0) -> int | None:
    """A whole number of at least so much; None for what is none."""
    text = typed(form, name, 12)
    return int(text) if text.isascii() and text.isdigit() and int(text) >= least else None
