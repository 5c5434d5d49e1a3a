"""What a spreadsheet that opens our tables makes of them."""

import csv
import io
from datetime import date

import pytest

from kernel.tables import write_table


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+57 300 123 4567", "-2+3", "@SUM(A1:A9)", "\t=1", "\r=1", "\n=1", "  =1", '=HYPERLINK("http://x")',
     "=cmd|' /C calc'!A0", "＝1+1"],
)  # fmt: skip
def test_what_would_be_a_formula_is_text_and_all_there(text):  # case 98
    [[cell]] = csv.reader(io.StringIO(write_table([(text,)]), newline=""))

    assert cell == f"'{text}"


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_no_text_begins_a_row_of_its_own(end):  # case 98
    rows = list(csv.reader(io.StringIO(write_table([(f"a{end}=1+1", "b")]), newline="")))

    assert rows == [[f"a{end}=1+1", "b"]]


def test_other_cells_stay_as_they_are():  # case 98
    row = ("Ana", "a=b", "", 5, -5, date(2026, 11, 26), None)

    assert write_table([row]) == "Ana,a=b,,5,-5,2026-11-26,\r\n"
