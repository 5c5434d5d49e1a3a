"""The written dialogues, played through the real Rasa, actions and OMS."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.conversations.dialogue import Dialogue, Play, dialogues
from tests.rasa_server import Assistant

ALL = dialogues()
ABILITIES = {
    "order",
    "change",
    "checkout",
    "digress",
    "orders",
    "beyond",
    "arrival",
    "shortage",
    "parcels",
    "invoices",
    "proofs",
    "notices",
    "returns",
    "discounts",
    "identities",
    "wishes",
}


@pytest.mark.rasa
# The first one may wait for a training and for Rasa to start.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("dialogue", ALL, ids=[f"{one.language}-{one.name}" for one in ALL])
def test_dialogue(assistant: Assistant, dialogue: Dialogue) -> None:
    Play(assistant, dialogue).run()


def test_both_languages_have_at_least_thirty_dialogues_over_all_abilities() -> None:
    languages = Counter(one.language for one in ALL)
    covered = {(one.language, one.script["ability"]) for one in ALL}

    assert min(languages["es"], languages["en"]) >= 30
    assert covered == {(language, ability) for language in ("es", "en") for ability in ABILITIES}


def test_no_two_dialogues_of_a_language_have_the_same_name() -> None:
    names = Counter((one.language, one.name) for one in ALL)

    assert [name for name, count in names.items() if count > 1] == []
