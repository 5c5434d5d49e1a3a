"""The shapes of insights and of what is to be learnt, over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator


class WaitsView(BaseModel):
    count: int
    p50_s: float | None
    p95_s: float | None


class InsightsView(BaseModel):
    """How conversations went (bot/desk/insights.py says what each counts)."""

    conversations: int
    contained: int
    channels: dict[str, int]
    messages: int
    misunderstood: int
    handoffs: dict[str, int]
    assistant_waits: WaitsView
    people_waits: WaitsView


class DoubtView(BaseModel):
    """A message of which the assistant was not sure; `confidence` is in percent."""

    message_id: str
    conversation_id: str
    language: str
    text: str
    guess: str
    confidence: int
    is_misunderstood: bool
    at: datetime


class LabelView(BaseModel):
    """What is to be learnt: these words mean that."""

    language: str
    intent: str
    text: str


class NewLabel(BaseModel):
    """`intent` of None: nothing is to be learnt from it, and `text` is not kept."""

    model_config = ConfigDict(extra="forbid")

    intent: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$")] | None
    text: str = Field(default="", max_length=1_000)

    @model_validator(mode="after")
    def _has_words(self) -> Self:
        if self.intent and not self.text.strip():
            raise ValueError("words to learn from")
        return self
