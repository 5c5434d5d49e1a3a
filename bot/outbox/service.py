"""What may be done with outgoing parts: put them, take the next one, move them forward only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from bot.channels.base import Part
from bot.conversations.models import Conversation, Message
from bot.outbox.models import Outgoing, Status
from kernel import clock, durable, ids
from kernel.prepared import Prepared
from kernel.rows import table_of

WORKFLOW = "send_message"
LOOKS_QUEUE, LOOK = "bot_looks", "look_for_part"
# A part never goes back: of all that is told of it, in whatever order, the same remains.
_RANKS: dict[Status, int] = {
    "queued": 0, "sending": 1, "uncertain": 2, "sent": 3, "failed": 4, "delivered": 5, "read": 6, "skipped": 7,
}  # fmt: skip
OPEN: tuple[Status, ...] = ("queued", "sending")
# A part is sent soon after it is put, or a day later at the most.
SHORTLY = timedelta(days=1)
# What staff must know of a message before anything else, the worst first.
_WRONG: tuple[Status, ...] = ("failed", "uncertain", "skipped")
# Of the parts that a template stands for.
SAID_BY_TEMPLATE = "said_by_template"


class Standing(NamedTuple):
    """How a part stands, as its row is in the database."""

    id: str
    conversation_id: str
    channel: str
    provider_message_id: str | None
    status: Status


# Three of four webhooks tell how a part stands.
_part = table_of(Outgoing)
_standing = Prepared(
    select(
        _part.c.id,
        table_of(Message).c.conversation_id,
        _part.c.channel,
        _part.c.provider_message_id,
        _part.c.status,
    )
    .join(table_of(Message), table_of(Message).c.id == _part.c.message_id)
    .where(_part.c.id.in_(bindparam("parts", expanding=True)))
    .order_by(_part.c.id)
    .with_for_update(of=_part)
)
_recognise = Prepared(
    update(_part).where(_part.c.id == bindparam("part")).values(provider_message_id=bindparam("provider_id"))
)
_move = Prepared(
    update(_part)
    .where(_part.c.id == bindparam("part"))
    .values(status=bindparam("to"), reason=None, changed_at=bindparam("now"))
)


def queue_of(channel: str, *, is_bulk: bool) -> str:
    """Each channel has two of its own: a provider that hangs holds up no other's messages, and what nobody waits for
    holds up no answer, however much of it there is.
    """
    return f"bot_outgoing_{channel}_bulk" if is_bulk else f"bot_outgoing_{channel}"


def is_bulk(message: Message) -> bool:
    """Does the shop say it first?"""
    return message.author == "assistant" and message.in_reply_to is None


def put(
    session: Session, conversation: Conversation, message: Message, parts: Sequence[Part], *, is_template: bool = False
) -> None:
    """Records: one Outgoing for each part, and the work of sending them."""
    at = clock.now()
    session.add_all(
        Outgoing(
            id=ids.new_id(),
            message_id=message.id,
            position=position,
            channel=conversation.channel,
            part=part,
            is_template=is_template,
            status="queued",
            reason=None,
            attempts=0,
            provider_message_id=None,
            created_at=at,
            changed_at=at,
            paid_at=None,
        )
        for position, part in enumerate(parts)
    )
    session.flush()
    start(session, message, f"{message.seq:09d}")


def start(session: Session, message: Message, name: str, delay_s: float = 0) -> None:
    """Have the parts of a message that are still queued sent, after those of its conversation before it."""
    conversation = session.get_one(Conversation, message.conversation_id)
    durable.enqueue(
        session,
        WORKFLOW,
        message.id,
        queue=queue_of(conversation.channel, is_bulk=is_bulk(message)),
        partition=message.conversation_id,
        workflow_id=f"out:{message.conversation_id}:{name}",
        delay_s=delay_s,
        is_awaited=not is_bulk(message),
    )


def next_of(session: Session, message_id: str) -> Outgoing | None:
    """The first part of a message that is not yet on its way, locked."""
    open_ = select(Outgoing).where(Outgoing.message_id == message_id, Outgoing.status.in_(OPEN))
    return session.scalar(open_.order_by(Outgoing.position).limit(1).with_for_update())


def lock(session: Session, outgoing_id: str) -> Outgoing | None:
    return session.get(Outgoing, outgoing_id, with_for_update=True, populate_existing=True)


def standing(session: Session, outgoing_ids: Collection[str]) -> dict[str, Standing]:
    """Of those that are there, by their ids, locked."""
    rows = _standing.rows(session, {"parts": list(outgoing_ids)})
    return {row.id: Standing(*row) for row in rows}


def recognise(session: Session, provider_ids: Mapping[str, str]) -> None:
    """Note the provider's id of each part."""
    if provider_ids:
        _recognise.write(session, [{"part": part, "provider_id": its} for part, its in provider_ids.items()])


