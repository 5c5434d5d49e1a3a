"""How words and choices become what a channel can show."""

from __future__ import annotations

import regex
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Offered
from bot.channels.rendering import numbered, shortened, split

# Letters of several code points: a family, a flag, a skin tone, an accent, Arabic, a keycap.
PIECES = ["👨‍👩‍👧‍👦", "🇨🇴", "👍🏽", "e\u0301", "سلام", "1\ufe0f\u20e3", "pan ", "Leche. ", "\n", "\n\n", "x"]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=200).map("".join)


# case 25
@given(TEXTS, st.integers(40, 120))
def test_a_long_text_is_cut_between_letters_and_joined_it_is_the_text(text: str, limit: int) -> None:
    pieces = split(text, limit)

    assert "".join(pieces) == text
    assert max(map(len, pieces)) <= limit
    assert [g for piece in pieces for g in regex.findall(r"\X", piece)] == regex.findall(r"\X", text)


def test_a_text_is_cut_where_a_sentence_ends() -> None:
    assert split("Uno dos tres. Cuatro cinco seis.", 20) == ["Uno dos tres. ", "Cuatro cinco seis."]


def test_a_letter_without_end_is_cut_all_the_same() -> None:
    assert [len(piece) for piece in split("e" + "\u0301" * 99, 40)] == [40, 40, 20]


def test_choices_that_no_button_holds_are_numbered_lines() -> None:
    choices = (Offered("Leche entera", "t1"), Offered("Leche deslactosada", "t2"))

    assert numbered("¿Cuál?", choices) == "¿Cuál?\n\n1. Leche entera\n2. Leche deslactosada"


def test_a_shortened_title_says_that_there_is_more() -> None:
    assert shortened("Leche deslactosada 1 L", 10) == "Leche des…"
    assert shortened("Pan", 10) == "Pan"
