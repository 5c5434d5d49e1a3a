import pytest

from kernel.plurals import plural


@pytest.mark.parametrize(
    ("language", "word", "many"),
    [
        ("es", "unidad", "unidades"),
        ("es", "caja", "cajas"),
        ("es", "galón", "galones"),
        ("en", "box", "boxes"),
        ("en", "pound", "pounds"),
        ("es", "libras", "libras"),
    ],
)
def test_units_have_their_plural(language, word, many):
    assert plural(word, language) == many
