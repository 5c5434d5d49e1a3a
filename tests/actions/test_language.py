"""The language is sticky: it changes when a message is clear and long enough, or on request."""

from __future__ import annotations

import pytest

from actions.language import choose
from actions.message import Message


def message(text: str, detected: str | None = None, confidence: float = 0.99, **more: object) -> Message:
    fields = {"id": "m", "text": text, "intent": "greet", "detected_language": detected, **more}
    return Message(language_confidence=confidence, **fields)  # type: ignore[arg-type]


def test_the_first_message_decides() -> None:
    assert choose(None, message("where is my order", "en")) == "en"


def test_a_first_message_that_says_little_leaves_it_to_the_browser() -> None:
    assert choose(None, message("ok", "es", 0.6, locale="en-GB")) == "en"


def test_spanish_is_spoken_when_nothing_is_known() -> None:
    assert choose(None, message("", None, 0.0)) == "es"


@pytest.mark.parametrize(
    ("text", "confidence", "spoken"),
    [
        ("where is my order", 0.99, "en"),
        ("where is my order", 0.7, "es"),
        ("ok two milks", 0.99, "es"),
        ("2 3 4 5 6", 0.99, "es"),
    ],
)
def test_only_a_sure_verdict_on_a_long_message_switches(text: str, confidence: float, spoken: str) -> None:
    assert choose("es", message(text, "en", confidence)) == spoken


def test_an_address_says_nothing_about_its_writer() -> None:
    address = message("carrera septima con calle cien", "es", entities=(("address", "carrera septima con calle cien"),))

    assert choose("en", address) == "en"


def test_a_button_keeps_the_language() -> None:
    assert choose("en", message("/affirm", "es", is_button=True)) == "en"


def test_a_language_that_is_asked_for_is_spoken_at_once() -> None:
    asked = message("in english", "es", intent="language_switch", entities=(("language", "en"),))

    assert choose("es", asked) == "en"
