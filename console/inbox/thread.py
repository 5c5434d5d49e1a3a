"""One conversation as it is read and answered: its head, what was said, and the place to write."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from starlette.requests import Request

from bot.client import BotClient, ConversationDetail, MessageView, NoteView
from console.acts import new_act
from console.desk import desk_of
from kernel import clock

# Of how many messages, the latest, it is looked what became of them.
WATCHED = 20
# A page hears of news by the stream; this often it looks for itself, should the stream have been silent.
SWEEP_S = 20
# How long after a customer's message a channel takes what one writes freely.
# Source: https://www.twilio.com/docs/whatsapp/key-concepts#the-24-hour-window
WINDOWS = {"whatsapp": timedelta(hours=24)}

# What a member may do here: write; take it over first; nothing while it is another's; nothing, for it is over.
Mode = Literal["mine", "free", "theirs", "closed", "watching"]


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the composer: words, the (id, name) of files taken in for it, and why the last try was refused.

    `template_act` names the try to send a template that failed: tried again it is the same act.
    """

    text: str = ""
    files: Sequence[tuple[str, str]] = ()
    problem: str = ""
    act: str = ""
    is_note: bool = False
    template_act: str = ""


def mode_of(request: Request, conversation: ConversationDetail) -> Mode:
    staff = desk_of(request).staff(request)
    if not staff.roles & {"agent", "sales", "admin"}:
        return "watching"
    if conversation.owner == "closed":
        return "closed"
    if conversation.owner == "agent":
        return "mine" if conversation.agent_id == staff.id else "theirs"
    return "free"


async def whole(request: Request, bot: BotClient, conversation_id: str) -> dict[str, Any]:
    """All that a page shows of a conversation.

    Raises: ConversationNotFound.
    """
    conversation, messages, notes, kept = await asyncio.gather(
        bot.conversation(conversation_id),
        _all_messages(bot, conversation_id),
        bot.notes(conversation_id),
        bot.draft(conversation_id),
    )
    return {
        **stand(request, conversation, heard_at(messages)),
        "entries": _entries(messages, notes),
        "settled": (),
        "last": 0,
        "noted": 0,
        "fates": fates(messages),
        "draft": Draft(kept, act=new_act()),
        "sweep_s": SWEEP_S,
    }


def stand(request: Request, conversation: ConversationDetail, heard: datetime | None = None) -> dict[str, Any]:
    """Whose it is and what may be done, with a name for it: under another name the head has something to show."""
    mode = mode_of(request, conversation)
    shown = conversation.model_dump(mode="json", exclude={"last_message_text", "last_message_at", "last_seq"})
    return {
        "conversation": conversation,
        "chosen": conversation.id,
        "mode": mode,
        "window_until": heard + WINDOWS[conversation.channel] if heard and conversation.channel in WINDOWS else None,
        "now": clock.now(),
        "state": hashlib.sha256(repr((mode, shown)).encode()).hexdigest()[:12],
    }


async def news(request: Request, bot: BotClient, conversation_id: str) -> dict[str, Any] | None:
    """What changed since the page was drawn: messages, what became of earlier ones, whose it is; None for nothing."""
    after, noted = _number(request, "after"), _number(request, "noted")
    conversation, found, notes = await asyncio.gather(
        bot.conversation(conversation_id),
        bot.messages(conversation_id, after=max(after - WATCHED, 0)),
        bot.notes(conversation_id),
    )
    new, settled = [each for each in found if each.seq > after], [each for each in found if each.seq <= after]
    standing = stand(request, conversation, heard_at(found))
    is_known = standing["state"] == request.query_params.get("state")
    if is_known and not new and len(notes) <= noted and fates(settled) == request.query_params.get("fates"):
        return None
    return {
        **standing,
        "entries": _entries(new, notes[noted:]),
        "settled": settled,
        "last": after,
        "noted": noted,
        "fates": fates(found),
        "is_head_new": not is_known,
        "is_mode_new": standing["mode"] != request.query_params.get("mode"),
        "draft": Draft(act=new_act()),
        "sweep_s": SWEEP_S,
    }


def _entries(messages: Sequence[MessageView], notes: Sequence[NoteView]) -> list[tuple[str, MessageView | NoteView]]:
    """What was said and what was noted, in the order of its moments."""
    both: list[tuple[str, MessageView | NoteView]] = [("message", each) for each in messages]
    return sorted([*both, *(("note", each) for each in notes)], key=lambda entry: entry[1].at)


def heard_at(messages: Sequence[MessageView]) -> datetime | None:
    return next((each.at for each in reversed(messages) if each.author == "customer"), None)


async def _all_messages(bot: BotClient, conversation_id: str) -> list[MessageView]:
    """The whole conversation: the newest is what staff came for, and it comes last."""
    messages = await bot.messages(conversation_id)
    while messages and (more := await bot.messages(conversation_id, after=messages[-1].seq)):
        messages += more
    return messages


def fates(messages: Sequence[MessageView]) -> str:
    """Names what became of the latest messages: another name, and the page has something to show."""
    told = [(each.id, each.delivery.status) for each in messages[-WATCHED:] if each.delivery]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:12]


def _number(request: Request, name: str) -> int:
    given = request.query_params.get(name, "0")
    return int(given) if given.isdecimal() else 0
