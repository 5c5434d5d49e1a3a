"""The privacy policy and consents, as they travel."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from backend.schemas.base import Answer, Request, Text, Words


class PrivacyPolicy(Answer):
    """The policy in force. A paragraph that begins with "# " is a heading."""

    version: str = Field(examples=["1"])
    text: Words


class PolicyStanding(Answer):
    """Whether a person accepted the policy in force, on whatever channel."""

    version: str = Field(examples=["1"])
    is_accepted: bool


class PolicyAccepted(Request):
    """What a customer had read where, and the message by which they went on."""

    version: Annotated[Text, Field(min_length=1, max_length=40, examples=["1"])]
    channel: Annotated[Text, Field(min_length=1, max_length=20, examples=["whatsapp"])]
    wording: Annotated[Text, Field(min_length=1, max_length=1_000)]
    evidence: Annotated[Text, Field(min_length=1, max_length=200)]


class Consent(Answer):
    """The proof of a consent; the latest of its kind holds."""

    kind: Literal["privacy", "marketing"]
    is_given: bool
    version: str | None
    channel: str
    wording: str
    evidence: str
    given_at: datetime
