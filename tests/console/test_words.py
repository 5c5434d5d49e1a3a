"""The console has words, in both languages, for whatever the system may name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

import tests.actions.every_skill  # noqa: F401  their questions are known then
from actions.questions import KINDS
from backend.orders.approval import HOLD_REASONS
from backend.orders.history import ENTRIES
from backend.orders.status import STEPS, FulfillmentStatus, PaymentStatus
from backend.returns.states import STEPS as RETURN_STEPS
from backend.schemas.returns import ReturnWay
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.outbox.models import Status as OutgoingStatus
from console.words import WORDS
from nlu.jobs import JOBS


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_name_has_its_words_and_no_words_are_for_nothing(language: str) -> None:
    words = WORDS[language]

    assert words.step.keys() == ENTRIES
    assert words.channel.keys() == {"web", Telegram.name, WhatsApp.name}
    assert words.fate.keys() == set(get_args(OutgoingStatus))
    assert words.order_status.keys() == STEPS.keys()
    assert words.hold_reason.keys() == set(HOLD_REASONS)
    assert words.fulfillment_status.keys() == set(get_args(FulfillmentStatus))
    assert words.return_step.keys() == set(RETURN_STEPS)
    assert words.return_way.keys() == set(get_args(ReturnWay))
    assert words.payment_status.keys() == set(get_args(PaymentStatus))
    assert words.open_question.keys() == KINDS.keys()
    assert words.intent.keys() == JOBS.keys() - {"nlu_fallback"}


def test_every_word_is_said_in_both_languages_and_filled_in_alike() -> None:
    def leaves(words: dict[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
        for name, word in words.items():
            if isinstance(word, dict):
                yield from leaves(word, f"{path}{name}.")
            else:
                yield f"{path}{name}", word

    spanish, english = dict(leaves(vars(WORDS["es"]))), dict(leaves(vars(WORDS["en"])))
    assert spanish.keys() == english.keys()
    placeholders = re.compile(r"\{\w+\}")
    for name, word in spanish.items():
        assert all((word.strip(), english[name].strip())), name
        assert placeholders.findall(word) == placeholders.findall(english[name]), name
