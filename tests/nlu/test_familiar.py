"""A yes that places an order must have been said: likeness of letters is not enough."""

from __future__ import annotations

from pathlib import Path

import pytest

from nlu.familiar import FamiliarWords
from nlu.verdict import FALLBACK, Verdict

LINES = [("affirm", "Sí, dale 👍", "es"), ("affirm", "ok", "es"), ("thanks", "gracias", "es"), ("affirm", "yes", "en")]


@pytest.fixture(params=["made", "stored"])
def familiar(request: pytest.FixtureRequest, tmp_path: Path) -> FamiliarWords:
    made = FamiliarWords.of(LINES)
    made.save(tmp_path)
    return made if request.param == "made" else FamiliarWords.load(tmp_path)


# case 42
@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("siii", "affirm"),
        ("SÍ!!", "affirm"),
        ("pues dale", "affirm"),
        ("👍", "affirm"),
        ("yes", "affirm"),
        ("plm okn ijb", FALLBACK),
        ("♜♞♝♛", FALLBACK),
        ("!!!", FALLBACK),
        ("gracias", FALLBACK),
    ],
)
def test_a_yes_has_a_word_that_was_said_as_a_yes(familiar: FamiliarWords, text: str, intent: str) -> None:
    judged = familiar.check(Verdict("affirm", 0.9, [("affirm", 0.9)]), text, "es")

    assert (judged.intent, judged.confidence, judged.ranking) == (intent, 0.9, [("affirm", 0.9)])


# case 42
@pytest.mark.parametrize(("confidence", "intent"), [(0.5, "affirm"), (0.49, FALLBACK)])
def test_a_yes_is_likelier_meant_than_not(familiar: FamiliarWords, confidence: float, intent: str) -> None:
    assert familiar.check(Verdict("affirm", confidence, []), "dale", "es").intent == intent


def test_what_names_something_needs_no_familiar_word(familiar: FamiliarWords) -> None:
    verdict = Verdict("cart_add", 0.8, [("cart_add", 0.8)])
    assert familiar.check(verdict, "kombucha", "es") is verdict
