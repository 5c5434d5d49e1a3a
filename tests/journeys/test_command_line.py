"""The command line against a running product: being a customer in a script, asking the model, asking the doctor."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.product import COMANDA, Product

pytestmark = [pytest.mark.rasa, pytest.mark.timeout(600)]


def comanda(product: Product, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMANDA, *arguments], capture_output=True, text=True, env=os.environ | product.environment, timeout=300
    )


def say(product: Product, *arguments: str) -> dict[str, Any]:
    """The one line of JSON that `comanda say` prints."""
    told = comanda(product, "say", *arguments, "--json")
    assert told.returncode == 0, told.stderr
    (line,) = told.stdout.splitlines()
    return dict(json.loads(line))


@pytest.fixture(autouse=True)
def everything_is_ready(product: Product) -> None:
    product.wait_until_ready()


def test_a_script_orders_by_words_and_by_buttons(product: Product) -> None:
    first = say(product, "quiero un pan tajado", "--conversation", "script")
    titles = [choice["title"] for choice in first["replies"][-1]["choices"]]
    second = say(product, "--choice", "2", "--conversation", "script")

    assert first["conversation"] == "script"
    assert len(titles) == 5
    assert f"1 × {titles[1]}" in second["replies"][0]["text"]


def test_a_conversation_goes_on_under_its_name_and_another_name_is_another_customer(product: Product) -> None:
    say(product, "2 libras de papa pastusa", "--conversation", "one")

    assert "Papa pastusa" in say(product, "ver mi carrito", "--conversation", "one")["replies"][0]["text"]
    # To who is new the policy is said first.
    assert "vacío" in say(product, "ver mi carrito", "--conversation", "other")["replies"][-1]["text"]


def test_a_button_that_is_not_there_is_refused(product: Product) -> None:
    told = comanda(product, "say", "--choice", "9", "--conversation", "nobody", "--json")

    assert told.returncode == 1
    assert json.loads(told.stdout)["error"]["code"] == "no_such_choice"


def test_too_long_a_message_is_refused_in_the_channels_words(product: Product) -> None:
    told = comanda(product, "say", "x" * 1001, "--conversation", "long", "--json")

    assert told.returncode == 1
    assert json.loads(told.stdout)["error"]["code"] == "text_too_long"


def test_parse_tells_what_is_understood_one_line_a_message(product: Product, tmp_path: Path) -> None:
    messages = ["buenas, me regala 3 cajas de leche entera y un pan tajado porfa", "where is my order?"]
    file = tmp_path / "messages.jsonl"
    file.write_text("\n".join(json.dumps({"text": text}) for text in messages))

    told = comanda(product, "parse", "--file", str(file), "--json")

    assert told.returncode == 0
    order, track = [json.loads(line) for line in told.stdout.splitlines()]
    assert (order["text"], order["language"], order["intent"]) == (messages[0], "es", "cart_add")
    assert order["order_lines"] == [
        {"quantity": "3", "unit": "caja", "text": "leche entera"},
        {"quantity": "1", "unit": None, "text": "pan tajado"},
    ]
    assert (track["language"], track["intent"], track["order_lines"]) == ("en", "order_track", [])


def test_a_text_that_looks_like_an_option_is_a_text(product: Product) -> None:
    told = comanda(product, "parse", "--json", "--", "--model")

    assert told.returncode == 0
    assert json.loads(told.stdout)["text"] == "--model"


def test_the_doctor_finds_every_part_well_but_an_address_that_twilio_cannot_post_to(product: Product) -> None:
    told = comanda(product, "doctor")

    wrong = [line.split(maxsplit=2) for line in told.stdout.splitlines() if "✗" in line]
    assert wrong == [["✗", "whatsapp", f"PUBLIC_URL is {product.url}"]]
    assert told.returncode == 1


def test_the_books_are_in_order(product: Product) -> None:
    assert comanda(product, "audit").stdout == "✓ The books are in order.\n"
