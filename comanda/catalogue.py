"""`comanda catalog`: a catalogue brought in from a file, or written to one, at the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from backend import trail
from backend.catalog import importing
from backend.catalog.catalogue_csv import Problem, read_sheet, sheet_rows
from backend.catalog.errors import CatalogueRefused
from backend.catalog.importing import Plan
from backend.catalog.service import shop
from backend.trail import Asked
from comanda.database import opened
from comanda.failure import Failure
from comanda.progress import Steps, say
from comanda.terminal import TERMINAL
from kernel.config import Settings
from kernel.tables import decoded, write_into

MOST_SAID = 50


def bring_in(settings: Settings, file: Path, *, is_trial: bool) -> None:
    """Whole or not at all. A trial says what would be done, and does nothing."""
    with opened(settings) as database:
        steps = Steps(total=2)
        with steps.step(f"Reading {file.name}") as step:
            sheet = read_sheet(decoded(file.read_bytes()))
            with database.read() as session:
                planned = importing.plan(session, sheet, shop(session).currency)
            step.outcome = _outcome(planned)
        if planned.problems:
            raise Failure("nothing was brought in:\n" + "\n".join(_said(planned.problems)))
        with steps.step("Bringing it in") as step:
            if is_trial or not planned.changes:
                step.outcome = "would do that" if is_trial else "changes nothing"
                return
            with database.write() as session:
                trail.follow(session)
                try:
                    importing.bring_in(session, sheet, shop(session).currency)
                except CatalogueRefused as refusal:
                    raise Failure("the catalog changed meanwhile, nothing was brought in: try again") from refusal
                trail.write(session, TERMINAL, Asked("comanda catalog import", file.name))


def write_out(settings: Settings, target: Path, language: str) -> None:
    if target.exists():
        raise Failure(f"{target} is there already: name another file")
    with opened(settings) as database, Steps(total=1).step("The catalog") as step, database.read() as session:
        rows = sheet_rows(importing.entries(session, shop(session).currency, language), language)
        # Spreadsheets know UTF-8 by its mark.
        with target.open("w", encoding="utf-8-sig", newline="") as out:
            headers_and_variants = write_into(out, rows)
        step.outcome = f"is in {target}: {headers_and_variants - 1} variants"


def _outcome(planned: Plan) -> str:
    counts = f"{planned.count('added')} to add, {planned.count('changed')} to change, {planned.same} as they are"
    return f"{counts}, {len(planned.problems)} problems"


def _said(problems: Iterable[Problem]) -> list[str]:
    every = list(problems)
    lines = [f"  row {each.row}, {each.column or '(row)'}: {each.code} {each.value}".rstrip() for each in every]
    if len(every) > MOST_SAID:
        say(f"comanda: the first {MOST_SAID} of {len(every)} problems")
    return lines[:MOST_SAID]
