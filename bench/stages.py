"""Where the time of a turn goes, read from what the turn left behind: its messages and its durable step."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, aliased

from bench.visitor import Turn
from bot.conversations.models import Message
from kernel.config import Settings
from kernel.db import Database

# DBOS's own table: when the first try of each turn began.
_BEGUN = text(
    "SELECT workflow_uuid, min(started_at_epoch_ms) FROM operation_outputs "
    "WHERE function_name = 'attempt' GROUP BY workflow_uuid"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """Moments of one turn, in seconds since the epoch."""

    stored_at: float
    begun_at: float
    answered_at: float


def stages(settings: Settings, turns: Sequence[Turn]) -> dict[str, float]:
    """Median milliseconds of each stage of the turns, in order; from the socket to the socket nothing is left out."""
    database = Database(settings.database_url)
    with database.read() as session:
        traces = _traces(session)
    database.dispose()
    # The last turn may still be writing down its step: its reply was out before.
    each = [(turn, traces[turn.turn_id]) for turn in turns if turn.turn_id in traces]
    return {
        "until it is stored": _median_ms(trace.stored_at - turn.sent_at for turn, trace in each),
        "waiting in the queue": _median_ms(trace.begun_at - trace.stored_at for _, trace in each),
        "assistant, actions and OMS": _median_ms(trace.answered_at - trace.begun_at for _, trace in each),
        "until the reply is out": _median_ms(turn.replied_at - trace.answered_at for turn, trace in each),
    }


def _traces(session: Session) -> dict[str, Trace]:
    """Of every turn that was answered, by the id of its durable workflow."""
    begun_at = {turn_id: epoch_ms / 1000 for turn_id, epoch_ms in session.execute(_BEGUN)}
    reply = aliased(Message)
    asked = (
        select(Message.conversation_id, Message.seq, Message.at, func.min(reply.at))
        .join(reply, reply.in_reply_to == Message.id)
        .group_by(Message.id)
    )
    return {
        turn_id: Trace(stored_at.timestamp(), begun_at[turn_id], answered_at.timestamp())
        for conversation_id, seq, stored_at, answered_at in session.execute(asked)
        if (turn_id := f"{conversation_id}:{seq:09d}") in begun_at
    }


def _median_ms(seconds: Iterable[float]) -> float:
    return statistics.median(seconds) * 1000
