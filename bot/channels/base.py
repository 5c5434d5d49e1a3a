"""What a channel is to the rest of the bot: one small protocol, and the plain values that cross it.

A channel that is pushed to (WhatsApp, Telegram) is one file: a class that can verify and parse what its provider
posts, render a message by what the provider can show, and send one part of it. Whatever is the same for all of them
stands once outside: that a message comes once (bot/listening/inbound.py), who may be written to, the window, pacing and
retries (bot/telling/sending.py), opt-out words (bot/contacts). The web chat is read, not pushed to: of it a stored row
is the delivery.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable

from bot.conversations.service import Enclosed
from kernel.errors import Forbidden, Invalid, NotFound


class SignatureWrong(Forbidden):
    code, title = "signature_wrong", "It does not come from the provider"


class WebhookUnreadable(Invalid):
    code, title = "webhook_unreadable", "The webhook is not one of the provider's"


class MediaGone(NotFound):
    code, title = "media_gone", "The file does not lie with the provider"


@dataclass(frozen=True, slots=True)
class SharedContact:
    """The customer's own number, by the provider's word: `user_id` is their id there."""

    phone: str
    user_id: str


def place_in_words(told: Iterable[str | None], latitude: object, longitude: object) -> str:
    """A place as the assistant hears of it: what it is called, as far as that was told, and where it is (degrees)."""
    return f"{', '.join(filter(None, told))} ({latitude}, {longitude})".strip()


def storable(text: str) -> str:
    """No NUL (PostgreSQL has no place for it) and no half of a surrogate pair (it is not Unicode text)."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def json_object(body: bytes) -> dict[str, Any]:
    """What a provider posted as JSON. Raises: WebhookUnreadable for anything but an object."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise WebhookUnreadable from error
    if not isinstance(content, dict):
        raise WebhookUnreadable
    return content


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a customer. `provider_message_id` is unique in the channel; `choice` a pressed button's token.

    `attachments` are ids of files that the intake took in for this conversation; with them the text may be empty.
    `answer` is what the bot itself says to it (a key of bot/replies.py): then the assistant is not asked.
    `media` are the files that still lie with the provider, `voice` is a voice note that does. `is_hello`: they opened
    the chat, and have said nothing yet. `start_token` and `contact` are proofs of who they are.
    """

    conversation_id: str
    provider_message_id: str
    text: str
    choice: str | None = None
    attachments: tuple[str, ...] = ()
    answer: str | None = None
    media: tuple[str, ...] = ()
    is_hello: bool = False
    start_token: str | None = None
    contact: SharedContact | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A provider's request as it came; `path` has the query with it."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Arrival:
    """A customer's message, read from a webhook. `kind` is what it is when it is not words or files.

    `language` is what the provider knows of theirs. `press` is a pressed button's id, if the provider waits to hear
    that it was seen. `is_hello`: they opened the chat, with `start_token` if by a link that has one.
    """

    sender: str
    provider_message_id: str
    text: str
    choice: str | None = None
    media: tuple[str, ...] = ()
    kind: str | None = None
    language: str | None = None
    press: str | None = None
    is_hello: bool = False
    start_token: str | None = None
    contact: SharedContact | None = None
    voice: str | None = None


@dataclass(frozen=True, slots=True)
class Presence:
    """A customer shut the door on us, or opened it again, without a word."""

    sender: str
    is_gone: bool


DeliveryState = Literal["sent", "delivered", "read", "failed"]


# What the assistant puts into a choice that asks for the customer's own number (actions/identities.py): where the
# channel can hand that over at a touch it does. Typed, it is a wish to be known like any other.
ASKS_CONTACT = '/identity_link{"choice": "contact"}'


@dataclass(frozen=True, slots=True)
class Offered:
    """A choice as the customer's side gets it: words, and an opaque token."""

    title: str
    token: str
    asks_contact: bool = False


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """What is said, whatever the channel can show. The text has a link to each of the `enclosures`: a channel that
    takes no files leaves them out.
    """

    text: str
    choices: tuple[Offered, ...] = ()
    enclosures: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """What a provider allows. `window` is how long after a customer's message anything may be said to them;
    `chat_pause_s` what must lie between two messages to the same one.
    """

    text: int
    per_second: int
    window: timedelta | None = None
    chat_pause_s: float = 0.0


