"""What is thought of one message: its wish and how likely that is."""

from __future__ import annotations

from dataclasses import dataclass

#: The wish of a message that was not understood.
FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Verdict:
    """The wish named by `intent` (perhaps `nlu_fallback`) and every label with its probability, likeliest first."""

    intent: str
    confidence: float
    ranking: list[tuple[str, float]]


#: The verdict on a message without text.
NOTHING_SAID = Verdict(FALLBACK, 0.0, [])
