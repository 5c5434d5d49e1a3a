"""What every channel hands in, whatever its provider calls it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of a customer. `provider_message_id` is unique in the channel; `choice` a pressed button's token."""

    conversation_id: str
    provider_message_id: str
    text: str
    choice: str | None = None
