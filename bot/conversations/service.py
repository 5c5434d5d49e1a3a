"""What may be done to a conversation.

Every function works in the caller's transaction, and on a conversation that the caller has locked if it changes it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, bindparam, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from bot.conversations import listing as listings
from bot.conversations.models import Author, Choice, Conversation, Enclosure, Message, Owner, Turn, TurnStatus
from kernel import clock, ids
from kernel.prepared import Prepared
from kernel.rows import table_of

CHOICE_LIFETIME = timedelta(days=1)
# Of a choice that is the bot's to do, whoever has the conversation (bot/answering/proofs.py). Behind it is the token of
# the link that was opened; nothing, where it was not they who asked for it.
LINK = "bot:link:"
# Of which conversation, `seq`, `author`, `text` and `at` of a message.
Said = Row[str, int, Author, str, datetime]
# Conversations that have been silent for longer are found by their customer only.
SEARCHED_FOR = timedelta(days=90)

# Prebuilt: these run for every message, and building a statement costs more than the database does; to write, by the
# ORM's unit of work, thrice the CPU.
_INSERT_MESSAGE = Prepared(insert(table_of(Message)))
_INSERT_TURN = Prepared(insert(table_of(Turn)))
_BY_PROVIDER_ID = Prepared(
    select(Message.id, Message.seq, Message.at).where(
        Message.channel == bindparam("channel"), Message.provider_message_id == bindparam("provider_message_id")
    )
)
_TAKEN = Prepared(
    select(Message.provider_message_id).where(
        Message.channel == bindparam("channel"),
        Message.provider_message_id.in_(bindparam("provider_message_ids", expanding=True)),
    )
)
_OPEN_OF = select(Conversation).where(
    Conversation.channel == bindparam("channel"),
    Conversation.sender == bindparam("sender"),
    Conversation.owner != "closed",
)
_LATEST_OF = (
    select(Conversation)
    .where(Conversation.channel == bindparam("channel"), Conversation.sender == bindparam("sender"))
    .order_by(Conversation.id.desc())
    .limit(1)
)
_RANKED = (
    select(
        Conversation.id,
        func.row_number()
        .over(partition_by=Conversation.sender, order_by=(Conversation.owner == "closed", Conversation.id.desc()))
        .label("rank"),
    )
    .where(
        Conversation.channel == bindparam("channel"),
        Conversation.sender.in_(bindparam("senders", expanding=True)),
    )
    .subquery()
)
# Of each sender the one that is open, or else the newest of those that are closed.
_LAST_OF_LOCKED = (
    select(Conversation)
    .where(Conversation.id.in_(select(_RANKED.c.id).where(_RANKED.c.rank == 1)))
    .order_by(Conversation.sender)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LAST_SAID = select(Message).where(
    Message.conversation_id == bindparam("conversation_id"), Message.seq == bindparam("seq")
)
_STATE = select(Conversation.owner, Conversation.language).where(Conversation.id == bindparam("conversation_id"))
_AFTER = (
    select(Message)
    .where(Message.conversation_id == bindparam("conversation_id"), Message.seq > bindparam("seq"))
    .order_by(Message.seq)
    .limit(bindparam("limit"))
)
_OFFERED = (
    select(Choice)
    .where(Choice.message_id.in_(bindparam("message_ids", expanding=True)), Choice.ended_at.is_(None))
    .order_by(Choice.position)
)
_ENCLOSED = (
    select(Enclosure)
    .where(Enclosure.message_id.in_(bindparam("message_ids", expanding=True)))
    .order_by(Enclosure.position)
)
# In `Session.info`: the conversations in which the shop said something.
_SPOKEN_IN = "bot.spoken_in"


@dataclass(frozen=True, slots=True)
class Button:
    """A choice to offer: what it says and what it stands for."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A PDF of the shop's to go with a message; its address carries its own proof."""

    name: str
    url: str


def open_for(session: Session, channel: str, sender: str, language: str) -> Conversation:
    """The conversation of a sender, locked; a new one in `language` if there is none. One that is closed stays so."""
    return open_all(session, channel, {sender: language})[sender]


def open_all(session: Session, channel: str, languages: Mapping[str, str]) -> dict[str, Conversation]:
    """The same of several senders, each with their language, by sender."""
    known = session.scalars(_LAST_OF_LOCKED, {"channel": channel, "senders": list(languages)})
    opened = {each.sender: each for each in known}
    new = {sender: _begun(channel, sender, language) for sender, language in languages.items() if sender not in opened}
    if new:
        session.add_all(new.values())
        session.flush()
    return opened | new


