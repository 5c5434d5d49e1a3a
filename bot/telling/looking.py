"""Looking: a part of which nobody knows whether it arrived is looked for at its provider, and so it is settled.

There it is: it was sent, under the provider's id, and what the provider tells of it later finds it. Three looks do not
find it: it never arrived, and is sent once more if nothing has been said since; it is not when that would be out of
place, or would cost a second time. Nothing else ever sends a part again of which nobody knew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.channels.base import Channel, Copies, Part, Progress, Searched
from bot.channels.pushed import Channels
from bot.contacts import service as contacts
from bot.conversations.models import Conversation, Message
from bot.delivery import Delivery
from bot.outbox import service as outbox
from bot.outbox.models import Outgoing
from bot.telling.progress import Told, take_progress
from bot.telling.secrets_said import notice_of_code, with_code
from bot.telling.sending import LOOK_WAITS_S, TOO_OLD
from kernel import clock, durable
from kernel.db import Database
from kernel.errors import Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

PACE_S = 1.0
AT_MOST = 2
# The provider is away, or the part may be taken for one that is just being sent.
PUT_OFF_S = 300.0
SENDING_S = 20.0
NEVER_ARRIVED = "never_arrived"


@dataclass(frozen=True, slots=True)
class Sought:
    """What to look for: a part as it left, where to, and since when it may be there."""

    at: Searched
    address: str
    part: Part
    since: datetime


class LookHandler:
    """Looks for what is put to it. `register` before `durable.launch`, `serve` after it."""

    def __init__(self, database: Database, delivery: Delivery, channels: Channels, key: str) -> None:
        """`key`: the signing key, of which one-time codes are made."""
        self._database = database
        self._delivery = delivery
        self._channels = channels
        self._key = key

    def register(self) -> None:
        durable.duty(outbox.LOOK, self.look)

    def serve(self) -> None:
        durable.register_queue(outbox.LOOKS_QUEUE, per_partition=1, at_most=AT_MOST, pace_s=PACE_S)

    def look(self, outgoing_id: str) -> None:
        """One look for a part, and what follows from it."""
        sought = self._sought(outgoing_id)
        if sought is None:
            return
        try:
            found = sought.at.copies(sought.address, sought.part, sought.since)
        except Unavailable as error:
            log.warning("look_put_off", outgoing_id=outgoing_id, reason=str(error))
            self._put_off(outgoing_id)
            return
        with self._database.write() as session:
            outgoing = _uncertain(session, outgoing_id)
            if outgoing is None:
                return
            _settle(session, self._channels[outgoing.channel], outgoing, found)
            conversation_id = session.get_one(Message, outgoing.message_id).conversation_id
            self._delivery.fates_changed(session, [conversation_id])
        self._delivery.tell([conversation_id])

    def _sought(self, outgoing_id: str) -> Sought | None:
        with self._database.read() as session:
            outgoing = session.get(Outgoing, outgoing_id)
            if outgoing is None or outgoing.status != "uncertain":
                return None
            channel = self._channels.get(outgoing.channel)
            if channel is None or not isinstance(channel, Searched):
                return None
            message = session.get_one(Message, outgoing.message_id)
            conversation = session.get_one(Conversation, message.conversation_id)
            contact = contacts.find(session, channel.name, channel.same_person(conversation.sender))
            code = notice_of_code(session, message)
            part = with_code(outgoing.part, code, self._key) if code else outgoing.part
            return Sought(channel, contact.sender if contact else conversation.sender, part, outgoing.created_at)

    def _put_off(self, outgoing_id: str) -> None:
        with self._database.write() as session:
            outgoing = _uncertain(session, outgoing_id)
            if outgoing and clock.now() - outgoing.created_at < TOO_OLD + timedelta(seconds=PUT_OFF_S):
                outbox.look_for(session, outgoing, PUT_OFF_S)


def _uncertain(session: Session, outgoing_id: str) -> Outgoing | None:
    """The part, locked, if nobody knows of it still."""
    outgoing = outbox.lock(session, outgoing_id)
    return outgoing if outgoing and outgoing.status == "uncertain" else None


def _settle(session: Session, channel: Channel, outgoing: Outgoing, found: Copies) -> None:
    message = session.get_one(Message, outgoing.message_id)
    others = outbox.others_of(session, outgoing, message.conversation_id)
    taken = {each.provider_message_id for each in others}
    copy = next((each for each in found.told if each.provider_message_id not in taken), None)
    if copy and any(each.status == "sending" for each in others):
        # It may be the copy of that one, whose id nobody has written down yet.
        outbox.look_for(session, outgoing, SENDING_S)
    elif copy:
        _arrived(session, channel, outgoing, copy)
    else:
        _not_there(session, outgoing, message, is_sure=found.is_sure)


def _arrived(session: Session, channel: Channel, outgoing: Outgoing, copy: Progress) -> None:
    log.info("look_found", outgoing_id=outgoing.id, provider_message_id=copy.provider_message_id)
    if copy.state is None:
        # The provider has it, and has not sent it on yet.
        outbox.advance(outgoing, "sent")
    take_progress(session, [Told(channel, outgoing.id, copy)])


def _not_there(session: Session, outgoing: Outgoing, message: Message, *, is_sure: bool) -> None:
    outgoing.looks += 1
    # As many looks again for what was sent once more.
    again = outgoing.looks % len(LOOK_WAITS_S)
    if again:
        outbox.look_for(session, outgoing, LOOK_WAITS_S[again])
        return
    if not is_sure:
        return
    conversation = session.get_one(Conversation, message.conversation_id)
    is_first = outgoing.looks == len(LOOK_WAITS_S)
    if is_first and conversation.last_seq == message.seq:
        log.warning("sent_once_more", outgoing_id=outgoing.id)
        outbox.again(outgoing)
        outbox.start(session, message, f"{message.seq:09d}:{outgoing.id}:again")
        return
    outbox.advance(outgoing, "failed", NEVER_ARRIVED)
