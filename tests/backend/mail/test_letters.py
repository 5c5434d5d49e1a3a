"""Every fact that is mailed has its letter in both languages."""

from __future__ import annotations

import pytest

from backend.events import MAILED
from backend.mail import letters

FACTS = {
    "number": "PED-1",
    "reason": "sin stock",
    "promised_on": "2026-11-26",
    "return": "RMA-1",
    "shipment": "PED-1-1-A",
    "carrier": "veloz_sas",
    "carrier_name": "Veloz",
    "tracking_number": "V-7",
    "tracking_url": "https://shop.example/t/a?b=1&c=<2>",
    "code": "4821",
    "due_on": "2026-11-20",
    "location": "Tienda Chapinero",
    "lines": [{"name": "Leche & pan", "name_en": "Milk & bread", "quantity": 3}],
    "shortages": [{"name": "Leche", "name_en": "Milk", "quantity": 2}],
}


def test_there_is_a_letter_for_each_fact_that_is_mailed_and_for_no_other():
    assert set(letters.catalogue()) - {"greeting", "lines", "why", "words"} == MAILED


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("kind", sorted(MAILED))
def test_a_letter_says_the_facts_in_its_language(kind, language):
    letter = letters.write(kind, language, "La Esquina", "Ana <b>", FACTS)

    for part in (letter.subject, letter.text, letter.html):
        assert "PED-1" in part
        assert "None" not in part
    assert "La Esquina" in letter.text
    assert "Ana &lt;b&gt;" in letter.html
    assert "<b>" not in letter.html
    other = letters.write(kind, "en" if language == "es" else "es", "La Esquina", "Ana", FACTS)
    assert other.subject != letter.subject


@pytest.mark.parametrize(("language", "says"), [("es", "2 cajas de Leche"), ("en", "2 boxes of Milk")])
def test_goods_are_counted_in_the_unit_they_were_ordered_in(language, says):
    milk = {"name": "Leche", "name_en": "Milk", "quantity": "2", "unit": "caja"}
    boxes = [milk | {"unit_name_es": "caja", "unit_name_en": "box"}]

    letter = letters.write("shipment.shipped", language, "La Esquina", "Ana", FACTS | {"lines": boxes})

    assert f"- {says}\n" in letter.text
    assert f"<li>{says}</li>" in letter.html


@pytest.mark.parametrize(
    ("kind", "facts", "says"),
    [
        ("order.held", {"reasons": ["awaiting_payment"]}, "waits to be paid"),
        ("order.held", {"reasons": ["awaiting_payment", "amount_over"]}, "checking"),
        ("order.cancelled", {"reason": "unpaid"}, "not paid in time"),
        ("order.cancelled", {"reason": "subject"}, "was cancelled"),
        ("invoice.reminded", {"stage": "soon"}, "is due on Friday, November 20"),
        ("invoice.reminded", {"stage": "today"}, "is due today"),
        ("invoice.reminded", {"stage": "late"}, "is overdue"),
        ("invoice.reminded", {"stage": "later"}, "still unpaid"),
        ("invoice.reminded", {"stage": "last"}, "an arrangement"),
        ("return.resolved", {"resolution": "store_credit"}, "Your return RMA-1 of order PED-1 is done"),
        ("return.received", {"kind": "return", "reason": None}, "What you returned of order PED-1 is here"),
        (
            "return.received",
            {"kind": "bounced", "reason": None},
            "A parcel of your order PED-1 is back at the shop",
        ),
        (
            "return.inspected",
            {"kind": "return", "reason": None},
            "at what you returned of order PED-1 (RMA-1)",
        ),
        (
            "return.inspected",
            {"kind": "bounced", "reason": None},
            "the parcel of your order PED-1 that came back",
        ),
        ("return.resolved", {"resolution": "none"}, "We looked at your return RMA-1"),
    ],
)
def test_a_fact_of_one_reason_has_words_of_its_own(kind, facts, says):
    assert says in letters.write(kind, "en", "La Esquina", None, FACTS | facts).subject


@pytest.mark.parametrize("kind", sorted(MAILED))
def test_a_fact_that_says_little_still_makes_a_letter(kind):
    assert "PED-1" in letters.write(kind, "fr", "La Esquina", None, {"number": "PED-1"}).text


def test_a_link_is_what_it_says_and_nothing_else():
    letter = letters.write("shipment.shipped", "es", "La Esquina", None, FACTS)
    assert 'href="https://shop.example/t/a?b=1&amp;c=&lt;2&gt;"' in letter.html
    assert "3 × Leche &amp; pan" in letter.html

    evil = letters.write("shipment.shipped", "es", "La Esquina", None, FACTS | {"tracking_url": "javascript:alert(1)"})
    assert "javascript" not in evil.html


DISCOUNT = {
    "total": {"amount_minor": 1_404_000, "currency": "COP"},
    "discount": {
        "name": "10 % en lácteos",
        "name_en": "10 % off dairy",
        "amount": {"amount_minor": 106_000, "currency": "COP"},
    },
}


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("es", "Descuento (10 % en lácteos): −$1.060. Total: $14.040."),
        ("en", "Discount (10 % off dairy): −$1,060. Total: $14,040."),
    ],
)
@pytest.mark.parametrize(
    ("kind", "facts"),
    [("order.confirmed", {}), ("order.held", {}), ("order.held", {"reasons": ["awaiting_payment"]})],
)
def test_a_discount_is_told_with_what_is_left_to_pay(kind, facts, language, says):
    letter = letters.write(kind, language, "La Esquina", None, FACTS | facts | DISCOUNT)
    without = letters.write(kind, language, "La Esquina", None, FACTS | facts | DISCOUNT | {"discount": None})

    assert f"\n\n{says}\n\n" in letter.text
    assert f"<p>{says}</p>" in letter.html
    assert "−" not in without.text
    assert "<p></p>" not in without.html


def test_a_letter_about_what_is_to_be_collected_says_where_and_links_the_way():
    url = "https://www.google.com/maps/search/?api=1&query=4.6459%2C-74.0635"
    with_place = letters.write(
        "pickup.ready", "es", "La Esquina", None, FACTS | {"address": "Calle 57 # 9-28", "map_url": url}
    )
    without = letters.write("pickup.ready", "en", "La Esquina", None, FACTS)

    assert "Ya puedes recoger tu pedido PED-1 en Tienda Chapinero, Calle 57 # 9-28." in with_place.text
    assert url in with_place.text
    assert "You can pick up your order PED-1 at Tienda Chapinero." in without.text
    assert "How to get there" not in without.text