def _begun(channel: str, sender: str, language: str) -> Conversation:
    return Conversation(
        id=ids.new_id(),
        channel=channel,
        sender=sender,
        customer_id=None,
        owner="assistant",
        version=1,
        language=language,
        handoff_reason=None,
        team=None,
        last_seq=0,
        is_queue_told=False,
        is_card_warned=False,
        policy_shown=None,
        policy_message_id=None,
        policy_accepted=None,
        outage_since=None,
        is_outage_told=False,
        created_at=clock.now(),
        last_message_at=None,
    )


def find_open(session: Session, channel: str, sender: str) -> Conversation | None:
    return session.scalar(_OPEN_OF, {"channel": channel, "sender": sender})


def find_latest(session: Session, channel: str, sender: str) -> Conversation | None:
    """The newest conversation of a sender, open or closed."""
    return session.scalar(_LATEST_OF, {"channel": channel, "sender": sender})


def ids_of_sender(session: Session, channel: str, sender: str) -> list[str]:
    """All conversations of a sender, open and closed."""
    of_sender = (Conversation.channel == channel, Conversation.sender == sender)
    return list(session.scalars(select(Conversation.id).where(*of_sender)))


def of_customers(session: Session, customer_ids: Collection[str], limit: int) -> list[Conversation]:
    """The conversations of a person, on whatever channel, open or closed; where they were last heard or written to is
    the first.
    """
    theirs = select(Conversation).where(Conversation.customer_id.in_(customer_ids))
    newest = theirs.order_by(Conversation.last_message_at.desc().nulls_last(), Conversation.id.desc())
    return list(session.scalars(newest.limit(limit)))


def heard_at(session: Session, conversation_id: str) -> datetime | None:
    """When the customer last wrote there."""
    last = last_of_customer(session, conversation_id)
    return last.at if last else None


def lock(session: Session, conversation_id: str) -> Conversation:
    """The conversation as it is now, and nobody else changes it until the transaction ends."""
    conversation = session.get(Conversation, conversation_id, with_for_update=True, populate_existing=True)
    assert conversation is not None, "a conversation is never deleted"
    return conversation


def append(
    session: Session,
    conversation: Conversation,
    author: Author,
    text: str,
    *,
    buttons: Sequence[Button] = (),
    enclosures: Sequence[Enclosed] = (),
    provider_message_id: str | None = None,
    in_reply_to: str | None = None,
    staff: tuple[str, str] | None = None,
) -> Message:
    """Write the next message of a locked conversation. A new question ends the choices of the one before.

    `staff` is the id and the name of the agent who wrote it.
    `text` says a link that leads to each of the enclosures: where no file can go the words are enough.
    """
    at = clock.now()
    conversation.last_seq += 1
    conversation.last_message_at = at
    values = {
        "id": ids.new_id(),
        "conversation_id": conversation.id,
        "seq": conversation.last_seq,
        "channel": conversation.channel,
        "provider_message_id": provider_message_id,
        "author": author,
        "text": text,
        "in_reply_to": in_reply_to,
        "staff_id": staff[0] if staff else None,
        "staff_name": staff[1] if staff else None,
        "at": at,
    }
    _INSERT_MESSAGE.write(session, values)
    message = Message(**values)
    if author != "customer":
        session.info.setdefault(_SPOKEN_IN, set()).add(conversation.id)
    if buttons:
        end_choices(session, conversation.id)
        session.add_all(
            Choice(
                token=secrets.token_urlsafe(24),
                conversation_id=conversation.id,
                message_id=message.id,
                position=position,
                title=button.title,
                payload=button.payload,
                expires_at=at + CHOICE_LIFETIME,
                ended_at=None,
            )
            for position, button in enumerate(buttons)
        )
        session.flush()
    session.add_all(
        Enclosure(message_id=message.id, position=position, name=each.name, url=each.url)
        for position, each in enumerate(enclosures)
    )
    return message


def end_choices(session: Session, conversation_id: str, *, sparing: str | None = None) -> None:
    """No button of this conversation works any more, but those whose payload begins with `sparing`."""
    open_ = update(Choice).where(Choice.conversation_id == conversation_id, Choice.ended_at.is_(None))
    if sparing is not None:
        open_ = open_.where(~Choice.payload.startswith(sparing, autoescape=True))
    session.execute(open_.values(ended_at=clock.now()))


