"""A catalogue as CSV: a row for each variant, with headers in Spanish or English, as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from backend.catalog.columns import COLUMNS
from kernel.tables import unguarded, write_table

MAX_ROWS = 10_000
MAX_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a cell: `row` as a spreadsheet counts (the header is 1), `column` as the file calls it."""

    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its cells by the names of their columns."""

    row: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    """What a file holds; `headers` is what it calls each column. Rows of a sheet with problems are not all there."""

    lines: list[Line] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_sheet(content: str) -> Sheet:
    """Comma, semicolon or tab, whichever the header has most of; empty rows count for nothing."""
    sheet = Sheet()
    text = content.removeprefix("\ufeff")
    head = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    columns: list[str] | None = None
    row = 0
    try:
        for cells in rows:
            row = rows.line_num
            values = [unguarded(cell.strip()) for cell in cells]
            if not any(values):
                continue
            if columns is None:
                columns = _columns(values, row, sheet)
                if sheet.problems:
                    break
                continue
            if len(values) > len(columns):
                sheet.problems.append(Problem(row, "", "too_many_cells", values[len(columns)][:MAX_SHOWN]))
                continue
            if len(sheet.lines) == MAX_ROWS:
                sheet.problems.append(Problem(row, "", "too_many_rows", str(MAX_ROWS)))
                break
            filled = values + [""] * (len(columns) - len(values))
            sheet.lines.append(Line(row, dict(zip(columns, filled, strict=True))))
    except csv.Error:
        sheet.problems.append(Problem(row + 1, "", "unreadable"))
    if not sheet.lines and not sheet.problems:
        sheet.problems.append(Problem(1, "", "empty"))
    return sheet


def write_sheet(rows: Iterable[Mapping[str, str]], language: str) -> str:
    """The same, to be read again: all columns, in the language's words."""
    return write_table(sheet_rows(rows, language))


def sheet_rows(rows: Iterable[Mapping[str, str]], language: str) -> Iterator[Sequence[str]]:
    """Its rows, one after the other; the headers first."""
    yield [column.es if language == "es" else column.name for column in COLUMNS]
    for row in rows:
        yield [row[column.name] for column in COLUMNS]


def _columns(headers: list[str], row: int, sheet: Sheet) -> list[str]:
    columns = []
    for header in headers:
        name = _NAMES.get(_folded(header))
        if name is None:
            sheet.problems.append(Problem(row, header[:MAX_SHOWN], "column_unknown", header[:MAX_SHOWN]))
            continue
        if name in sheet.headers:
            sheet.problems.append(Problem(row, header[:MAX_SHOWN], "twice", header[:MAX_SHOWN]))
        sheet.headers[name] = header
        columns.append(name)
    if "sku" not in sheet.headers:
        sheet.problems.append(Problem(row, "sku", "column_missing"))
    return columns


def _folded(header: str) -> str:
    bare = "".join(each for each in unicodedata.normalize("NFKD", header.lower()) if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "_", bare).strip("_")


_NAMES = {_folded(name): column.name for column in COLUMNS for name in (column.name, column.es)}
