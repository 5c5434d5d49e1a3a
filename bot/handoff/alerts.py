"""Alerts: when a person should have answered by now, or settled it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from bot.handoff.models import Handoff
from kernel import clock

Alert = Literal["ok", "soon", "late"]
# So much of the time is gone when it is "soon".
SOON = 0.75
# Nobody types longer without a further sign of it.
TYPING_FOR = timedelta(seconds=6)


def alert_of(handoff: Handoff) -> Alert:
    """The worse of the two that are still due."""
    due = [handoff.resolve_due_at] + ([handoff.reply_due_at] if handoff.replied_at is None else [])
    states = [_state(handoff.asked_at, each) for each in due if each]
    return "late" if "late" in states else "soon" if "soon" in states else "ok"


def _state(since: datetime, due: datetime) -> Alert:
    at = clock.now()
    if at >= due:
        return "late"
    return "soon" if at - since >= (due - since) * SOON else "ok"


def is_typing(handoff: Handoff) -> bool:
    return handoff.typing_at is not None and clock.now() - handoff.typing_at < TYPING_FOR
