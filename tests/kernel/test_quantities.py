"""How much of something is said as people say it: one unit or several, in both languages."""

from decimal import Decimal

import pytest

from backend.catalog.units import UNITS
from kernel.quantities import amount, counted, plural

# Every unit that goods are sold in, as it is said of several.
MANY = {
    "unidad": ("unidades", "units"),
    "caja": ("cajas", "boxes"),
    "paca": ("pacas", "multipacks"),
    "sixpack": ("six-packs", "six-packs"),
    "docena": ("docenas", "dozen"),
    "canasta": ("canastas", "trays"),
    "par": ("pares", "pairs"),
    "g": ("gramos", "grams"),
    "libra": ("libras", "pounds"),
    "kilo": ("kilos", "kilos"),
    "arroba": ("arrobas", "arrobas (12.5 kg)"),
    "bulto": ("bultos", "sacks"),
    "litro": ("litros", "litres"),
    "galon": ("galones", "gallons"),
    "garrafa": ("garrafas", "jugs"),
    "botella": ("botellas", "bottles"),
    "media": ("medias", "half bottles"),
    "lata": ("latas", "cans"),
    "carton": ("cartones", "cartons"),
    "bolsa": ("bolsas", "bags"),
    "paquete": ("paquetes", "packs"),
    "frasco": ("frascos", "jars"),
    "tarro": ("tarros", "tubs"),
    "vaso": ("vasos", "cups"),
    "doypack": ("bolsas con tapa", "pouches"),
    "sobre": ("sobres", "sachets"),
    "barra": ("barras", "bars"),
    "tubo": ("tubos", "tubes"),
    "rollo": ("rollos", "rolls"),
    "bandeja": ("bandejas", "trays"),
    "atado": ("atados", "bunches"),
}


def test_every_unit_of_the_catalog_has_its_plural_in_both_languages():
    assert {code: (plural(unit.es, "es"), plural(unit.en, "en")) for code, unit in UNITS.items()} == MANY


@pytest.mark.parametrize(
    ("language", "word", "many"),
    [
        ("es", "libras", "libras"),
        ("es", "porción", "porciones"),
        ("es", "pack", "packs"),
        ("es", "lápiz", "lápices"),
        ("en", "loaf", "loaves"),
        ("en", "glass", "glasses"),
        ("en", "berry", "berries"),
        ("en", "pounds", "pounds"),
        ("es", "", ""),
    ],
)
def test_what_a_shop_may_call_a_unit_has_its_plural_too(language, word, many):
    assert plural(word, language) == many


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("symbol", ["kg", "g", "l", "L", "ml", "m", "lb"])
def test_a_symbol_is_the_same_of_any_number(language, symbol):
    assert counted(2, symbol, language) == f"2 {symbol}"


@pytest.mark.parametrize(
    ("quantity", "es", "en"),
    [
        ("1", "1 kilo", "1 kilo"),
        ("1.0", "1 kilo", "1 kilo"),
        ("1.5", "1,5 kilos", "1.5 kilos"),
        (Decimal("0.5"), "0,5 kilos", "0.5 kilos"),
        (0, "0 kilos", "0 kilos"),
        (1200, "1.200 kilos", "1,200 kilos"),
    ],
)
def test_of_just_one_a_unit_is_singular(quantity, es, en):
    assert (counted(quantity, "kilo", "es"), counted(quantity, "kilo", "en")) == (es, en)


@pytest.mark.parametrize(
    ("quantity", "unit", "es", "en"),
    [
        ("2", "caja", "2 cajas de", "2 boxes of"),
        ("1", "caja", "1 caja de", "1 box of"),
        ("2", "docena", "2 docenas de", "2 dozen"),
        ("3", "unidad", "3 ×", "3 ×"),
    ],
)
def test_before_a_name_a_unit_is_linked_to_it_and_pieces_go_without_saying(quantity, unit, es, en):
    names = UNITS[unit]

    assert amount(quantity, unit, names.es, "es") == es
    assert amount(quantity, unit, names.en, "en") == en
    assert amount(quantity, None, None, "es") == f"{quantity} ×"
