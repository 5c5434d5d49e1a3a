"""The frames of the web chat (docs/web-chat-protocol.md): a page's, read with suspicion, and those it is sent."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from bot.attachments.errors import MESSAGE_MOST, AttachmentsTooMany
from bot.attachments.models import Attachment
from bot.channels.base import place_in_words
from bot.conversations import listing as listings
from bot.conversations.models import Choice, Conversation
from bot.history import Shown
from bot.listening.inbound import MAX_TEXT_LENGTH, TextTooLong
from bot.replies import LANGUAGES
from kernel.errors import ComandaError, Invalid

Frame = dict[str, Any]

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MAX_TOKEN_LENGTH, _MAX_CHOICE_LENGTH, _MAX_USER_LENGTH = 600, 128, 4_000
_MAX_SEQ = 2**31 - 1


class BadFrame(Invalid):
    """`client_id` is set when the frame had one, so that the page knows which message is meant."""

    code, title = "bad_frame", "The frame is not one of the protocol"


@dataclass(frozen=True, slots=True)
class Hello:
    """`user` is the token of the shop's own site, if it has signed the visitor in."""

    token: str | None
    last_seq: int
    locale: str | None
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Say:
    client_id: str
    text: str
    choice: str | None
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    type: Literal["ping", "typing"]


def read(raw: str | None) -> Hello | Say | Signal:
    """What a page's frame says. `raw` is None for a binary frame.

    Raises: BadFrame, TextTooLong, AttachmentsTooMany; with `client_id` among the params if it could be read.
    """
    frame = _parse(raw)
    kind = frame.get("type")
    if kind == "hello":
        return _read_hello(frame)
    if kind == "message":
        return _read_message(frame)
    if kind == "ping" or kind == "typing":
        return Signal(kind)
    raise BadFrame("unknown type")


def _parse(raw: str | None) -> Frame:
    if raw is None:
        raise BadFrame("not text")
    try:
        frame = json.loads(raw)
    except (ValueError, RecursionError):
        raise BadFrame("not JSON") from None
    if not isinstance(frame, dict):
        raise BadFrame("not an object")
    return frame


def _read_hello(frame: Frame) -> Hello:
    token, last_seq, locale = frame.get("token"), frame.get("last_seq", 0), frame.get("locale")
    is_token = token is None or (isinstance(token, str) and token.isascii() and len(token) <= _MAX_TOKEN_LENGTH)
    is_seq = type(last_seq) is int and 0 <= last_seq <= _MAX_SEQ
    if not (is_token and is_seq):
        raise BadFrame("hello")
    # Whatever a site made of it: one that is not good signs nobody in, and the chat goes on.
    user = frame.get("user")
    is_user = isinstance(user, str) and user.isascii() and len(user) <= _MAX_USER_LENGTH
    return Hello(token or None, last_seq, locale if locale in LANGUAGES else None, user if is_user else None)


def _read_message(frame: Frame) -> Say:
    client_id = frame.get("client_id")
    if not (isinstance(client_id, str) and _CLIENT_ID.fullmatch(client_id)):
        raise BadFrame("client_id")
    text, choice = frame.get("text", ""), frame.get("choice")
    if not isinstance(text, str) or not _is_storable(text):
        raise BadFrame("text", client_id=client_id)
    if frame.get("location") is not None:
        text, choice = _read_place(frame["location"], client_id), None
    if choice is not None and not (isinstance(choice, str) and choice.isascii() and len(choice) <= _MAX_CHOICE_LENGTH):
        raise BadFrame("choice", client_id=client_id)
    if choice is None and len(text) > MAX_TEXT_LENGTH:
        raise TextTooLong("text", client_id=client_id)
    return Say(client_id, text, choice or None, _read_attachments(frame, client_id))


def _read_place(location: Any, client_id: str) -> str:
    """In words, and no more exact than a metre: that is what a door needs."""
    if not isinstance(location, dict):
        raise BadFrame("location", client_id=client_id)
    latitude, longitude = _degrees(location.get("latitude"), 90), _degrees(location.get("longitude"), 180)
    if latitude is None or longitude is None:
        raise BadFrame("location", client_id=client_id)
    return place_in_words((), latitude, longitude)


def _degrees(given: object, most: int) -> float | None:
    if isinstance(given, bool) or not isinstance(given, int | float):
        return None
    # NaN is in no range.
    return round(given, 5) if -most <= given <= most else None


def _read_attachments(frame: Frame, client_id: str) -> tuple[str, ...]:
    given = frame.get("attachments") or []
    if not isinstance(given, list) or not all(isinstance(each, str) and _CLIENT_ID.fullmatch(each) for each in given):
        raise BadFrame("attachments", client_id=client_id)
    if len(given) > MESSAGE_MOST:
        raise AttachmentsTooMany(client_id=client_id)
    return tuple(given)


def _is_storable(text: str) -> bool:
    """No NUL (PostgreSQL has no place for it) and no half of a surrogate pair (it is not Unicode text)."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def welcome(
    token: str, conversation: Conversation, messages: Sequence[Shown], has_more: bool, shop: str, is_signed_in: bool
) -> Frame:
    return {
        "type": "welcome",
        "token": token,
        "conversation_id": conversation.id,
        "language": conversation.language,
        "owner": conversation.owner,
        "messages": [_message(each) for each in messages],
        "has_more": has_more,
        "shop": {"name": shop},
        "is_signed_in": is_signed_in,
    }


def message_frame(shown: Shown) -> Frame:
    return {"type": "message", **_message(shown)}


def _message(shown: Shown) -> Frame:
    message = shown.message
    listing = listings.read(message.text, [choice.title for choice in shown.choices])
    frame: Frame = {
        "id": message.id,
        "seq": message.seq,
        "author": message.author,
        # What the buttons say is not said twice. Without them, as when the choices are over, it is.
        "text": listing.question,
        "choices": [
            _choice(choice, note if listing.question != message.text else None)
            for choice, note in zip(shown.choices, listing.notes, strict=True)
        ],
        "at": instant(message.at),
    }
    if message.provider_message_id:
        frame["client_id"] = client_id_of(message.provider_message_id)
    if shown.attachments:
        frame["attachments"] = [attachment_frame(each) for each in shown.attachments]
    if shown.enclosures:
        frame["enclosures"] = [{"name": each.name, "url": each.url} for each in shown.enclosures]
    return frame


def _choice(choice: Choice, note: str | None) -> Frame:
    return {"title": choice.title, "token": choice.token} | ({"note": note} if note else {})


def attachment_frame(attachment: Attachment) -> Frame:
    return {
        "id": attachment.id,
        "name": attachment.name,
        "type": attachment.type,
        "size_bytes": attachment.size_bytes,
        "width": attachment.width,
        "height": attachment.height,
    }


def ack(client_id: str, seq: int, at: datetime) -> Frame:
    return {"type": "ack", "client_id": client_id, "seq": seq, "at": instant(at)}


def error(code: str, detail: str, refusal: ComandaError | None = None) -> Frame:
    client_id = refusal.params.get("client_id") if refusal else None
    return {"type": "error", "code": code, "detail": detail} | ({"client_id": client_id} if client_id else {})


def instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# A client id is the page's own and means nothing outside its conversation.


def provider_message_id(conversation_id: str, client_id: str) -> str:
    return f"{conversation_id}:{client_id}"


def client_id_of(provider_id: str) -> str:
    return provider_id.partition(":")[2]
