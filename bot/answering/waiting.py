"""Waiting: what is told to who waits for a person: which place they have, how long others waited, who is there.

Nothing is promised that was not measured, and while nobody is there that is what is said.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from sqlalchemy.orm import Session

from bot.conversations import service as conversations
from bot.conversations.models import Conversation
from bot.conversations.service import Button
from bot.handoff import agents, hours, waits
from bot.handoff import service as handoffs
from bot.handoff.models import Handoff
from bot.replies import LANGUAGES, say
from kernel import clock

# Payloads that mean the bot itself; nothing of Rasa's begins like this.
RESUME, CALL = "bot:resume", "bot:call"
_LOCALES = {"es": "es_CO", "en": "en_US"}
_DAY = {"es": "EEEE d 'de' MMMM", "en": "EEEE, MMMM d"}


def tell(session: Session, conversation: Conversation, key: str | None, in_reply_to: str | None) -> None:
    """Say how it stands to who waits, once for each time they wait: after the words of `key`, if any."""
    handoff = handoffs.current(session, conversation.id)
    language = conversation.language
    words = [say(key, language)] if key else []
    buttons = [Button(say("resume_title", language), RESUME)]
    if handoff:
        words.append(standing(session, handoff, language))
        if not handoff.wants_call:
            buttons.append(Button(say("call_title", language), CALL))
    conversation.is_queue_told = True
    conversations.append(session, conversation, "assistant", " ".join(words), buttons=buttons, in_reply_to=in_reply_to)


def standing(session: Session, handoff: Handoff, language: str) -> str:
    """One or two sentences."""
    known = hours.of(session)
    now = clock.now()
    if known and not known.is_open(now):
        opens_at = known.next_opening(now)
        if opens_at is None:
            return say("queue_closed", language)
        return say("queue_opens", language).format(when=_when(opens_at, known.zone, language))
    if not agents.who_is_there(session, handoff.team):
        return say("queue_nobody", language)
    place = handoffs.position(session, handoff)
    said = say("queue_next" if place == 1 else "queue_position", language).format(place=place)
    minutes = waits.usual_minutes(session, handoff.team)
    if minutes is None:
        return said
    return f"{said} {say('queue_wait_one' if minutes == 1 else 'queue_wait', language).format(minutes=minutes)}"


def _when(at: datetime, zone: ZoneInfo, language: str) -> str:
    local = at.astimezone(zone)
    locale = _LOCALES[language if language in LANGUAGES else "es"]
    time = format_time(local.time(), "short", locale=locale)
    is_today = local.date() == clock.now().astimezone(zone).date()
    if is_today:
        return say("queue_today", language).format(time=time)
    return say("queue_day", language).format(day=format_date(local.date(), _DAY[locale[:2]], locale=locale), time=time)


def note_call(session: Session, conversation: Conversation, in_reply_to: str) -> None:
    """They would rather be called: they wait for that, and are told so unless a person speaks here."""
    handoff = handoffs.current(session, conversation.id) or handoffs.ask(session, conversation, "call_wanted")
    handoff.wants_call = True
    if conversation.owner != "agent":
        back = Button(say("resume_title", conversation.language), RESUME)
        conversations.append(
            session,
            conversation,
            "assistant",
            say("call_noted", conversation.language),
            buttons=(back,),
            in_reply_to=in_reply_to,
        )
