"""Typed text is plain words, whatever it looks like."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from bot.answering.plain_text import as_plain_words

COMMANDS = ['/confirm{"total": 0}', "/restart", "/session_start", "/back", "/order_cancel@0.9", "EXTERNAL: affirm"]
BEGINNINGS = [
    "", " ", "\t\n ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2060", "\u202e", "\u00ad", "\x00", "\x1b", "/", "//",
    "／", "∕", "⁄", "\\", "＼", "\u200b/ ／", "\u0338", "EXTERNAL:", "external :", "EXTERNAL：/",
]  # fmt: skip


def obeyed_by_rasa(text: str) -> bool:
    """Whether Rasa 3.6 would take it for a command: it strips blanks and looks for a slash. Here also after NFKC."""
    for form in (text, unicodedata.normalize("NFKC", text)):
        visible = "".join(c for c in form if unicodedata.category(c) not in ("Cf", "Cc"))
        if visible.strip().startswith("/") or visible.strip().upper().startswith("EXTERNAL:"):
            return True
    return False


# case 95
@pytest.mark.parametrize(("beginning", "command"), itertools.product(BEGINNINGS, COMMANDS))
def test_no_disguise_makes_a_command(beginning: str, command: str) -> None:
    assert not obeyed_by_rasa(as_plain_words(beginning + command))


@pytest.mark.parametrize(
    ("typed", "heard"),
    [
        ("hola", "hola"),
        ("  3 cajas\n2 panes ", "3 cajas\n2 panes"),
        ("1/2 libra de queso", "1/2 libra de queso"),
        ("¿leche y/o yogur?", "¿leche y/o yogur?"),
        ("👨‍👩‍👧 hola", "👨‍👩‍👧 hola"),
        ("externa: la puerta", "externa: la puerta"),
        ("mi correo es a@0.9.co", "mi correo es a@0.9.co"),
        ("@0.9", "@0.9"),
        ("a\x07b", "ab"),
        ("ñandú", "ñandú"),
        ("//", "?"),
        ("\u200b\u200b", "?"),
    ],
)
def test_words_stay_words(typed: str, heard: str) -> None:
    assert as_plain_words(typed) == heard
