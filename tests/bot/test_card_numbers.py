"""Card numbers never reach a table; order numbers, phones and prices do."""

from __future__ import annotations

import random

import pytest

from bot.card_numbers import REPLACEMENT, redact

PREFIXES = ("4", "51", "55", "2221", "34", "37", "36", "6011", "65", "3528", "62", "50")
LENGTHS = {"34": 15, "37": 15, "36": 14}


def card(chance: random.Random) -> str:
    """A number that satisfies the Luhn check, of one of the great brands."""
    prefix = chance.choice(PREFIXES)
    body = prefix + "".join(chance.choices("0123456789", k=LENGTHS.get(prefix, 16) - len(prefix) - 1))
    total = 0
    for position, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


def written(chance: random.Random, number: str) -> str:
    separator = chance.choice(["", " ", "-", ".", " - ", "\u00a0", "\u2009", "_", "/", "\u200b"])
    return separator.join(number[i : i + 4] for i in range(0, len(number), 4))


# case 107
def test_five_hundred_cards_are_all_cut_out() -> None:
    chance = random.Random(107)
    around = [
        "{}",
        "mi tarjeta {} gracias",
        "{}, vence 12/27 cvv 123",
        "tarjeta:{}.",
        "3 leches y {} y 2 panes",
        "a{}b",
    ]
    for _ in range(500):
        number = card(chance)
        text = chance.choice(around).format(written(chance, number))
        redacted = redact(text)
        assert redacted.has_card, text
        assert REPLACEMENT in redacted.text
        digits = "".join(c for c in redacted.text if c.isdigit())
        assert number not in digits
        assert number[6:12] not in digits


# case 107
def test_at_most_one_of_ten_thousand_order_numbers_and_phones_is_cut_out() -> None:
    chance = random.Random(7)
    cut = 0
    for _ in range(10_000):
        phone = f"3{chance.randrange(10**9):09d}"
        text = chance.choice(
            [
                f"mi celular es +57 {phone}",
                f"pedido PED-{chance.randrange(10**6)} al {phone}",
                f"{phone[:3]} {phone[3:6]} {phone[6:]}",
                f"calle {chance.randrange(200)} # {chance.randrange(99)}-{chance.randrange(99)}, tel {phone}",
                f"NIT {chance.randrange(10**9)}-{chance.randrange(10)}",
                f"${chance.randrange(10**6):,} por {chance.randrange(100)} cajas",
            ]
        )
        cut += redact(text).has_card
    assert cut <= 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4111 1111 1111 1111 12/27 123", "[••••] 12/27 123"),
        ("dos: 4111111111111111 y 5500000000000004", "dos: [••••] y [••••]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("４１１１１１１１１１１１１１１１", "[••••]"),
        ("0000 0000 0000 0000", "0000 0000 0000 0000"),
    ],
)
def test_only_the_number_goes(text: str, kept: str) -> None:
    assert redact(text).text == kept
