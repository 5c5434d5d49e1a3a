"""The console has words, in both languages, for whatever the system may name."""

from __future__ import annotations

from typing import get_args

import pytest

from backend.orders.approval import HOLD_REASONS
from backend.orders.history import ENTRIES
from backend.orders.status import STEPS, FulfillmentStatus, PaymentStatus
from backend.returns.states import STEPS as RETURN_STEPS
from backend.schemas.returns import ReturnWay
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.outbox.models import Status as OutgoingStatus
from console.words import WORDS


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
