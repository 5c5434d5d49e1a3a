"""Card numbers never reach a file; order numbers, phones and prices do."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import inspect, text

from bot.attachments.intake import Intake
from bot.card_numbers import REPLACEMENT, redact
from bot.channels.base import InboundMessage
from bot.conversations import service
from bot.delivery import Delivery
from bot.hints import LocalHints
from bot.listening.inbound import Inbox
from kernel.config import Settings
from kernel.db import Database
from tests.bot.pictures import picture

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
        "{}, ¿la recibieron? 👍",
        "4 {}",
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
    cut, kinds_before, said_before = 0, "", ""
    for _ in range(10_000):
        phone = f"3{chance.randrange(10**9):09d}"
        local = f"{chance.randrange(10**10):010d}"
        said = {
            "phone of Colombia": f"mi celular es +57 {phone}",
            "phone, spaced": f"{phone[:3]} {phone[3:6]} {phone[6:]}",
            "phone of Mexico": f"52{local}",
            "mobile of Mexico": f"521{local}",
            "phone of the City of Mexico": f"55{local[:8]}",
            "mobile of Argentina": f"54 9 11 {local[:4]}-{local[4:8]}",
            "mobile of Brazil": f"+55 11 9{local[:4]}-{local[4:8]}",
            "code": local[:6],
            "order": f"pedido PED-{chance.randrange(10**6)} al {phone}",
            "address": f"calle {chance.randrange(200)} # {chance.randrange(99)}-{chance.randrange(99)}, tel {phone}",
            "cédula": f"mi cédula es 5{chance.randrange(3)}{local[:6]}",
            "NIT": f"NIT {chance.randrange(10**9)}-{chance.randrange(10)}",
            "price": f"${chance.randrange(10**6):,} por {chance.randrange(100)} cajas",
        }
        kind = chance.choice([each for each in said if each != kinds_before])
        cut += redact(said[kind], [said_before]).has_card
        kinds_before, said_before = kind, said[kind]
    print(f"cut by mistake: {cut} of 10000")
    assert cut <= 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("4111 1111 1111 1111 12/27 123", "[••••] 12/27 123"),
        ("dos: 4111111111111111 y 5500000000000004", "dos: [••••] y [••••]"),
        ("4111 1111 1111 1112", "4111 1111 1111 1112"),
        ("４１１１１１１１１１１１１１１１", "[••••]"),
        ("0000 0000 0000 0000", "0000 0000 0000 0000"),
        ("4111 x 1111 x 1111 x 1111", "[••••]"),
        ("3782 y 822463 y 10005", "[••••]"),
        ("4\ufe0f\u20e3111 1111 1111 1111", "[••••]"),
        # With the last digit still to come: whoever has fifteen has them all.
        ("411111111111111", "[••••]"),
        ("$4.111, $1.111, $1.111, $1.111", "$4.111, $1.111, $1.111, $1.111"),
    ],
)
def test_only_the_number_goes(text: str, kept: str) -> None:
    assert redact(text).text == kept


@pytest.mark.parametrize(
    ("before", "said", "kept"),
    [
        (["4111 1111"], "1111 1111", "[••••]"),
        (["mi tarjeta es 4111 1111 1111 ..."], "1111, vence 12/27", "[••••], vence 12/27"),
        (["1111", "1111", "van 4111"], "1111", "[••••]"),
        (["1111", "gracias", "van 4111 1111"], "1111", "1111"),
        (["4111 1111 son los primeros"], "y los otros: 1111 1111", "y los otros: [••••]"),
        # A telephone number, and the code that was sent to it.
        (["5555555555"], "554444", "554444"),
        (["4111 1111"], "1111 1112", "1111 1112"),
        ([], "1111 1111", "1111 1111"),
    ],
)
def test_a_number_in_pieces_is_never_completed(before: list[str], said: str, kept: str) -> None:
    assert redact(said, before).text == kept


class Shop:
    """The inbox and the intake as the web process has them, and all that they leave behind."""

    def __init__(self, database: Database, home: Path) -> None:
        self._delivery = Delivery(database, LocalHints(lambda _: None))
        self._inbox = Inbox(self._delivery)
        self._intake = Intake(Settings.model_validate({"COMANDA_HOME": home}), database)
        self._database, self._home = database, home

    def hear(self, *texts: str) -> str:
        """What a new visitor says; their conversation's id."""
        with self._delivery.to_found(lambda s: service.open_for(s, "web", str(uuid4()), "es")) as (_, conversation):
            pass
        for each in texts:
            self._inbox.receive(InboundMessage(conversation.id, str(uuid4()), each))
        return conversation.id

    def hear_file(self, name: str, caption: str) -> None:
        conversation_id = self.hear()

        async def content() -> AsyncIterator[bytes]:
            yield picture()

        file = asyncio.run(self._intake.take(conversation_id, name, content()))
        self._inbox.receive(InboundMessage(conversation_id, str(uuid4()), caption, attachments=(file.id,)))

    def everything(self) -> bytes:
        """Every row of every table, and every file: with SQLite what it has freed, and its log, too."""
        with self._database.read() as session:
            tables = inspect(session.connection()).get_table_names()
            rows = [str(list(session.execute(text(f'SELECT * FROM "{table}"')))) for table in tables]
        files = [path.read_bytes() for path in self._home.rglob("*") if path.is_file()]
        names = [str(path) for path in self._home.rglob("*")]
        return b"\n".join([*(each.encode() for each in rows + names), *files])


# case 107
def test_no_file_ever_has_one_of_five_hundred_cards(database: Database, tmp_path: Path) -> None:
    chance = random.Random(1107)
    shop = Shop(database, tmp_path)
    numbers = [card(chance) for _ in range(500)]
    for turn, number in enumerate(numbers):
        # Ten and six are a telephone number and its code.
        at = chance.choice([each for each in range(1, len(number)) if each not in (6, 10)])
        match turn % 5:
            case 0:
                shop.hear(f"mi tarjeta: {written(chance, number)}")
            case 1:
                shop.hear(f"es la {number[:at]}", f"{number[at:]} gracias")
            case 2:
                shop.hear(number[:4], number[4:8], number[8:12], number[12:])
            case 3:
                shop.hear_file(f"{number}.jpg", f"el recibo de {written(chance, number)}")
            case 4:
                shop.hear("x".join(number[i : i + 4] for i in range(0, 16, 4)) if len(number) == 16 else number)

    left = shop.everything()
    bare = re.sub(rb"[^0-9\n]", b"", left)
    hits = [number for number in numbers if number.encode() in left or number.encode() in bare]
    said = "".join(f"{each}\n" for each in _said_by_each(database))
    rejoined = [number for number in numbers if number in said]
    print(f"hits of 500: {len(hits)}, of what each said put together: {len(rejoined)}")
    assert (hits, rejoined) == ([], [])


def _said_by_each(database: Database) -> list[str]:
    """The digits that each visitor's messages still have, one after the other."""
    said: dict[str, str] = {}
    with database.read() as session:
        rows = "SELECT conversation_id, text FROM bot_message WHERE author = 'customer' ORDER BY conversation_id, seq"
        for conversation_id, words in session.execute(text(rows)):
            said[conversation_id] = said.get(conversation_id, "") + "".join(filter(str.isdecimal, words))
    return list(said.values())
