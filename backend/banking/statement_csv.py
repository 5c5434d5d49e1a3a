"""Reading a bank's statement: a CSV whose columns, dates and numbers are written as the account's format says."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from backend.banking.errors import BankFormatInvalid, StatementUnreadable
from kernel.money import iso_exponent

MAX_ROWS = 10_000
MAX_MINOR = 10**15
MAX_SHOWN = 60
_DATE_DIRECTIVES = re.compile(r"%[dmyYbB]|[^%]")
_DIGITS = re.compile(r"\d+(\.\d+)?")
# `-3`, `3-` and `(3)` went out.
_SIGNED = re.compile(r"\+?(?P<in>[\d.,]+)|-(?P<before>[\d.,]+)|(?P<after>[\d.,]+)-|\((?P<within>[\d.,]+)\)")


@dataclass(frozen=True, slots=True)
class Format:
    """Names of the columns in the header line, and how dates and numbers are written.

    Either `amount` (negative went out) or `credit` and `debit` name the column of the amount. `skip_lines` are lines
    above the header. `date_format` is as `strptime` has it: `%d/%m/%Y`.
    """

    date: str
    description: str
    amount: str | None = None
    credit: str | None = None
    debit: str | None = None
    reference: str | None = None
    delimiter: str = ","
    decimal: str = "."
    date_format: str = "%Y-%m-%d"
    skip_lines: int = 0

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Format:
        """Raises: BankFormatInvalid."""
        made = cls(**facts)
        if (made.amount is None) == (made.credit is None) or (made.credit is None) != (made.debit is None):
            raise BankFormatInvalid(field="amount")
        if made.delimiter not in (",", ";", "\t", "|"):
            raise BankFormatInvalid(field="delimiter")
        if made.decimal not in (".", ","):
            raise BankFormatInvalid(field="decimal")
        if "".join(_DATE_DIRECTIVES.findall(made.date_format)) != made.date_format or "%" not in made.date_format:
            raise BankFormatInvalid(field="date_format")
        return made


@dataclass(frozen=True, slots=True)
class Movement:
    """One line: `amount_minor` is positive when money came in; `fingerprint` tells it from every other of its account.

    Two movements that look the same in every way are told apart by which of them comes first that day.
    """

    row: int
    booked_on: date
    amount_minor: int
    reference: str
    description: str
    fingerprint: str


def read_statement(content: str, format_: Format, currency: str) -> list[Movement]:
    """Every movement of the file, in its order; lines without an amount are left out.

    Raises: StatementUnreadable, naming row and column; then nothing of it counts.
    """
    lines = content.removeprefix("\ufeff").splitlines(keepends=True)[format_.skip_lines :]
    if len(lines) > MAX_ROWS:
        raise StatementUnreadable(f"more than {MAX_ROWS} rows", row=MAX_ROWS, column="", value=str(len(lines)))
    reader = csv.reader(io.StringIO("".join(lines)), delimiter=format_.delimiter, strict=True)
    rows = _rows(reader, format_.skip_lines)
    header = _header(next(rows, None), format_)
    seen: Counter[tuple[date, int, str, str]] = Counter()
    movements = []
    for row, cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        read = _movement(row, _Cells(row, cells, header), format_, currency)
        if read is None:
            continue
        booked_on, amount_minor, reference, description = read
        seen[read] += 1
        parts = (booked_on.isoformat(), str(amount_minor), reference, description, str(seen[read]))
        fingerprint = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
        movements.append(Movement(row, booked_on, amount_minor, reference, description, fingerprint))
    if not movements:
        raise StatementUnreadable("no movement in it", row=format_.skip_lines + 1, column="", value="")
    return movements


def _rows(reader: Any, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of the file's line they end on."""
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = skipped + reader.line_num
            raise StatementUnreadable(f"not a CSV: {error}", row=row, column="", value="") from None
        yield skipped + reader.line_num, cells


def _header(found: tuple[int, list[str]] | None, format_: Format) -> dict[str, int]:
    row, cells = found or (format_.skip_lines + 1, [])
    header = {cell.strip().casefold(): position for position, cell in reversed(list(enumerate(cells)))}
    wanted = (format_.date, format_.description, format_.amount, format_.credit, format_.debit, format_.reference)
    for column in wanted:
        if column is not None and column.strip().casefold() not in header:
            there = format_.delimiter.join(cells)[:MAX_SHOWN]
            raise StatementUnreadable(f"there is no column {column}", row=row, column=column, value=there)
    return header


@dataclass(frozen=True, slots=True)
class _Cells:
    row: int
    cells: list[str]
    header: dict[str, int]

    def text(self, column: str) -> str:
        position = self.header[column.strip().casefold()]
        if position >= len(self.cells):
            raise self.unreadable(column, "")
        return " ".join(self.cells[position].split())

    def unreadable(self, column: str, value: str) -> StatementUnreadable:
        detail = f"row {self.row}, column {column}: {value[:MAX_SHOWN]!r} cannot be read"
        return StatementUnreadable(detail, row=self.row, column=column, value=value[:MAX_SHOWN])


def _movement(row: int, cells: _Cells, format_: Format, currency: str) -> tuple[date, int, str, str] | None:
    amount_minor = _amount(cells, format_, currency)
    if amount_minor == 0:
        return None
    reference = cells.text(format_.reference)[:120] if format_.reference else ""
    return _date(cells, format_), amount_minor, reference, cells.text(format_.description)[:300]


def _date(cells: _Cells, format_: Format) -> date:
    text = cells.text(format_.date)
    try:
        return datetime.strptime(text, format_.date_format).date()  # noqa: DTZ007  # a bank's day has no zone
    except ValueError:
        raise cells.unreadable(format_.date, text) from None


def _amount(cells: _Cells, format_: Format, currency: str) -> int:
    if format_.amount is not None:
        return _minor(cells, format_.amount, format_, currency)
    assert format_.credit is not None, "Format.of saw to it"
    assert format_.debit is not None, "Format.of saw to it"
    came = abs(_minor(cells, format_.credit, format_, currency))
    went = abs(_minor(cells, format_.debit, format_, currency))
    return came - went


def _minor(cells: _Cells, column: str, format_: Format, currency: str) -> int:
    """`-$ 1.234,50`, `(1,234.50)` and `1234.5-` as minor units; an empty cell is zero; what is unclear is refused."""
    text = cells.text(column)
    if not text:
        return 0
    digits = text.replace("$", "").replace(currency, "").replace(" ", "").replace("\u2212", "-")
    signed = _SIGNED.fullmatch(digits)
    if signed is None:
        raise cells.unreadable(column, text)
    is_negative = signed["in"] is None
    digits = signed["in"] or signed["before"] or signed["after"] or signed["within"]
    grouping = "." if format_.decimal == "," else ","
    whole, _, fraction = digits.partition(format_.decimal)
    groups = whole.split(grouping)
    is_grouped = len(groups) == 1 or (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:]))
    plain = "".join(groups) + (f".{fraction}" if fraction else "")
    if not is_grouped or not plain.isascii() or not _DIGITS.fullmatch(plain):
        raise cells.unreadable(column, text)
    minor = Decimal(plain).scaleb(iso_exponent(currency))
    if minor != minor.to_integral_value() or minor > MAX_MINOR:
        raise cells.unreadable(column, text)
    return -int(minor) if is_negative else int(minor)
