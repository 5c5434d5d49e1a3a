"""The training lines contradict neither each other nor the messages they are measured by."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from comanda.training_lines import Finding, Kind, lint, read_held_out, read_lines
from nlu.jobs import JOBS
from nlu.normalization import key_of, normalize, printable

ROOT = Path(__file__).parents[2]


HELD_OUT = ROOT / "tests" / "nlu" / "heldout"
LINES = read_lines(ROOT / "data" / "nlu")


def test_a_file_is_named_after_the_language_it_is_written_in() -> None:
    assert {line.file for line in LINES if line.file.split(".")[1] != line.language} == set()


@pytest.fixture(scope="module")
def findings() -> dict[Kind, list[Finding]]:
    found = defaultdict(list)
    for finding in lint(LINES, read_held_out(HELD_OUT)):
        found[finding.kind].append(finding)
    print({kind: len(of) for kind, of in found.items()})
    return found


# A figure of seven digits reads like an order number to the classifier; alone it names none that there is.
SAID_OF_BOTH = {"1234567"}


def test_no_line_stands_under_two_intents(findings: dict[Kind, list[Finding]]) -> None:
    assert [str(each) for each in findings["contradiction"] if each.line.text not in SAID_OF_BOTH] == []


def test_lines_nearly_alike_under_two_intents_differ_by_a_word_that_turns_the_meaning(
    findings: dict[Kind, list[Finding]],
) -> None:
    """ "No quiero recibir promociones" is the contrary of "quiero recibir promociones", and few are as near as that."""
    near = findings["near_contradiction"]
    assert len(near) <= 15, "\n".join(map(str, near))
    assert [str(each) for each in near if each.likeness >= 0.9] == []


def test_few_lines_say_what_another_says_already(findings: dict[Kind, list[Finding]]) -> None:
    """Said again with another figure, accent or mark: a line that teaches nothing, and a habit of the file's writer."""
    assert len(findings["double"]) / len(LINES) <= 0.015, "\n".join(map(str, findings["double"]))
    assert len(findings["near_double"]) / len(LINES) <= 0.01, "\n".join(map(str, findings["near_double"]))


def test_the_held_out_messages_are_no_copies_of_training_lines(findings: dict[Kind, list[Finding]]) -> None:
    """What is measured would otherwise have been learnt by heart; one in three hundred may have slipped in."""
    assert len(findings["leak"]) / len(read_held_out(HELD_OUT)) <= 0.004, "\n".join(map(str, findings["leak"]))


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_intent_is_said_in_at_least_fifteen_ways(language: str) -> None:
    counts = defaultdict(int)
    for line in LINES:
        counts[line.intent] += line.language == language

    assert {intent: count for intent, count in counts.items() if count < 15} == {}


def test_every_intent_stands_for_a_job() -> None:
    assert {line.intent for line in LINES} | {"nlu_fallback"} == set(JOBS)


def test_nearly_every_line_has_its_vector_stored_so_that_training_is_quick() -> None:
    known = {row[:8] for row in batched_rows()}

    missing = [
        line.text
        for line in LINES
        if key_of(normalize(printable(line.text), line.language)).to_bytes(8, "little") not in known
    ]

    # Made up by: python -m nlu.vectors, in Rasa's environment.
    assert len(missing) / len(LINES) <= 0.02


def batched_rows() -> list[bytes]:
    content = (ROOT / "nlu" / "vectors.bin").read_bytes()
    width = 8 + 2 * 4 + 512 + 384
    assert len(content) % width == 0
    return [content[start : start + width] for start in range(0, len(content), width)]
