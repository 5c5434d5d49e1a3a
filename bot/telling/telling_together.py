"""Telling together: news that waits for one person outside the window leaves as one paid template, not as several.

Only where the shop has a template approved for that (`several`). Who is carried along waits in the outbox, marked with
the part that says it; with that part it counts as sent, or waits again for itself. A question is the last of its
template: an answer by number is one to what was said last.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.channels.base import SEVERAL, Channel, News, Offered, Part
from bot.channels.rendering import numbered
from bot.conversations import service as conversations
from bot.conversations.models import Conversation, Message
from bot.notices import service as notices
from bot.notices.models import Notice
from bot.notices.plan import CODE
from bot.outbox import service as outbox
from bot.outbox.models import Outgoing

# As long as one variable may be, all its line breaks gone.
TEXT_MOST = 900
BETWEEN = " · "
AT_ONCE = 10
# What was noted with it is worded as soon as its customer's wishes are known; who waits longer than that goes alone.
PATIENCE = timedelta(seconds=30)
LOOK_AGAIN_S = 1.0


def must_wait(session: Session, channel: Channel, conversation: Conversation, message: Message, now: datetime) -> float:
    """Seconds until more is known of news for the same customer that is just being worded; 0 when there is none."""
    if now - message.at >= PATIENCE or not _may_bundle(channel, conversation):
        return 0.0
    notice = notices.of_message(session, message)
    if notice is None or notice.what == CODE:
        return 0.0
    return LOOK_AGAIN_S if notices.has_due(session, notice.customer_id, now) else 0.0


def bundle(
    session: Session,
    channel: Channel,
    conversation: Conversation,
    message: Message,
    carrier: Outgoing,
    oldest: datetime,
) -> Part | None:
    """One template for this notice and those that wait right behind it, which are marked; None when it goes alone.

    What was put before `oldest`, a code, and what is no notice goes with nobody, and nothing overtakes it.
    """
    words, is_question = in_full(session, message)
    if is_question or not _is_plain(notices.of_message(session, message)):
        return None
    texts, along = [_one_line(words)], []
    for later, parts in outbox.waiting_after(session, message, AT_ONCE):
        words, is_question = in_full(session, later)
        fits = len(BETWEEN.join([*texts, _one_line(words)])) <= TEXT_MOST
        is_theirs = any(part.is_template or part.created_at < oldest for part in parts)
        if not fits or is_theirs or not _is_plain(notices.of_message(session, later)):
            break
        texts.append(_one_line(words))
        along += parts
        if is_question:
            break
    if not along:
        return None
    part = channel.template(News(SEVERAL, conversation.language, BETWEEN.join(texts), {"count": len(texts)}))
    if part is not None:
        for each in along:
            each.said_in = carrier.id
        session.flush()
    return part


def in_full(session: Session, message: Message) -> tuple[str, bool]:
    """What a template says of a message, which has no buttons there: a question with its answers. Does it ask?"""
    [(_, choices)] = conversations.messages_after(session, message.conversation_id, message.seq - 1, 1)
    offered = tuple(Offered(choice.title, choice.token) for choice in choices)
    return numbered(message.text, offered), bool(offered)


def _may_bundle(channel: Channel, conversation: Conversation) -> bool:
    return channel.template(News(SEVERAL, conversation.language, "…", {"count": 2})) is not None


def _is_plain(notice: Notice | None) -> bool:
    return notice is not None and notice.what != CODE


def _one_line(text: str) -> str:
    return " ".join(text.split())