def live_choice(session: Session, conversation_id: str, token: str) -> Choice | None:
    """The choice that a token stands for, if it may still be pressed in this conversation."""
    choice = session.get(Choice, token)
    if choice is None or choice.conversation_id != conversation_id:
        return None
    return choice if _is_live(choice, clock.now()) else None


def choice_in_words(session: Session, conversation: Conversation, text: str) -> str | None:
    """The token of the choice that a text names, by its number or title, if the last thing said was the question."""
    said = text.strip().rstrip(".)").casefold()
    if not said or not conversation.last_seq:
        return None
    last = session.scalar(_LAST_SAID, {"conversation_id": conversation.id, "seq": conversation.last_seq})
    if last is None or last.author == "customer":
        return None
    at = clock.now()
    offered = session.scalars(select(Choice).where(Choice.message_id == last.id).order_by(Choice.position))
    live = [choice for choice in offered if _is_live(choice, at)]
    for choice in live:
        if choice.title.casefold() == said:
            return choice.token
    # Where titles begin with digits themselves, a number may be meant as one of them.
    if any(choice.title[:1].isdigit() for choice in live) or not (said.isascii() and said.isdecimal()):
        return None
    number = int(said) if len(said) < 4 else 0
    numbers = listings.read(last.text, [choice.title for choice in live]).numbers
    return live[numbers.index(number)].token if number in numbers else None


def _is_live(choice: Choice, at: datetime) -> bool:
    return choice.ended_at is None and at < choice.expires_at


def find_by_provider_id(session: Session, channel: str, provider_message_id: str) -> Row[str, int, datetime] | None:
    """`id`, `seq` and `at` of a message that was taken in."""
    return _BY_PROVIDER_ID.first(session, {"channel": channel, "provider_message_id": provider_message_id})


def taken(session: Session, channel: str, provider_message_ids: Collection[str]) -> set[str]:
    """Which of them are ids of messages that were taken in."""
    rows = _TAKEN.rows(session, {"channel": channel, "provider_message_ids": list(provider_message_ids)})
    return {row.provider_message_id for row in rows}


def has_spoken(session: Session, conversation: Conversation) -> bool:
    """Did the shop say something here in this session?"""
    return conversation.id in session.info.get(_SPOKEN_IN, ())


def last_of_customer(session: Session, conversation_id: str) -> Message | None:
    """What the customer said last."""
    theirs = (Message.conversation_id == conversation_id, Message.author == "customer")
    return session.scalar(select(Message).where(*theirs).order_by(Message.seq.desc()).limit(1))


def last_text(session: Session, conversation: Conversation) -> str:
    """What was said last; empty for files alone, and for nothing."""
    said = session.scalar(_LAST_SAID, {"conversation_id": conversation.id, "seq": conversation.last_seq})
    return said.text if said else ""


def latest_said(session: Session, conversation_ids: Collection[str], each: int) -> dict[str, list[Said]]:
    """The last messages of several conversations, oldest first, as rows with `seq`, `author`, `text`, `at`."""
    latest = (
        select(Message.conversation_id, Message.seq, Message.author, Message.text, Message.at)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.id.in_(conversation_ids), Message.seq > Conversation.last_seq - each)
        .order_by(Message.conversation_id, Message.seq)
    )
    found: dict[str, list[Said]] = {each: [] for each in conversation_ids}
    for row in session.execute(latest):
        found[row.conversation_id].append(row)
    return found


def latest_words(session: Session, conversation_id: str, since: datetime, limit: int) -> list[str]:
    """What the customer wrote since an instant, the latest first."""
    of_customer = (Message.conversation_id == conversation_id, Message.author == "customer", Message.at >= since)
    return list(session.scalars(select(Message.text).where(*of_customer).order_by(Message.seq.desc()).limit(limit)))


def state_of(session: Session, conversation_id: str) -> tuple[Owner, str]:
    """Who answers in a conversation, and its language."""
    row = session.execute(_STATE, {"conversation_id": conversation_id}).one()
    return row.owner, row.language


