"""Where a message is cut into wishes, judged by a reader of the tests that knows a few phrases."""

from __future__ import annotations

from itertools import pairwise

import pytest

from nlu.verdict import Verdict
from nlu.wishes import CLAUSES_MAX, clauses, find_wishes, main_wish

KNOWN = {
    "quiero 2 panes": "cart_add",
    "agrega 2 panes": "cart_add",
    "mándame 2 leches": "cart_add",
    "quita la leche": "cart_remove",
    "dónde va el pedido de ayer": "order_track",
    "cuándo llega": "delivery_eta",
    "cancela el pedido": "order_cancel",
    "mándame la factura": "invoice_get",
    "cuánto cuesta el café?": "product_price",
    "a la calle 45 # 12-30": "address_give",
    "pago con nequi": "payment_choose",
    "hola": "greet",
    "gracias": "thanks",
    "hello": "greet",
    "i need 3 milks": "cart_add",
    "pedí 2 leches ayer": "cart_add",
    "no han llegado": "order_track",
    "llegó rota": "return_start",
    "quiero que me devuelvan la plata": "refund_status",
    "sí": "affirm",
    "estoy furioso": "complaint",
    "quiero devolverlo": "return_start",
}


def judge(parts: list[str]) -> list[Verdict]:
    found = [KNOWN.get(part.strip(" ,.¿"), "") for part in parts]
    return [Verdict(intent, 0.97, []) if intent else Verdict("cart_add", 0.5, []) for intent in found]


def wishes(text: str, whole: str = "cart_add", confidence: float = 0.6) -> list[tuple[str, str]]:
    found = find_wishes(text, Verdict(whole, confidence, []), judge)
    assert all(text[wish.start : wish.end] == wish.text for wish in found)
    return [(wish.verdict.intent, wish.text.strip(" ,.¿")) for wish in found]


def test_two_wishes_are_found_in_order() -> None:
    assert wishes("quiero 2 panes y dónde va el pedido de ayer") == [
        ("cart_add", "quiero 2 panes"),
        ("order_track", "dónde va el pedido de ayer"),
    ]
    assert wishes("cancela el pedido, y mándame la factura") == [
        ("order_cancel", "cancela el pedido"),
        ("invoice_get", "mándame la factura"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "en lugar de leche entera, leche deslactosada",
        "hola, en vez de la coca, ponme una pepsi",
        "instead of whole milk, I want skim milk",
    ],
)
def test_what_is_wanted_stays_with_what_it_takes_the_place_of(text: str) -> None:
    assert len(clauses(text)) == (2 if text.startswith("hola") else 1)
    start, end = clauses(f"{text} y dónde va el pedido de ayer")[-2]
    assert text.endswith(text[start:end])
    assert ", " in text[start:end]


def test_an_address_parts_the_goods_from_the_payment() -> None:
    assert wishes("mándame 2 leches a la calle 45 # 12-30 y pago con nequi", "address_give", 0.9) == [
        ("cart_add", "mándame 2 leches"),
        ("address_give", "a la calle 45 # 12-30"),
        ("payment_choose", "pago con nequi"),
    ]


@pytest.mark.parametrize(
    ("text", "main"),
    [("hola quiero 2 panes", "cart_add"), ("gracias, ¿cuánto cuesta el café?", "product_price"),
     ("hello i need 3 milks", "cart_add")],
)  # fmt: skip
def test_a_courtesy_is_not_the_main_wish(text: str, main: str) -> None:
    found = find_wishes(text, Verdict(main, 0.6, []), judge)

    assert [wish.verdict.intent for wish in found] in (["greet", main], ["thanks", main])
    assert main_wish(found).verdict.intent == main


@pytest.mark.parametrize(
    "text",
    [
        "quiero 2 panes y 3 leches",
        "quiero 2 panes, la leche entera y un café",
        # Asked twice, served by one answer.
        "dónde va el pedido de ayer y cuándo llega",
        "llegó rota y quiero que me devuelvan la plata",
        # What was is no wish.
        "pedí 2 leches ayer y no han llegado",
        # A feeling, a yes: they belong to the wish.
        "estoy furioso, dónde va el pedido de ayer",
        "sí, agrega 2 panes",
        # It speaks of what was named before.
        "quita la leche y quiero devolverlo",
        "quiero 2 panes y cuánto vale",
        # Nobody knows what that is.
        "quiero 2 panes y blablabla blebleble",
        "hola, gracias",
    ],
)
def test_one_wish_stays_one(text: str) -> None:
    assert wishes(text) == []


def test_a_part_must_be_surer_the_surer_the_whole_says_something_else() -> None:
    def read(parts: list[str]) -> list[Verdict]:
        return [Verdict(verdict.intent, 0.85, []) for verdict in judge(parts)]

    text = "quiero 2 panes y dónde va el pedido de ayer"

    assert len(find_wishes(text, Verdict("cart_add", 0.7, []), read)) == 2
    assert find_wishes(text, Verdict("cart_add", 0.99, []), read) == []
    assert find_wishes(text, Verdict("complaint", 0.99, []), judge) != []
    assert find_wishes(text, Verdict("complaint", 0.99, []), read) == []


def test_a_long_list_is_not_cut() -> None:
    text = ", ".join(["quiero 2 panes"] * (CLAUSES_MAX + 1))

    assert clauses(text) == [(0, len(text))]
    assert find_wishes(text, Verdict("cart_add", 0.9, []), judge) == []


@pytest.mark.parametrize("text", ["", " ", "y", "hola", "¿?", "ﷺ y ﷺ", "a" * 1000, ", , , ,", "hola hola hola y y y"])
def test_whatever_is_written_its_parts_lie_in_it(text: str) -> None:
    spans = clauses(text)

    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
