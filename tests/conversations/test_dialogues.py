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


# How a dialogue goes. A refusal is a no of the customer's or of the shop's; a resumption goes on with what was begun
# before, or elsewhere.
CATEGORIES = {
    "happy", "correction", "refusal", "digression", "ambiguity", "resumption", "handoff", "out_of_scope",
}  # fmt: skip


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_way_a_dialogue_may_go_is_played_in_several_skills(language: str) -> None:
    matrix = Counter((one.script["category"], one.script["ability"]) for one in ALL if one.language == language)
    skills = {category: {ability for way, ability in matrix if way == category} for category in CATEGORIES}
    for category in sorted(CATEGORIES):
        counts = {ability: matrix[category, ability] for ability in sorted(skills[category])}
        print(f"{language} {category:13} {sum(counts.values()):4}  {counts}")

    assert len(ALL) >= 300
    assert {category for category, _ in matrix} == CATEGORIES
    assert {category: len(found) for category, found in skills.items() if len(found) < 5} == {}


def test_who_is_handed_to_a_person_is_in_a_dialogue_of_that_category() -> None:
    handed = [one for one in ALL if any("handoff" in turn for turn in one.script["turns"])]
    assert [one.name for one in handed if one.script["category"] != "handoff"] == []
    assert [one.name for one in ALL if one.script["category"] == "handoff" and one not in handed] == []


def test_no_two_dialogues_of_a_language_have_the_same_name() -> None:
    names = Counter((one.language, one.name) for one in ALL)

    assert [name for name, count in names.items() if count > 1] == []
