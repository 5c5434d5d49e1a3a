"""The root of failures that a person at the terminal can do something about."""

from __future__ import annotations


class Failure(Exception):
    """Its text says what is wrong and what to do; it ends a command with that text and no traceback."""