# A part as the channel itself will send it: its own business, kept as JSON.
Part = dict[str, Any]

OutcomeKind = Literal[
    "sent",
    "later",  # it was certainly not taken; again in `wait_s`
    "throttled",  # the same, and everyone of this account waits
    "unknown",  # it may have been taken: never sent again by itself
    "window_closed",
    "opted_out",
    "bad_address",
    "blocked",
    "undelivered",
    "bad_credentials",  # the same as throttled, and someone must look
    "refused",
]


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: OutcomeKind
    provider_message_id: str | None = None
    wait_s: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a provider tells of a part that we sent; `failure` is what a failed one means."""

    provider_message_id: str
    state: DeliveryState | None
    failure: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Health:
    is_well: bool
    says: str
    remedy: str = ""


# What several notices in one message are.
SEVERAL = "several"


@dataclass(frozen=True, slots=True)
class News:
    """A message without a question of the customer's: the notice it is, the facts of it, and its words."""

    what: str
    language: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Channel(Protocol):
    name: str
    limits: Limits

    def verify(self, webhook: Webhook) -> None:
        """Raises: SignatureWrong."""

    def parse(self, webhook: Webhook) -> Arrival | Presence | None:
        """A customer's message; None for what is passed over in silence. Raises: Invalid for what is neither."""

    def acknowledge(self, arrival: Arrival) -> None:
        """Tell the provider that a message was stored, where it waits for that. Never raises for a provider's no."""

    def progress(self, webhook: Webhook) -> Progress:
        """What becomes of a part that we sent. Raises: Invalid for what is none."""

    def door(self) -> str | None:
        """The address that opens the channel with a token: for `{token}` it stands, or for `{text}`, words with a "#"
        and the token at their end. None while it is not known.
        """

    def render(self, message: OutgoingMessage) -> list[Part]:
        """The message as the parts that the provider can show, in order."""

    def template(self, news: News) -> Part | None:
        """What may be said outside the window, if the shop has an approved template for it."""

    def send(self, address: str, part: Part, callback_path: str) -> Outcome:
        """One try, and never more than one copy of it."""

    def same_person(self, sender: str) -> str:
        """What all ways of writing one sender have in common."""

    def fetch(self, media: str) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """A file that lies with the provider. Raises: Unavailable, NotFound."""

    def health(self) -> Health:
        """Do the credentials work?"""

    def close(self) -> None:
        """Let go of the provider's connections: nothing is asked of the channel any more."""


@dataclass(frozen=True, slots=True)
class Copies:
    """What a provider has of a part, oldest first. `is_sure`: it has no other, so what is not there never arrived."""

    told: tuple[Progress, ...]
    is_sure: bool


@runtime_checkable
class Searched(Protocol):
    """A channel whose provider can be asked what it was given: for a part of which nobody knows."""

    def copies(self, address: str, part: Part, since: datetime) -> Copies:
        """Of such a part for that address since then. Raises: Unavailable."""


@dataclass(frozen=True, slots=True)
class Approved:
    """A template that agents may send: `text` has `{name}` for each of the variables."""

    name: str
    text: str
    variables: tuple[str, ...]


@runtime_checkable
class Templated(Protocol):
    """A channel that has a window, and templates that agents may send outside of it."""

    def approved(self, language: str) -> list[Approved]:
        """Those that the shop has in a language."""

    def fill(self, name: str, language: str, values: Mapping[str, str]) -> tuple[str, Part] | None:
        """The words of a template and what is sent of it; None when there is none, or a value is missing."""


@runtime_checkable
class Asked(Protocol):
    """A channel whose provider can also be asked what has come: for a shop that it cannot reach."""

    name: str

    def begin(self) -> bool:
        """Agree with the provider on how messages come: False when it must be asked. Raises: Unavailable."""

    def ask(self, after: int | None) -> list[tuple[int, Webhook]]:
        """What has come after that number, oldest first, once there is something or half a minute has passed; what
        came up to it is the provider's to forget. Raises: Unavailable.
        """
