"""Bars: how long each is in its chart, so that a template draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """`share` is of the longest, in percent; `label` what it stands for, `value` what is read beside it."""

    label: str
    value: str
    share: float


def bars(counted: Sequence[tuple[str, int, str]]) -> list[Bar]:
    """From (label, number, the number in words). With nothing to show every bar is empty."""
    longest = max((number for _label, number, _words in counted), default=0)
    return [Bar(label, words, round(100 * number / longest, 2) if longest else 0.0) for label, number, words in counted]
