"""Waits: how long people have lately waited for a person. What was not measured is not promised."""

from __future__ import annotations

import math
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.handoff import hours
from bot.handoff.models import Handoff
from bot.handoff.service import STEPPED_IN
from kernel import clock

LOOKED_BACK, LATEST, LEAST = timedelta(days=14), 20, 5
# Of the latest, so many waited no longer than what is told.
PART = 0.8
# Beyond it there is nothing to be said but that it takes long.
MOST_MINUTES = 120


def usual_minutes(session: Session, team: str | None) -> int | None:
    """What four of five of the latest in a team's queue waited at most, in minutes (by fives from five on).

    Of those who asked while the shop was open; None when they are fewer than five, or it was more than two hours.
    """
    query = (
        select(Handoff.asked_at, Handoff.claimed_at)
        .where(
            Handoff.claimed_at > clock.now() - LOOKED_BACK,
            Handoff.reason != STEPPED_IN,
            Handoff.team == team if team else Handoff.team.is_(None),
        )
        .order_by(Handoff.claimed_at.desc())
        .limit(LATEST)
    )
    known = hours.of(session)
    waits = sorted(
        claimed_at - asked_at
        for asked_at, claimed_at in session.execute(query)
        if claimed_at is not None and (known is None or known.is_open(asked_at))
    )
    if len(waits) < LEAST:
        return None
    minutes = max(1, math.ceil(waits[math.ceil(len(waits) * PART) - 1] / timedelta(minutes=1)))
    if minutes > MOST_MINUTES:
        return None
    return minutes if minutes <= 5 else math.ceil(minutes / 5) * 5
