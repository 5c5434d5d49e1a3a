"""Progress: what providers tell of the parts that left, in whatever order, moves them forward only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy.orm import Session

from bot.channels.base import Channel, Outcome, Progress
from bot.conversations.models import Message
from bot.outbox import service as outbox
from bot.outbox.models import Status
from bot.telling.sending import settle


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider tells of one part."""

    channel: Channel
    outgoing_id: str
    progress: Progress

    @property
    def has_failed(self) -> bool:
        return self.progress.state == "failed"


def take_progress(session: Session, told: Sequence[Told]) -> list[str | None]:
    """For each the conversation of its part, or None for what is not of that part.

    Three of four webhooks tell this: those of one moment cost as many statements as one.
    """
    conversations: list[str | None] = []
    for has_failed, each_alike in groupby(told, key=lambda each: each.has_failed):
        alike = list(each_alike)
        conversations += [_fail(session, each) for each in alike] if has_failed else _move(session, alike)
    return conversations


def _move(session: Session, told: Sequence[Told]) -> list[str | None]:
    parts = outbox.standing(session, {each.outgoing_id for each in told})
    recognised: dict[str, str] = {}
    moved: dict[str, Status] = {}
    conversations: list[str | None] = []
    for each in told:
        part, its_id, state = parts.get(each.outgoing_id), each.progress.provider_message_id, each.progress.state
        # An id that is not the part's is of a copy that failed before: it has been sent anew since.
        if part is None or part.channel != each.channel.name or part.provider_message_id not in (None, its_id):
            conversations.append(None)
            continue
        conversations.append(part.conversation_id)
        if part.provider_message_id is None:
            recognised[part.id] = its_id
        status = part.status
        if state and not each.has_failed and outbox.is_further(state, part.status):
            status = moved[part.id] = state
        parts[part.id] = part._replace(provider_message_id=its_id, status=status)
    outbox.recognise(session, recognised)
    outbox.move(session, moved)
    return conversations


def _fail(session: Session, told: Told) -> str | None:
    [conversation_id] = _move(session, [told])
    if conversation_id is None:
        return None
    outgoing = outbox.lock(session, told.outgoing_id)
    assert outgoing is not None, "it was just looked at"
    if outgoing.status in ("failed", "delivered", "read", "skipped"):
        return conversation_id
    wait_s = settle(session, told.channel, outgoing, told.progress.failure or Outcome("refused"))
    # What comes after it in this session may look at the row itself.
    session.flush()
    if wait_s is not None:
        message = session.get_one(Message, outgoing.message_id)
        outbox.start(session, message, f"{message.seq:09d}:{told.progress.provider_message_id}", wait_s)
    return conversation_id
