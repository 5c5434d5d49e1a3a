"""What the trained model makes of messages it never saw, through the command that everyone uses."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from comanda.model import ensure_model
from comanda.project import RASA_ENVIRONMENT, READING_SETTINGS, ROOT
from nlu.jobs import job_of
from tests.nlu.held_out import held_out_messages

pytestmark = pytest.mark.rasa

PYTHON = str(RASA_ENVIRONMENT / "bin" / "python")
MONEY_OR_STOCK = {"cancel_order", "change_order", "pay", "remove_item", "refund_status", "return_request"}


@pytest.fixture(scope="session")
def model() -> Path:
    """The model of the present sources, trained if nobody did."""
    return ensure_model()


def in_rasa(*arguments: str, given: str = "") -> str:
    done = subprocess.run(
        [PYTHON, *arguments],
        cwd=ROOT,
        env=os.environ | READING_SETTINGS | {"PYTHONPATH": str(ROOT)},
        input=given,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def parse_file(model: Path, lines: list[str], folder: Path) -> list[dict[str, Any]]:
    file = folder / "messages.jsonl"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [
        json.loads(line) for line in in_rasa("-m", "nlu.parse", "--model", str(model), "--file", str(file)).splitlines()
    ]


def parse(model: Path, texts: list[str], folder: Path) -> list[dict[str, Any]]:
    return parse_file(model, [json.dumps({"text": text}) for text in texts], folder)


# Measured when these floors were set, on 1,514 and 804 messages: job 92.3 % in Spanish, 93.2 % in English.
@pytest.mark.parametrize(("language", "job_floor", "language_floor"), [("es", 0.91, 0.97), ("en", 0.92, 0.96)])
def test_held_out_messages_are_understood(
    model: Path, language: str, job_floor: float, language_floor: float, tmp_path: Path
) -> None:
    wanted = held_out_messages(language)

    found = parse(model, [text for _, text in wanted], tmp_path)

    jobs_right = sum(job_of(intent, text) == read["job"] for (intent, text), read in zip(wanted, found, strict=True))
    languages_right = sum(read["language"] == language for read in found)
    print(f"{language}: job {jobs_right / len(wanted):.1%}, language {languages_right / len(wanted):.1%}")
    assert len(wanted) >= {"es": 1500, "en": 800}[language]
    assert jobs_right / len(wanted) >= job_floor
    assert languages_right / len(wanted) >= language_floor


# case 42
@pytest.mark.parametrize("language", ["es", "en"])
def test_what_is_out_of_scope_seldom_touches_money_or_stock(model: Path, language: str, tmp_path: Path) -> None:
    texts = [text for intent, text in held_out_messages(language) if intent == "out_of_scope"]

    found = parse(model, texts, tmp_path)

    touched = [read["text"] for read in found if read["job"] in MONEY_OR_STOCK]
    print(f"{language}: {len(touched)} of {len(found)} touch money or stock: {touched}")
    assert len(touched) / len(found) <= 0.02


def test_the_example_of_the_shop_is_understood_whole(model: Path) -> None:
    text = "buenas, me regala 3 cajas de leche entera y un pan tajado porfa"

    read = json.loads(in_rasa("-m", "nlu.parse", "--model", str(model), "--", text))

    assert read["confidence"] > 0.8
    assert read | {"confidence": None} == {
        "text": text,
        "language": "es",
        "intent": "cart_add",
        "job": "place_order",
        "confidence": None,
        "order_lines": [
            {"quantity": "3", "unit": "caja", "text": "leche entera"},
            {"quantity": "1", "unit": None, "text": "pan tajado"},
        ],
    }


# case 12
def test_every_line_of_a_file_is_answered_by_one_line_however_strange(model: Path, tmp_path: Path) -> None:
    lines = [
        '{"text": "hola"}',
        "",
        '"hello"',
        "not json",
        "{}",
        '{"text": null}',
        '{"text": "\\u0000\\ud800 2 panes"}',
        json.dumps({"text": "x" * 100_000}),
        '{"text": "🥛🥛"}',
        '{"text": ""}',
    ]

    found = parse_file(model, lines, tmp_path)

    assert [read["text"][:8] for read in found[:4]] == ["hola", "", "hello", "not json"]
    assert len(found) == len(lines)
    assert found[6]["order_lines"] == [{"quantity": "2", "unit": None, "text": "panes"}]
    assert {read["intent"] for read in (found[1], found[4], found[5], found[9])} == {"nlu_fallback"}


def test_short_answers_leave_the_language_open(model: Path) -> None:
    code = (
        "import json, sys; from pathlib import Path; from nlu.understanding import Understanding\n"
        "print(json.dumps(Understanding.load(Path(sys.argv[1])).languages_of(['2', 'ok', '👍', 'no'])))"
    )

    found = json.loads(in_rasa("-c", code, str(model)))

    assert found[0] == ["es", 0.5]
    assert all(confidence < 0.8 for _, confidence in found)


def test_rasa_finds_nothing_wrong_with_domain_rules_and_lines() -> None:
    """A training does not ask: it would read everything a second time."""
    in_rasa("-m", "rasa", "data", "validate", "--quiet")


def test_rasa_and_the_command_understand_alike(model: Path) -> None:
    texts = [
        "buenas, me regala 3 cajas de leche entera y un pan tajado porfa",
        "eran 2 no 3",
        "where is order PED-10023?",
        "la segunda",
        "en efectivo",
        "mándelo a la calle 45 # 12-34",
        "asdf qwer",
        "\x002 panes",
        "2",
        "a" * 3000,
    ]

    pairs = json.loads(
        in_rasa("tests/nlu/understanding_through_rasa.py", str(model), given=json.dumps(texts)).splitlines()[-1]
    )

    assert [by_rasa for by_rasa, _ in pairs] == [by_us for _, by_us in pairs]