def messages_after(session: Session, conversation_id: str, seq: int, limit: int) -> list[tuple[Message, list[Choice]]]:
    """At most `limit` messages after `seq`, oldest first, each with those of its choices that still work."""
    messages = session.scalars(_AFTER, {"conversation_id": conversation_id, "seq": seq, "limit": limit}).all()
    at = clock.now()
    choices: dict[str, list[Choice]] = {message.id: [] for message in messages}
    asked = [message.id for message in messages if message.author != "customer"]
    if asked:
        for choice in session.scalars(_OFFERED, {"message_ids": asked}):
            if _is_live(choice, at):
                choices[choice.message_id].append(choice)
    return [(message, choices[message.id]) for message in messages]


def enclosures_of(session: Session, message_ids: Sequence[str]) -> dict[str, list[Enclosed]]:
    """What goes with each of these messages, in its order."""
    found: dict[str, list[Enclosed]] = {message_id: [] for message_id in message_ids}
    if not message_ids:
        return found
    for each in session.scalars(_ENCLOSED, {"message_ids": list(message_ids)}):
        found[each.message_id].append(Enclosed(each.name, each.url))
    return found


def change_owner(conversation: Conversation, owner: Owner, *, reason: str | None = None) -> None:
    """Hand a locked conversation to someone else; replies computed before are void from here on."""
    conversation.owner = owner
    conversation.version += 1
    conversation.handoff_reason = reason
    conversation.is_queue_told = False
    end_outage(conversation)


def reopen(conversation: Conversation) -> None:
    """The assistant answers in a closed conversation again."""
    if conversation.owner == "closed":
        change_owner(conversation, "assistant")


def end_outage(conversation: Conversation) -> None:
    """The assistant answers here again, or need not."""
    conversation.outage_since, conversation.is_outage_told = None, False


def begin_turn(
    session: Session,
    message: Message,
    payload: str | None,
    *,
    start_token: str | None = None,
    shared_phone: str | None = None,
) -> None:
    _INSERT_TURN.write(
        session,
        {
            "message_id": message.id,
            "conversation_id": message.conversation_id,
            "payload": payload,
            "start_token": start_token,
            "shared_phone": shared_phone,
            "status": "received",
            "attempts": 0,
        },
    )


def end_turn(turn: Turn, status: TurnStatus) -> None:
    assert turn.status == "received", "a turn ends once"
    turn.status = status
    turn.start_token = turn.shared_phone = None
    turn.finished_at = clock.now()


def answered_since(session: Session, conversation_id: str, since: datetime) -> int:
    """How many typed messages of a conversation were answered since an instant; pressed buttons are not typed."""
    is_typed = Turn.payload.is_(None) | Turn.payload.startswith("bot:say:") | Turn.payload.startswith("bot:heard:")
    answered = (Turn.conversation_id == conversation_id, Turn.status == "answered", Turn.finished_at > since)
    return session.scalar(select(func.count()).select_from(Turn).where(*answered, is_typed)) or 0


def is_about(text: str, customer_ids: Collection[str]) -> ColumnElement[bool]:
    """Whether a conversation is of one of these customers, or the text was said in it; only lately spoken in ones are
    read for that.
    """
    of_them = Conversation.customer_id.in_(customer_ids)
    if not text:
        return of_them
    # An alias: the list that asks reads the latest message beside it.
    said = aliased(Message)
    says_so = func.lower(said.text).contains(text.lower(), autoescape=True)
    is_said = select(said.id).where(said.conversation_id == Conversation.id, says_so).exists()
    return of_them | ((Conversation.last_message_at >= clock.now() - SEARCHED_FOR) & is_said)


def list_recent(
    session: Session,
    *,
    owner: Owner | None,
    before: tuple[datetime, str] | None,
    limit: int,
    only: Sequence[ColumnElement[bool]] = (),
) -> list[tuple[Conversation, str]]:
    """Conversations that have messages, the latest first, each with its last text.

    `before` is the time and id with which the last page ended; `only` are further conditions on Conversation.
    """
    query = (
        select(Conversation, Message.text)
        .join(Message, (Message.conversation_id == Conversation.id) & (Message.seq == Conversation.last_seq))
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .where(*only)
        .limit(limit)
    )
    if owner:
        query = query.where(Conversation.owner == owner)
    if before:
        at, conversation_id = before
        query = query.where(
            (Conversation.last_message_at < at)
            | ((Conversation.last_message_at == at) & (Conversation.id < conversation_id))
        )
    return [(conversation, text) for conversation, text in session.execute(query)]
