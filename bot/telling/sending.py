"""Sending: the parts of a message leave for their channel, in order, each at most once.

The guards of all channels stand here once: who asked for peace, the provider's window, the pace, that answers overtake
news, and what follows from each outcome. A part is marked before it is sent: one whose sending was cut off is
`uncertain`. The provider's own callback says what became of it, or it is looked for there (bot/telling/looking.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

from sqlalchemy.orm import Session

from bot.channels.base import Channel, News, Outcome, Part, Searched
from bot.channels.breaker import Breaker
from bot.channels.pushed import PUSHED, Channels
from bot.channels.rate import Window, Windows
from bot.contacts import service as contacts
from bot.contacts.models import Contact
from bot.conversations.models import Conversation, Message
from bot.notices import service as notices
from bot.notices.plan import CODE
from bot.notices.words import MASK
from bot.outbox import costs
from bot.outbox import service as outbox
from bot.outbox.models import Outgoing
from bot.telling import telling_together
from bot.telling.secrets_said import notice_of_code, with_code
from kernel import clock, durable, ids, telemetry
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)
_sent = telemetry.meter().create_counter("comanda.sends", "", "Parts given to a channel, by what became of them.")

MAX_ATTEMPTS = 6
PACE_S = 0.2
# Of one queue of one channel.
AT_MOST = 8
# News is old then, and an answer even more so.
TOO_OLD = timedelta(days=1)
# Longer than any wait between two tries: work that still waits is only begun a second time, and finds nothing to do.
OVERDUE = timedelta(minutes=15)
SWEPT_AT_ONCE = 200
PACE_WAIT_S = 0.1
# Of what a provider allows a quarter is kept for answers.
SPARED = 4
SURPRISE_WAIT_S = 5.0
# What nobody knows of is looked for so long after it left: a call that we gave up may still be under way, and what is
# new is not in the provider's lists at once.
LOOK_WAITS_S = (20.0, 120.0, 600.0)


@dataclass(frozen=True, slots=True)
class Ready:
    """A part that is marked as being sent."""

    id: str
    address: str
    part: Part


class SendHandler:
    """Sends what is put into the outbox. `register` before `durable.launch`, `serve` after it."""

    def __init__(self, database: Database, channels: Channels, key: str, caps: costs.Caps | None = None) -> None:
        """`key`: the signing key, of which one-time codes are made."""
        self._caps = caps or costs.Caps(each=5, in_all=1_000)
        self._database = database
        self._key = key
        self._channels = channels
        self._paces = {name: Window(channel.limits.per_second, 1.0) for name, channel in channels.items()}
        self._chat_paces = {name: Windows(1, channel.limits.chat_pause_s) for name, channel in channels.items()}
        # Several threads send: what is looked at and what is taken is one act.
        self._pacing = threading.Lock()
        self._held_until: dict[str, float] = {}
        self._breakers = {name: Breaker() for name in channels}

    def register(self) -> None:
        self._step: Callable[[str], float | None] = durable.step("send")(self._attempt_safely)
        durable.workflow(outbox.WORKFLOW)(self.handle)

    def serve(self) -> None:
        for channel, is_bulk in product(PUSHED, (False, True)):
            queue = outbox.queue_of(channel, is_bulk=is_bulk)
            durable.register_queue(queue, per_partition=1, at_most=AT_MOST, pace_s=PACE_S)

    def handle(self, message_id: str) -> None:
        while (wait_s := self._step(message_id)) is not None:
            durable.sleep(wait_s)

    def _attempt_safely(self, message_id: str) -> float | None:
        try:
            return self.attempt(message_id)
        except Exception:  # the edge: one message may fail to go, but never its lane with it
            log.exception("send_surprised", message_id=message_id)
            return SURPRISE_WAIT_S

    def attempt(self, message_id: str) -> float | None:
        """Send what is left of a message. The seconds until there is another try, or None when all of it has ended."""
        while True:
            channel, ready = self._begin(message_id)
            if channel is None:
                return None
            if ready is None:
                continue
            if isinstance(ready, float):
                return ready
            outcome = channel.send(ready.address, ready.part, f"/channels/{channel.name}/sent/{ready.id}")
            _sent.add(1, {"channel": channel.name, "outcome": outcome.kind})
            wait_s = self._end(ready.id, channel, outcome)
            if wait_s is not None:
                return wait_s

    def _begin(self, message_id: str) -> tuple[Channel | None, Ready | float | None]:
        """The next part, marked; or the time to wait; or neither, when it was decided that it is not sent."""
        with self._database.write() as session:
            outgoing = outbox.next_of(session, message_id)
            if outgoing is None:
                return None, None
            channel = self._channels.get(outgoing.channel)
            if channel is None:
                outbox.advance(outgoing, "failed", "channel_closed")
                outbox.skip_rest(session, message_id, "channel_closed")
                return None, None
            if outgoing.status == "sending":
                # Its process died while it was being sent.
                _doubt(session, channel, outgoing, "cut_off")
                return channel, None
            message = session.get_one(Message, message_id)
            if _is_said_by_another(session, outgoing):
                return None, None
            _let_go(session, outgoing)
            code = notice_of_code(session, message)
            if clock.now() - outgoing.created_at > TOO_OLD or (code and notices.is_over(code, clock.now())):
                outbox.advance(outgoing, "failed", "too_late")
                return channel, None
            conversation = session.get_one(Conversation, message.conversation_id)
            contact = contacts.find(session, channel.name, channel.same_person(conversation.sender))
            reason = _why_not(session, message, contact)
            is_open = is_window_open(channel, contact, clock.now())
            is_paid = outgoing.is_template or not is_open
            if not is_paid:
                outbox.as_it_is(session, outgoing)
            part: Part | None = outgoing.part
            if reason is None and is_paid:
                part = part if outgoing.is_template else _as_template(session, channel, conversation, message)
                reason = None if part else "window_closed"
                if part and costs.is_spent(session, conversation.id, self._caps):
                    reason = costs.REASON
            if reason:
                outbox.skip_rest(session, message_id, reason)
                return channel, None
            is_news = is_paid and not outgoing.is_template
            wait_s = (
                telling_together.must_wait(session, channel, conversation, message, clock.now()) if is_news else 0.0
            )
            wait_s = wait_s or self._must_wait(channel, conversation.sender, is_bulk=outbox.is_bulk(message))
            if wait_s:
                return channel, wait_s
            if is_news:
                oldest = clock.now() - TOO_OLD
                part = telling_together.bundle(session, channel, conversation, message, outgoing, oldest) or part
            assert part is not None, "without a part there is a reason"
            if is_paid:
                outbox.as_template(session, outgoing, part)
            outbox.advance(outgoing, "sending")
            outgoing.attempts += 1
            session.flush()
            if is_paid:
                outbox.skip_rest(session, message_id, outbox.SAID_BY_TEMPLATE)
            part = with_code(part, code, self._key) if code else part
            return channel, Ready(outgoing.id, contact.sender if contact else conversation.sender, part)

    def sweep(self) -> int:
        """Start again what nobody sends any more, if its work was lost; how many messages."""
        with self._database.write() as session:
            left = outbox.left_behind(session, clock.now() - OVERDUE, SWEPT_AT_ONCE)
            for message in left:
                outbox.start(session, message, f"{message.seq:09d}:late:{clock.now():%Y%m%d%H%M}")
        return len(left)

    def _must_wait(self, channel: Channel, sender: str, *, is_bulk: bool = False) -> float:
        held_s = self._held_until.get(channel.name, 0.0) - time.monotonic()
        if held_s > 0:
            return held_s
        with self._pacing:
            chat = self._chat_paces[channel.name].of(sender)
            if chat.wait_s() > 0:
                return chat.wait_s()
            spare = channel.limits.per_second // SPARED if is_bulk else 0
            if not self._paces[channel.name].allow(spare=spare):
                return PACE_WAIT_S
            away_s = self._breakers[channel.name].wait_s()
            if away_s > 0:
                return away_s
            chat.allow()
        return 0.0

    def _end(self, outgoing_id: str, channel: Channel, outcome: Outcome) -> float | None:
        if outcome.kind in ("throttled", "bad_credentials"):
            self._held_until[channel.name] = time.monotonic() + (outcome.wait_s or 0.0)
        outcome = self._seen(channel, outgoing_id, outcome)
        with self._database.write() as session:
            outgoing = outbox.lock(session, outgoing_id)
            assert outgoing is not None, "an outgoing part is never deleted"
            if outcome.provider_message_id:
                outgoing.provider_message_id = outcome.provider_message_id
            return settle(session, channel, outgoing, outcome)

    def _seen(self, channel: Channel, outgoing_id: str, outcome: Outcome) -> Outcome:
        """While its provider is away from everyone, that a message did not go is no fault of its own."""
        breaker = self._breakers[channel.name]
        if outcome.kind == "later":
            breaker.failed(outgoing_id)
            return replace(outcome, kind="throttled") if breaker.is_open else outcome
        if outcome.kind != "unknown":
            breaker.worked()
        return outcome


def settle(session: Session, channel: Channel, outgoing: Outgoing, outcome: Outcome) -> float | None:
    """What follows from an outcome, told at once or later. The seconds until the part may be tried again, or None."""
    if outcome.kind == "sent":
        outbox.advance(outgoing, "sent")
        _said_along(session, outgoing)
        return None
    if outcome.kind == "unknown":
        _doubt(session, channel, outgoing, outcome.detail)
        return None
    contact = _contact_of(session, channel, outgoing)
    if outcome.kind == "bad_credentials":
        log.error("channel_refuses_credentials", channel=channel.name, code=outcome.detail)
    if outcome.kind in ("throttled", "bad_credentials"):
        # Not the message's fault: it does not count.
        outgoing.attempts -= 1
        outbox.again(outgoing)
        return outcome.wait_s
    if outcome.kind == "later" and outgoing.attempts < MAX_ATTEMPTS:
        outbox.again(outgoing)
        return (outcome.wait_s or 1.0) * 2.0 ** (outgoing.attempts - 1)
    if outcome.kind == "window_closed" and contact and contact.heard_at:
        # The provider knows better than our clock; next time it goes as a template, or not at all.
        contact.heard_at = None
        outbox.again(outgoing)
        return 0.0
    if contact and outcome.kind == "opted_out":
        contact.opted_out_at = contact.opted_out_at or clock.now()
    if contact and outcome.kind in ("bad_address", "blocked"):
        contact.unreachable = outcome.kind
    told = ("opted_out", "bad_address", "blocked", "window_closed")
    reason = outcome.kind if outcome.kind in told else outcome.detail
    log.warning("send_failed", outgoing_id=outgoing.id, reason=reason)
    outbox.advance(outgoing, "failed", reason[:40])
    _let_go(session, outgoing)
    return None


def _is_said_by_another(session: Session, outgoing: Outgoing) -> bool:
    """A template on its way says this one, too. One that has to be sent anew says it no more, unless it takes it up."""
    if outgoing.said_in is None:
        return False
    if session.get_one(Outgoing, outgoing.said_in, populate_existing=True).status == "sending":
        return True
    outbox.stand_alone(session, outgoing.message_id)
    return False


def _said_along(session: Session, carrier: Outgoing) -> None:
    """What a template says of others left with it, or nobody knows, as of itself."""
    if carrier.paid_at is not None:
        outbox.say_along(session, carrier)


def _let_go(session: Session, carrier: Outgoing) -> None:
    """What a template that did not arrive should have said, too, is sent by itself."""
    if carrier.paid_at is None:
        return
    for message in outbox.let_go(session, carrier):
        outbox.start(session, message, f"{message.seq:09d}:alone:{ids.new_id()}")


def _doubt(session: Session, channel: Channel, outgoing: Outgoing, reason: str) -> None:
    """Nobody knows whether it arrived. Where the provider can be asked, it is."""
    log.warning("send_uncertain", outgoing_id=outgoing.id, reason=reason)
    _said_along(session, outgoing)
    if outbox.advance(outgoing, "uncertain", reason[:40]) and isinstance(channel, Searched):
        outbox.look_for(session, outgoing, LOOK_WAITS_S[0])


def _why_not(session: Session, message: Message, contact: Contact | None) -> str | None:
    """Why nothing may be sent to this person now, if so."""
    if contact is None:
        return None
    if contact.unreachable:
        return contact.unreachable
    if contact.opted_out_at is None:
        return None
    # Who asked for peace and then asks something gets their answer, and the request itself is confirmed.
    answered = session.get(Message, message.in_reply_to) if message.in_reply_to else None
    return None if answered and answered.at >= contact.opted_out_at else "opted_out"


def is_window_open(channel: Channel, contact: Contact | None, at: datetime) -> bool:
    window = channel.limits.window
    if window is None:
        return True
    return contact is not None and contact.heard_at is not None and at - contact.heard_at < window


def _as_template(session: Session, channel: Channel, conversation: Conversation, message: Message) -> Part | None:
    """The message as an approved template: only news has one."""
    notice = notices.of_message(session, message)
    if notice is None:
        return None
    facts = notice.facts | ({"code": MASK} if notice.what == CODE else {})
    text, _ = telling_together.in_full(session, message)
    return channel.template(News(notice.what, conversation.language, text, facts))


def _contact_of(session: Session, channel: Channel, outgoing: Outgoing) -> Contact | None:
    message = session.get_one(Message, outgoing.message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    return contacts.find(session, channel.name, channel.same_person(conversation.sender))