def is_further(status: Status, than: Status) -> bool:
    return _RANKS[status] > _RANKS[than]


def move(session: Session, statuses: Mapping[str, Status]) -> None:
    """`advance` of locked parts to what is further, without objects."""
    now = clock.now()
    if statuses:
        _move.write(session, [{"part": part, "to": status, "now": now} for part, status in statuses.items()])


def advance(outgoing: Outgoing, status: Status, reason: str | None = None) -> bool:
    """Move a part forward; False when it is that far already."""
    if not is_further(status, outgoing.status):
        return False
    outgoing.status, outgoing.reason, outgoing.changed_at = status, reason, clock.now()
    return True


def look_for(session: Session, outgoing: Outgoing, delay_s: float) -> None:
    """Have the provider asked what it has of a part."""
    message = session.get_one(Message, outgoing.message_id)
    durable.enqueue(
        session,
        LOOK,
        outgoing.id,
        queue=LOOKS_QUEUE,
        partition=message.conversation_id,
        workflow_id=f"look:{outgoing.id}:{ids.new_id()}",
        delay_s=delay_s,
    )


def others_of(session: Session, outgoing: Outgoing, conversation_id: str) -> list[Outgoing]:
    """All other parts of a conversation that were put since this one, or shortly before."""
    query = select(Outgoing).join(Message, Message.id == Outgoing.message_id)
    query = query.where(Message.conversation_id == conversation_id, Outgoing.id != outgoing.id)
    return list(session.scalars(query.where(Outgoing.created_at >= outgoing.created_at - SHORTLY)))


