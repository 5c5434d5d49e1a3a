"""What the linter of training lines finds, and that it looks at few of their pairs."""

from __future__ import annotations

from pathlib import Path

import pytest

from comanda.project import ROOT
from comanda.training_lines import Line, Shingled, lint, read_lines

KNOWN = [
    Line("cart.es.yml", "es", "cart_add", "quiero dos cajas de leche entera"),
    Line("orders.es.yml", "es", "order_cancel", "quiero cancelar el pedido de ayer"),
    Line("orders.en.yml", "en", "order_track", "where is the order I placed yesterday"),
]
HELD_OUT = [Line("first.es.yml", "es", "order_track", "oye y mi pedido por dónde viene")]


def found(*more: Line) -> list[tuple[str, str, str]]:
    return [(each.kind, each.line.text, each.other.text) for each in lint([*KNOWN, *more], HELD_OUT)]


def test_lines_that_differ_are_left_alone() -> None:
    assert found(Line("cart.es.yml", "es", "cart_remove", "ya no quiero la leche")) == []


@pytest.mark.parametrize(
    ("kind", "intent", "text", "other"),
    [
        ("contradiction", "pay_start", "QUIERO cancelar el pedido de ayer!", 1),
        ("double", "order_cancel", "kiero cancelar el pedido de ayer", 1),
        ("near_contradiction", "pay_start", "si quiero cancelar el pedido de ayer", 1),
        ("near_double", "order_cancel", "y quiero cancelar el pedido de ayer", 1),
    ],
)
def test_a_line_that_says_the_same_as_another_is_found(kind: str, intent: str, text: str, other: int) -> None:
    assert found(Line("orders.es.yml", "es", intent, text)) == [(kind, text, KNOWN[other].text)]


def test_a_figure_more_is_the_same_line() -> None:
    lines = [Line("cart.es.yml", "es", "cart_add", f"{figure} libras de queso") for figure in ("2", "3")]
    assert [each.kind for each in lint(lines, [])] == ["double"]


def test_a_line_that_is_measured_by_is_found() -> None:
    text = "oye mi pedido por donde viene"
    assert found(Line("orders.es.yml", "es", "order_track", text)) == [("leak", text, HELD_OUT[0].text)]


def test_what_everybody_says_in_the_same_words_is_no_leak() -> None:
    held_out = [Line("first.es.yml", "es", "affirm", "sí claro")]
    assert list(lint([Line("checkout.es.yml", "es", "affirm", "si, claro")], held_out)) == []


def test_the_same_words_in_two_languages_are_no_double() -> None:
    lines = [Line("talk.es.yml", "es", "affirm", "ok"), Line("talk.en.yml", "en", "affirm", "ok")]
    assert list(lint(lines, [])) == []


def test_of_all_pairs_of_lines_one_in_three_hundred_is_looked_at() -> None:
    lines = read_lines(ROOT / "data" / "nlu")[::2]
    shingled = Shingled(lines)
    for line in lines:
        shingled.nearest(line)
    assert 0 < shingled.compared <= len(lines) ** 2 / 300


def test_a_file_is_read_line_by_line(tmp_path: Path) -> None:
    (tmp_path / "talk.es.yml").write_text(
        'nlu:\n- intent: greet\n  metadata: {language: es}\n  examples: |\n    - hola\n    - "buenas: tardes"\n'
    )
    assert read_lines(tmp_path) == [
        Line("talk.es.yml", "es", "greet", "hola"),
        Line("talk.es.yml", "es", "greet", "buenas: tardes"),
    ]
