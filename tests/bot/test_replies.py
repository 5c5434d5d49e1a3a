"""Everything the bot itself says exists in both languages, and nothing it may refuse is without words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import bot
from bot.channels.web_frames import BadFrame
from bot.listening.inbound import ChoiceExpired, TextEmpty, TextTooLong
from bot.replies import ALL, ERROR_CODES, LANGUAGES, say

PROTOCOL = Path(bot.__file__).parents[1] / "docs" / "web-chat-protocol.md"


@pytest.mark.parametrize("key", ALL)
def test_every_reply_exists_in_every_language(key: str) -> None:
    assert set(ALL[key]) == set(LANGUAGES)
    assert len(set(ALL[key].values())) == len(LANGUAGES)


@pytest.mark.parametrize("refusal", [BadFrame, TextEmpty, TextTooLong, ChoiceExpired])
def test_every_refusal_of_a_message_has_words(refusal: type[Exception]) -> None:
    assert refusal().code in ERROR_CODES  # type: ignore[attr-defined]


def test_the_protocol_page_lists_every_error_code() -> None:
    errors = PROTOCOL.read_text().partition("## Errors")[2].partition("## Closing")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", errors, re.MULTILINE)) == ERROR_CODES


def test_an_unknown_language_is_answered_in_spanish() -> None:
    assert say("resumed", "pt") == "Listo, aquí sigo contigo. ¿Qué necesitas?"


def test_the_apology_begins_as_the_shop_promises() -> None:
    assert say("outage", "es").startswith("Un momento, estoy teniendo problemas")
