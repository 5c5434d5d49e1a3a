"""What a catalogue would change is shown as its reader writes money, numbers, yes and no."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from backend.catalog.columns import COLUMNS, written
from console.catalog.cells import NOTHING, shown
from tests.backend.shopper import MILK
from tests.console.conftest import Members


@pytest.mark.parametrize(
    ("column", "cell", "es", "en"),
    [
        ("price", "4500.00", "$4.500", "$4,500"),
        ("cost", "12300.00", "$12.300", "$12,300"),
        ("sold", "sí", "sí", "yes"),
        ("usual", "no", "no", "no"),
        ("weight_g", "1250", "1.250", "1,250"),
        (
            "units",
            "unidad:1|caja:12|bulto:1200",
            "unidad, caja × 12, bulto × 1.200",
            "unidad, caja × 12, bulto × 1,200",
        ),
        ("barcodes", "7701:1|17701:12", "7701, 17701 × 12", "7701, 17701 × 12"),
        ("also_es", "lechita|litro de leche", "lechita, litro de leche", "lechita, litro de leche"),
        ("name_es", "sí", "sí", "sí"),
    ],
)
def test_a_cell_is_read_in_the_language_of_the_reader(column: str, cell: str, es: str, en: str) -> None:
    assert (shown(column, cell, "COP", "es"), shown(column, cell, "COP", "en")) == (es, en)
    assert shown(column, "", "COP", "es") == NOTHING


def test_money_has_the_cents_of_its_currency() -> None:
    assert shown("price", "4.5", "USD", "en") == "$4.50"


def test_of_every_amount_claim_and_list_of_a_catalogue_no_cell_is_shown_as_its_file_has_it() -> None:
    """A new column that holds one must be known to the page."""
    kept: dict[str, Any] = {"price": 450_000, "cost": 450_000, "weight_g": 1_250, "per": 1_250, "popularity": 1_250}
    by_kind = {bool: True, tuple: ()}
    raw = []
    for column in COLUMNS:
        value = kept.get(column.name, by_kind.get(type(column.usual), by_kind.get(type(column.nothing))))
        value = (("caja", 12), ("paca", 24)) if value == () else value
        if value is not None:
            cell = written(column.name, value, "COP")
            raw += [column.name] if shown(column.name, cell, "COP", "en") == cell else []

    assert raw == []


@pytest.mark.parametrize(
    ("language", "fields"),
    [
        ("es", {"Precio": ("$4.500", "$9.900"), "Costo sin impuesto": ("—", "$3.000"), "Se vende": ("sí", "no")}),
        ("en", {"Price": ("$4,500", "$9,900"), "Cost without tax": ("—", "$3,000"), "Sold": ("yes", "no")}),
    ],
)
async def test_a_preview_shows_what_changes_as_people_read_it(
    members: Members, seal: dict[str, str], language: str, fields: dict[str, tuple[str, str]]
) -> None:
    rows = f"sku;precio;se_vende;costo\r\n{MILK};9.900;no;3.000"

    page = await preview(members, seal, language, rows)

    shown_fields = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td></tr>', page)
    assert {name: (before, after) for name, before, after in shown_fields} == fields


@pytest.mark.parametrize(("language", "price"), [("es", "$18.900"), ("en", "$18,900")])
async def test_a_preview_shows_what_is_new_as_people_read_it(
    members: Members, seal: dict[str, str], language: str, price: str
) -> None:
    rows = "sku;categoria;producto;producto_es;nombre_es;precio;impuesto;unidades\r\n"
    rows += "CAFE;mercado;cafe;Café;Café 500 g;18900;exempt;unidad:1|caja:12"

    page = await preview(members, seal, language, rows)

    assert re.findall("<dd>(.*?)</dd>", page)[3:] == ["mercado", price, "exempt", "unidad, caja × 12"]


async def preview(members: Members, seal: dict[str, str], language: str, rows: str) -> str:
    answer = await members["admin"].post(
        "/catalog/preview",
        data=seal | {"watch": "w"},
        files={"file": ("precios.csv", rows.encode(), "text/csv")},
        headers={"Accept-Language": language},
    )
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)
