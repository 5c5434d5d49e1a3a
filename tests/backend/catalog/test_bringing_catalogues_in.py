"""A catalogue comes in as CSV: seen before, whole or not at all, and twice is once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from backend.api.progress import Progress, Step
from backend.catalog import importing
from backend.catalog.catalogue_csv import read_sheet
from backend.catalog.columns import CellWrong, read_amount
from backend.catalog.models import Barcode, CatalogVersion, Product, Variant, VariantUnit
from kernel.tables import decoded
from tests.backend.shopper import BREAD, MILK, TOMATO, Http, Market, code_of, staff_as

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NEW = (
    "sku;categoria;categoria_es;producto;producto_es;nombre_es;precio;impuesto;unidades;codigos\r\n"
    "CAFE-500;despensa;Despensa;cafe;Café molido;Café molido La Bastilla 500 g;18.900;exempt;unidad|caja:12;"
    "7701234567897|17701234567894:12\r\n"
    f"{MILK};mercado;;leche-1l;Leche entera 1 L;Leche entera 1 L;4.700;exempt;;\r\n"
    f"{BREAD};mercado;;pan-tajado;Pan tajado;Pan tajado;6.200;reduced;;\r\n"
)


def admin(key: str) -> dict[str, str]:
    return staff_as("admin") | {"Idempotency-Key": key}


def bring_in(http: Http, content: str, key: str = "import:1"):
    return http.request("POST", "/staff/catalog/imports", json={"content": content}, headers=admin(key))


def preview(http: Http, content: str):
    return http.request("POST", "/staff/catalog/previews", json={"content": content}, headers=staff_as("admin")).json()


def rows_of(database, *columns):
    with database.read() as session:
        return [tuple(row) for row in session.execute(select(*columns).order_by(*columns))]


def test_a_catalogue_adds_changes_and_leaves(http, market: Market, database):
    shown = preview(http, NEW)
    assert (shown["added"], shown["changed"], shown["same"], shown["problems"]) == (1, 1, 1, [])
    assert shown["changes"][1] == {
        "row": 3,
        "kind": "changed",
        "sku": MILK,
        "name": "Leche entera 1 L",
        "fields": [{"column": "price", "before": "4500.00", "after": "4700.00"}],
    }
    assert rows_of(database, Variant.sku, Variant.price_minor)[1] == (MILK, 450_000)

    done = bring_in(http, NEW)

    assert (done.status_code, done.json()["added"], done.json()["changed"]) == (200, 1, 1)
    assert rows_of(database, Variant.sku, Variant.price_minor)[:3] == [
        ("CAFE-500", 1_890_000),
        ("GASEOSA-400", 357_000),
        (MILK, 470_000),
    ]
    assert rows_of(database, Barcode.code, Barcode.sku, Barcode.quantity) == [
        ("17701234567894", "CAFE-500", 12),
        ("7701234567897", "CAFE-500", 1),
    ]
    found = http.request("GET", "/catalog/search?q=cafe molido", headers=staff_as("admin")).json()
    assert [each["sku"] for each in found["matches"]] == ["CAFE-500"]
    assert [(unit["code"], unit["factor"]) for unit in found["matches"][0]["units"]] == [("unidad", 1), ("caja", 12)]


def test_the_same_file_twice_changes_nothing(http, market, database):
    assert bring_in(http, NEW).status_code == 200
    version = rows_of(database, CatalogVersion.version)

    again = bring_in(http, NEW, "import:2").json()

    assert (again["added"], again["changed"], again["same"]) == (0, 0, 3)
    assert rows_of(database, CatalogVersion.version) == version


@ON_SQLITE
def test_what_is_exported_comes_in_without_a_change(http, market):
    bring_in(http, NEW)
    for language in ("es", "en"):
        content = http.request("GET", f"/staff/catalog/export?language={language}", headers=staff_as("admin")).json()
        shown = preview(http, content["content"])
        assert (shown["same"], shown["changes"], shown["problems"]) == (5, [], [])


@ON_SQLITE  # case 98
def test_what_looks_like_a_formula_leaves_as_text_and_comes_back_as_it_was(http, market, database):
    assert bring_in(http, f'sku,name_es\n{MILK},"=HYPERLINK(""http://x"")"').status_code == 200

    content = http.request("GET", "/staff/catalog/export", headers=staff_as("admin")).json()["content"]

    assert '\'=HYPERLINK(""http://x"")' in content
    assert preview(http, content)["same"] == 4


@ON_SQLITE
def test_a_file_of_two_columns_changes_only_those(http, market, database):
    before = rows_of(database, Variant.sku, Variant.name_es, Variant.tax_class, Variant.is_usual)

    assert bring_in(http, f"sku,price\n{MILK},4999\n{TOMATO},2300.50").json()["changed"] == 2

    assert rows_of(database, Variant.sku, Variant.name_es, Variant.tax_class, Variant.is_usual) == before
    assert dict(rows_of(database, Variant.sku, Variant.price_minor))[TOMATO] == 230_050


WRONG: list[tuple[str, list[tuple[int, str, str]]]] = [
        ("sku,precio\nNADA,1", [(2, each, "column_missing") for each in
            ("category", "product", "product_es", "name_es", "tax")]),
        (f"sku,precio\n{MILK},4.50.0\n{BREAD},-3", [(2, "precio", "price_wrong"), (3, "precio", "price_wrong")]),
        (f"sku,precio\n{MILK},4500.001", [(2, "precio", "price_wrong")]),
        (f"sku,precio\n{MILK},", [(2, "precio", "needed")]),
        (f"sku,precio\n{MILK},1\n{MILK},2", [(3, "sku", "twice")]),
        (f"sku,tax\n{MILK},luxury", [(2, "tax", "tax_unknown")]),
        (f"sku,category\n{MILK},toys", [(2, "category", "category_unknown")]),
        (f"sku,base_unit\n{MILK},g", [(2, "base_unit", "base_unit_fixed")]),
        (f"sku,units\n{MILK},unidad|caja:24", [(2, "units", "unit_fixed")]),
        (f"sku,units\n{MILK},unidad|caja:12|furlong:3", [(2, "units", "unit_unknown")]),
        (f"sku,barcodes\n{MILK},770|771\n{BREAD},771", [(3, "barcodes", "barcode_taken")]),
        (f"sku,usual\n{MILK},maybe", [(2, "usual", "yes_or_no")]),
        (f"sku,name_es\n{MILK},{'x' * 201}", [(2, "name_es", "too_long")]),
        (f"sku,colour\n{MILK},red", [(1, "colour", "column_unknown")]),
        (f"sku,price,price\n{MILK},1,2", [(1, "price", "twice")]),
        ("name_es\nx", [(1, "sku", "column_missing")]),
        (f"sku,size\n{MILK},1 L,x", [(2, "", "too_many_cells")]),
        (f'sku,size\n{MILK},"1 L', [(2, "", "unreadable")]),
        ("sku,size\n", [(1, "", "empty")]),
        (f"sku,product,product_es\n{MILK},leche-1l,A\n{BREAD},leche-1l,B", [(3, "product_es", "differs")]),
]  # fmt: skip


@ON_SQLITE
def test_what_is_wrong_is_named_by_row_and_column_and_nothing_is_done(http, market, database):
    before = rows_of(database, Variant.sku, Variant.price_minor, Variant.name_es)
    for number, (content, problems) in enumerate(WRONG):
        shown = preview(http, content)
        assert [(each["row"], each["column"], each["code"]) for each in shown["problems"]] == problems, content

        refused = bring_in(http, content, f"wrong:{number}")

        assert code_of(refused) == (422, "catalogue_refused")
        assert refused.json()["params"]["count"] == len(problems)
    assert rows_of(database, Variant.sku, Variant.price_minor, Variant.name_es) == before
    assert rows_of(database, Barcode.code) == []


@ON_SQLITE
def test_a_good_row_beside_a_wrong_one_is_not_brought_in(http, market, database):
    before = rows_of(database, Variant.sku, Variant.price_minor)

    assert bring_in(http, f"sku,precio\n{BREAD},9999\n{MILK},x").status_code == 422

    assert rows_of(database, Variant.sku, Variant.price_minor) == before


@pytest.mark.parametrize(
    ("cell", "currency", "minor"),
    [
        ("4500", "COP", 450_000),
        ("4.500", "COP", 450_000),
        ("4,500", "COP", 450_000),
        ("$ 4.500,5", "COP", 450_050),
        ("4,500.00", "COP", 450_000),
        ("1.234.567", "COP", 123_456_700),
        ("1.250,5", "USD", 125_050),
        ("19.99", "USD", 1_999),
        ("1.500", "CLP", 1_500),
        ("1.500", "KWD", 1_500),
        ("0", "COP", 0),
        ("4,50,0", "COP", None),
        ("1.5", "CLP", None),
        ("4500.555", "USD", None),
        ("٤", "COP", None),
        ("", "COP", None),
        ("9" * 17, "COP", None),
    ],
)
def test_prices_are_read_by_the_digits_of_their_currency(cell, currency, minor):
    if minor is None:
        with pytest.raises(CellWrong):
            read_amount(cell, currency)
    else:
        assert read_amount(cell, currency) == minor


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_every_spreadsheet_say_the_same(encoding, delimiter):
    content = delimiter.join(("SKU", "Descripción ES", "Tamaño")) + "\r\n" + delimiter.join(("A", "Piña; «ñ»", "1 L"))
    content = content if delimiter != ";" else content.replace("Piña; «ñ»", '"Piña; «ñ»"')

    sheet = read_sheet(decoded(content.encode(encoding)))

    assert [line.cells for line in sheet.lines] == [{"sku": "A", "description_es": "Piña; «ñ»", "size": "1 L"}]


@ON_SQLITE
def test_one_variant_is_put_as_a_row_would(http, market, database):
    cells = {"name_es": "Leche La Vaca 1 L", "units": "unidad|caja:12|paca:6"}
    done = http.request("PUT", f"/staff/catalog/variants/{MILK}", json=cells, headers=admin("put:1"))

    assert (done.status_code, done.json()["changed"]) == (200, 1)
    units = rows_of(database, VariantUnit.sku, VariantUnit.position, VariantUnit.code, VariantUnit.factor)
    assert [unit[2:] for unit in units if unit[0] == MILK] == [("unidad", 1), ("caja", 12), ("paca", 6)]
    refused = http.request("PUT", f"/staff/catalog/variants/{MILK}", json={"price": "red"}, headers=admin("put:2"))
    assert code_of(refused) == (422, "catalogue_refused")


@ON_SQLITE
def test_an_import_is_in_the_trail_with_what_was_there_before(http, market):
    bring_in(http, NEW)

    entry = http.request("GET", "/staff/audit", headers=staff_as("admin")).json()["entries"][0]

    changes = {change["row"]: change for change in entry["changes"]}
    assert (entry["act"], entry["request"]) == ("POST /staff/catalog/imports", {})
    milk = next(change for change in entry["changes"] if change["before"] == {"price_minor": 450_000})
    assert milk["after"] == {"price_minor": 470_000}
    assert changes["category despensa"]["before"] is None


@ON_SQLITE
def test_a_category_is_made_and_called_anew(http, market, database):
    body = {"name_es": "Aseo", "name_en": "Cleaning", "position": 7}
    assert http.request("PUT", "/staff/catalog/categories/aseo", json=body, headers=admin("c:1")).status_code == 200

    named = {each["code"]: each["name"] for each in
             http.request("GET", "/catalog/categories", headers=staff_as("admin")).json()}  # fmt: skip
    assert named.get("aseo", {"es": "Aseo", "en": "Cleaning"}) == {"es": "Aseo", "en": "Cleaning"}
    assert rows_of(database, Product.category_code)[0] == ("mercado",)


def test_who_waits_is_told_how_many_lines_are_through_and_nobody_else_is(http, app, market, database, monkeypatch):
    heard = []
    asks = Http(app)

    def progress(name, role="admin"):
        return asks.request("GET", f"/staff/catalog/progress/{name}", headers=staff_as(role))

    def keep_and_ask(session, shelf, wanted):
        heard.append(progress("mine").json())
        kept(session, shelf, wanted)

    kept = importing._keep_variant
    monkeypatch.setattr(importing, "_keep_variant", keep_and_ask)
    monkeypatch.setattr(importing, "_AT_ONCE", 1)

    with asks:
        body = {"content": NEW, "watch": "mine"}
        answer = http.request("POST", "/staff/catalog/imports", json=body, headers=admin("import:1"))
        unknown = progress("mine").json()
        refused = progress("mine", "agent")

    assert (answer.json()["added"], answer.json()["changed"]) == (1, 1)
    assert heard == [{"what": "kept", "done": 0, "total": 2}, {"what": "kept", "done": 1, "total": 2}]
    assert unknown == {"what": None, "done": None, "total": None}
    assert code_of(refused) == (403, "wrong_role")


def test_lines_are_told_as_checked_then_as_kept(market, database):
    told = []
    with database.write() as session:
        importing.bring_in(session, read_sheet(NEW), "COP", lambda *step: told.append(step))

    assert told == [("checked", 0, 3), ("checked", 1, 3), ("checked", 2, 3), ("kept", 0, 2)]


def test_a_call_tells_only_whoever_made_it_and_nothing_once_it_is_over():
    calls = Progress()

    with calls.of_call("ana", "one") as tell, calls.of_call("ana", None) as nobody:
        tell("checked", 1, 2)
        nobody("checked", 1, 9)
        assert calls.step("ana", "one") == Step("checked", 1, 2)
        assert (calls.step("beto", "one"), calls.step("ana", "")) == (None, None)

    assert calls.step("ana", "one") is None


def test_a_catalogue_of_several_portions_comes_in_whole(http, market, database, monkeypatch):
    monkeypatch.setattr(importing, "_AT_ONCE", 1)

    assert bring_in(http, NEW).json()["added"] == 1
    assert [sku for (sku,) in rows_of(database, Barcode.sku)] == ["CAFE-500", "CAFE-500"]