def again(outgoing: Outgoing) -> None:
    """It certainly did not arrive: back to the queue, under a new id of the provider's."""
    outgoing.status, outgoing.provider_message_id, outgoing.changed_at = "queued", None, clock.now()


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a message, of all its parts: `reason` says why it failed, was not sent, or is not known of."""

    status: Status
    reason: str | None


def fates(session: Session, message_ids: Sequence[str]) -> dict[str, Fate]:
    """Of each of these messages that left by the outbox: what went wrong with a part of it, else the least that is true
    of all of them.
    """
    parts: dict[str, list[Outgoing]] = {}
    of_messages = select(Outgoing).where(Outgoing.message_id.in_(message_ids)).order_by(Outgoing.position)
    for outgoing in session.scalars(of_messages):
        if outgoing.reason != SAID_BY_TEMPLATE:
            parts.setdefault(outgoing.message_id, []).append(outgoing)
    for message_id, carrier in _carriers(session, message_ids):
        parts.setdefault(message_id, []).append(carrier)
    found = {}
    for message_id, outgoings in parts.items():
        worst = min(
            outgoings,
            key=lambda each: (_WRONG.index(each.status) if each.status in _WRONG else len(_WRONG), _RANKS[each.status]),
        )
        found[message_id] = Fate(worst.status, worst.reason)
    return found


def _carriers(session: Session, message_ids: Sequence[str]) -> list[tuple[str, Outgoing]]:
    """The part of another message that says each of these, where one does."""
    said = select(Outgoing.message_id, Outgoing.said_in).distinct()
    said = said.where(Outgoing.message_id.in_(message_ids), Outgoing.said_in.is_not(None))
    rows = session.execute(said).tuples().all()
    carriers = {
        part.id: part for part in session.scalars(select(Outgoing).where(Outgoing.id.in_([c for _, c in rows])))
    }
    return [(message_id, carriers[carrier]) for message_id, carrier in rows if carrier]


def waiting_after(session: Session, message: Message, limit: int) -> list[tuple[Message, list[Outgoing]]]:
    """The messages right after this one in its conversation, with their parts, locked, as long as all of them wait."""
    later = select(Message).where(Message.conversation_id == message.conversation_id, Message.seq > message.seq)
    waiting = []
    for each in session.scalars(later.order_by(Message.seq).limit(limit)):
        mine = select(Outgoing).where(Outgoing.message_id == each.id).order_by(Outgoing.position).with_for_update()
        parts = list(session.scalars(mine))
        if not parts or any(part.status != "queued" for part in parts):
            break
        waiting.append((each, parts))
    return waiting


def say_along(session: Session, carrier: Outgoing) -> None:
    """What a part that left, or may have left, says of others is said: they wait no more."""
    theirs = select(Outgoing).where(Outgoing.said_in == carrier.id, Outgoing.status == "queued")
    for outgoing in session.scalars(theirs.with_for_update()):
        advance(outgoing, "skipped", SAID_BY_TEMPLATE)


def let_go(session: Session, carrier: Outgoing) -> list[Message]:
    """The part did not say them: they wait again, each for itself. Those that nobody is about to send, in order."""
    ended = set()
    for outgoing in session.scalars(select(Outgoing).where(Outgoing.said_in == carrier.id).with_for_update()):
        if outgoing.status == "skipped":
            ended.add(outgoing.message_id)
        outgoing.status, outgoing.reason, outgoing.said_in, outgoing.changed_at = "queued", None, None, clock.now()
    session.flush()
    query = select(Message).where(Message.id.in_(ended)).order_by(Message.seq)
    return list(session.scalars(query)) if ended else []


def as_template(session: Session, outgoing: Outgoing, part: Part) -> None:
    """It leaves as this, which the provider bills, and the rest of its message not at all."""
    outgoing.own_part = outgoing.own_part or outgoing.part
    outgoing.part, outgoing.paid_at = part, clock.now()
    session.flush()


def as_it_is(session: Session, outgoing: Outgoing) -> None:
    """It leaves as what it was put as, after all, and so does the rest of its message."""
    outgoing.paid_at = None
    if outgoing.own_part is None:
        return
    outgoing.part, outgoing.own_part = outgoing.own_part, None
    rest = select(Outgoing).where(Outgoing.message_id == outgoing.message_id, Outgoing.reason == SAID_BY_TEMPLATE)
    for other in session.scalars(rest):
        other.status, other.reason, other.changed_at = "queued", None, clock.now()
    session.flush()


def stand_alone(session: Session, message_id: str) -> None:
    """No other part says this message any more."""
    for outgoing in session.scalars(select(Outgoing).where(Outgoing.message_id == message_id)):
        outgoing.said_in = None
    session.flush()


def left_behind(session: Session, before: datetime, limit: int) -> list[Message]:
    """Messages of which a part has been open since an instant."""
    open_ = select(Outgoing.message_id).where(Outgoing.status.in_(OPEN), Outgoing.changed_at < before)
    query = select(Message).where(Message.id.in_(open_)).order_by(Message.at).limit(limit)
    return list(session.scalars(query))


def skip_rest(session: Session, message_id: str, reason: str) -> None:
    """What is left of a message is not said."""
    left = select(Outgoing).where(Outgoing.message_id == message_id, Outgoing.status == "queued")
    for outgoing in session.scalars(left.with_for_update()):
        advance(outgoing, "skipped", reason)
