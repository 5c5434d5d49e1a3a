"""The training lines contradict neither each other nor the messages they are measured by."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml
from rapidfuzz import fuzz, process

from nlu.jobs import JOBS
from nlu.normalization import key_of, normalize, printable, without_accents
from tests.nlu.held_out import held_out_messages

ROOT = Path(__file__).parents[2]


class Line(NamedTuple):
    """One training line and where it stands."""

    file: str
    language: str
    intent: str
    text: str


def training_lines() -> list[Line]:
    return [
        Line(path.name, block["metadata"]["language"], block["intent"], line.removeprefix("- ").strip().strip('"'))
        for path in sorted((ROOT / "data" / "nlu").glob("*.yml"))
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        for line in block["examples"].strip().splitlines()
    ]


LINES = training_lines()


def test_a_file_is_named_after_the_language_it_is_written_in() -> None:
    assert {line.file for line in LINES if line.file.split(".")[1] != line.language} == set()


def test_no_line_stands_under_two_intents() -> None:
    intents = defaultdict(set)
    for line in LINES:
        intents[without_accents(line.text)].add(line.intent)

    assert {text: found for text, found in intents.items() if len(found) > 1} == {}


def test_no_line_is_written_twice_in_one_language() -> None:
    seen = defaultdict(int)
    for line in LINES:
        seen[line.language, line.text.lower()] += 1

    assert [key for key, count in seen.items() if count > 1] == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_intent_is_said_in_at_least_fifteen_ways(language: str) -> None:
    counts = defaultdict(int)
    for line in LINES:
        counts[line.intent] += line.language == language

    assert {intent: count for intent, count in counts.items() if count < 15} == {}


def test_every_intent_stands_for_a_job() -> None:
    assert {line.intent for line in LINES} | {"nlu_fallback"} == set(JOBS)


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_held_out_messages_are_no_copies_of_training_lines(language: str) -> None:
    known = [without_accents(line.text) for line in LINES]

    copies = [
        (text, known[place])
        for _, text in held_out_messages(language)
        for _, score, place in [process.extractOne(without_accents(text), known, scorer=fuzz.token_sort_ratio)]
        if score >= 90
    ]

    assert copies == []


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
    width = 8 + 4 + 384
    assert len(content) % width == 0
    return [content[start : start + width] for start in range(0, len(content), width)]
