"""Where a person is written to first: the conversation of theirs in which that reaches them, and nobody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy.orm import Session

from bot.contacts import service as contacts
from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.replies import DEFAULT_LANGUAGE
from kernel import clock
from kernel.phones import phone_of

# A person has an open conversation on each channel at most; what is closed is older.
LOOKED_AT = 20


def reach(session: Session, customer_ids: Collection[str], fresh: timedelta) -> Conversation | None:
    """Where the person was last, of the conversations that can be written to. One that is closed is opened again.

    A phone number from which nothing came for `fresh` may be someone else's by now: nothing is said there.
    """
    theirs = [
        each
        for each in conversations.of_customers(session, customer_ids, LOOKED_AT)
        if not _is_stale(session, each, fresh)
    ]
    if not theirs:
        return None
    latest = next((each for each in theirs if _is_reachable(session, each)), theirs[0])
    if latest.owner != "closed":
        return latest
    opened = conversations.open_for(session, latest.channel, latest.sender, latest.language)
    opened.customer_id = opened.customer_id or latest.customer_id
    if opened.customer_id not in customer_ids:
        return None
    conversations.reopen(opened)
    return opened


def reach_at(session: Session, channel: str, sender: str, customer_id: str) -> Conversation:
    """The conversation with a sender, whoever they are: what is said there is meant for who reads there."""
    latest = conversations.find_latest(session, channel, sender)
    opened = conversations.open_for(session, channel, sender, latest.language if latest else DEFAULT_LANGUAGE)
    opened.customer_id = opened.customer_id or customer_id
    conversations.reopen(opened)
    return opened


def _is_stale(session: Session, conversation: Conversation, fresh: timedelta) -> bool:
    if phone_of(conversation.sender) is None:
        return False
    heard_at = conversations.heard_at(session, conversation.id)
    return heard_at is not None and clock.now() - heard_at >= fresh


def _is_reachable(session: Session, conversation: Conversation) -> bool:
    contact = contacts.of_sender(session, conversation.channel, conversation.sender)
    return contact is None or (contact.unreachable is None and contact.opted_out_at is None)
