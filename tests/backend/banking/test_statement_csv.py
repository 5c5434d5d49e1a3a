"""A bank's CSV is read exactly, or refused with the row and column where it cannot be."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.banking.errors import BankFormatInvalid, StatementUnreadable
from backend.banking.statement_csv import MAX_ROWS, Format, read_statement

SPANISH = Format(
    date="Fecha", description="Descripción", amount="Valor", reference="Referencia",
    delimiter=";", decimal=",", date_format="%d/%m/%Y", skip_lines=2,
)  # fmt: skip
PLAIN = Format(date="date", description="text", amount="amount")
HEAD = "Cuenta 0123\n\nFecha;Descripción;Referencia;Valor\n"


def amounts(content, form=PLAIN, currency="COP"):
    return [movement.amount_minor for movement in read_statement(content, form, currency)]


def test_a_latin_american_statement_is_read_as_its_format_says():
    found = read_statement(
        HEAD + "25/11/2026;PAGO  PSE;PED-10001;$ 1.234.500,50\n26/11/2026;CUOTA;;-12.000\n", SPANISH, "COP"
    )

    assert [(each.row, each.booked_on, each.amount_minor, each.reference, each.description) for each in found] == [
        (4, date(2026, 11, 25), 123_450_050, "PED-10001", "PAGO PSE"),
        (5, date(2026, 11, 26), -1_200_000, "", "CUOTA"),
    ]


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("10", 1000),
        ("10.5", 1050),
        ("1,234.50", 123450),
        ("-3", -300),
        ("(3.25)", -325),
        ("3-", -300),
        ("+3", 300),
        ("−3", -300),
    ],
)
def test_an_amount_is_read_however_banks_write_it(text, minor):  # case 133
    assert amounts(f'date,text,amount\n2026-11-25,x,"{text}"\n') == [minor]


@pytest.mark.parametrize("currency_minor", [("JPY", 12), ("COP", 1200), ("KWD", 12000)])
def test_minor_units_are_those_of_the_account(currency_minor):
    currency, minor = currency_minor
    assert amounts("date,text,amount\n2026-11-25,x,12\n", currency=currency) == [minor]


@pytest.mark.parametrize(
    "wrong",
    [
        "1.234,50",
        "1,23",
        "12,34.5",
        "1e9",
        "NaN",
        "inf",
        "mil",
        "1 2x",
        "0.001",
        "٣",
        "1.2.3",
        "--3",
        "99999999999999999",
    ],
)
def test_what_is_no_clear_amount_is_refused_by_row_and_column(wrong):  # case 133
    content = f'date,text,amount\n2026-11-24,ok,5\n2026-11-25,x,"{wrong}"\n'

    with pytest.raises(StatementUnreadable) as refused:
        read_statement(content, PLAIN, "COP")

    assert refused.value.params == {"row": 3, "column": "amount", "value": wrong}


@pytest.mark.parametrize(
    ("content", "row", "column"),
    [
        ("", 1, "date"),
        ("date,text\n2026-11-25,x\n", 1, "amount"),
        ("date,text,amount\n", 1, ""),
        ("date,text,amount\n25/11/2026,x,5\n", 2, "date"),
        ("date,text,amount\n2026-02-30,x,5\n", 2, "date"),
        ("date,text,amount\n2026-11-25,x\n", 2, "amount"),
        ('date,text,amount\n2026-11-25,"x,5\n', 2, ""),
        ("date,text,amount\n2026-11-25,x,0\n", 1, ""),
    ],
)
def test_a_file_that_is_no_statement_is_refused_where_it_stops(content, row, column):
    with pytest.raises(StatementUnreadable) as refused:
        read_statement(content, PLAIN, "COP")

    assert (refused.value.params["row"], refused.value.params["column"]) == (row, column)


def test_a_file_beyond_all_measure_is_refused():
    content = "date,text,amount\n" + "2026-11-25,x,5\n" * MAX_ROWS

    with pytest.raises(StatementUnreadable):
        read_statement(content, PLAIN, "COP")


def test_credits_and_debits_may_have_columns_of_their_own():
    form = Format(date="date", description="text", credit="in", debit="out")

    assert amounts("date,text,in,out\n2026-11-25,a,5,\n2026-11-25,b,,7\n2026-11-25,c,,-7\n", form) == [500, -700, -700]


def test_two_movements_that_look_the_same_are_two_and_in_another_file_the_same_two():
    row = "2026-11-25,PAGO,5\n"

    first = [each.fingerprint for each in read_statement("date,text,amount\n" + row * 2, PLAIN, "COP")]
    later = [each.fingerprint for each in read_statement("date,text,amount\n2026-11-24,x,1\n" + row * 3, PLAIN, "COP")]

    assert len(set(first)) == 2
    assert later[1:3] == first


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"amount": None}, "amount"),
        ({"credit": "in"}, "amount"),
        ({"amount": None, "credit": "in"}, "amount"),
        ({"delimiter": "x"}, "delimiter"),
        ({"decimal": "'"}, "decimal"),
        ({"date_format": "%Q"}, "date_format"),
        ({"date_format": "day"}, "date_format"),
    ],
)
def test_a_format_that_cannot_be_is_refused(change, field):
    with pytest.raises(BankFormatInvalid) as refused:
        Format.of({"date": "date", "description": "text", "amount": "amount"} | change)

    assert refused.value.params == {"field": field}


@given(content=st.text(max_size=300))
def test_whatever_comes_is_read_or_refused(content):  # case 12
    try:
        read_statement("date,text,amount\n" + content, PLAIN, "COP")
    except StatementUnreadable as refused:
        assert set(refused.params) == {"row", "column", "value"}  # noqa: PT017
