"""Tables for spreadsheets, as CSV: what people wrote stays text, and is never run as a formula."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Sequence
from typing import TextIO

# What spreadsheets take for the beginning of a formula. Source: OWASP ASVS 5.0, 1.2.10.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def write_table(rows: Iterable[Sequence[object]]) -> str:
    """The rows as CSV; numbers and days as they are."""
    out = io.StringIO()
    write_into(out, rows)
    return out.getvalue()


def write_into(out: TextIO, rows: Iterable[Sequence[object]]) -> int:
    """The same into an open file, without all of it in memory. How many rows there were."""
    # With this end of a line both of its characters are quoted in a cell: no cell begins a row of its own.
    writer = csv.writer(out, lineterminator="\r\n")
    count = 0
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
        count += 1
    return count


def _guarded(cell: object) -> object:
    """Text that would be a formula gets an apostrophe, with which spreadsheets mark text: `+57 300` survives."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA_BEGINS):
        return f"'{cell}"
    return cell


def unguarded(cell: str) -> str:
    """What `write_table` guarded, as it was."""
    is_guarded = cell.startswith("'") and cell[1:].lstrip(" ").startswith(_FORMULA_BEGINS)
    return cell[1:] if is_guarded else cell


def decoded(content: bytes) -> str:
    """A file's text: UTF-8 with or without its mark, UTF-16 with it, else what older programs on Windows write."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
