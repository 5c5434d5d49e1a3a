"""What every channel hands in, whatever its provider calls it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a customer. `provider_message_id` is unique in the channel; `choice` a pressed button's token.

    `attachments` are ids of files that the intake took in for this conversation; with them the text may be empty.
    """

    conversation_id: str
    provider_message_id: str
    text: str
    choice: str | None = None
    attachments: tuple[str, ...] = ()
