"""`python -m tests.faults`: writes `docs/faults.md`: the cases, the tests that name them, the last run's figures.

A case of which a test has not run here keeps the figure that the page has.
"""

from __future__ import annotations

import re
from itertools import groupby

from tests.faults.claims import ROOT, Case, cases, claims
from tests.faults.figures import kept

PAGE = ROOT / "docs" / "faults.md"
NOT_PASSED = ("failed", "skipped")
_ROW = re.compile(r"^\| \**(\d+)\** \|.* \| (.*) \|$", re.MULTILINE)
HEAD = """# What must not break, and what shows it

{number} cases of faults, abuse and bad input; those in **bold** hold before anything is called done ({first} of them).
A test names the case it shows (`# case 56`); the figure is what it printed when it ran last, where that is kept.
`make faults` remakes this page after tests, and leaves alone the figures of those that did not run.
{shown} cases have a test, {first_shown} of those in bold.{without}
"""


def page(figures: dict[str, dict[str, str]], before: str = "") -> str:
    """The page of these figures, and of those that the page `before` has where tests have none."""
    standing = {int(number): figure for number, figure in _ROW.findall(before)}
    everything, shown = cases(), claims()
    first = [case for case in everything if case.is_first]
    without = [_number(case) for case in everything if case.number not in shown]
    parts = [
        HEAD.format(
            number=len(everything),
            first=len(first),
            shown=sum(case.number in shown for case in everything),
            first_shown=sum(case.number in shown for case in first),
            without=f" Without one: {', '.join(without)}." if without else "",
        )
    ]
    for group, members in groupby(everything, key=lambda case: case.group):
        parts.append(f"\n## {group}\n\n| | case | shown by | last figure |\n|---|---|---|---|\n")
        parts += [_row(case, shown.get(case.number, ()), figures, standing) for case in members]
    return "".join(parts)


def _row(case: Case, tests: tuple[str, ...], figures: dict[str, dict[str, str]], standing: dict[int, str]) -> str:
    links = "<br>".join(f"[{test.split('::')[1][5:].replace('_', ' ')}](../{test.split('::')[0]})" for test in tests)
    figure = _cell(_figure(tests, figures))
    if case.number in standing and not all(figures.get(test) for test in tests):
        figure = standing[case.number]
    return f"| {_number(case)} | {_cell(case.what)} | {links or case.missing or '—'} | {figure} |\n"


def _figure(tests: tuple[str, ...], figures: dict[str, dict[str, str]]) -> str:
    said = [each for test in tests for each in figures.get(test, {}).values()]
    counts = {word: said.count(word) for word in NOT_PASSED}
    counted = [f"{len(said) - sum(counts.values())} passed", *(f"{n} {word}" for word, n in counts.items() if n)]
    printed = dict.fromkeys(each for each in said if each and each not in counts)
    return "<br>".join([", ".join(counted) if said else "—", *printed])


def _number(case: Case) -> str:
    return f"**{case.number}**" if case.is_first else str(case.number)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    before = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
    PAGE.write_text(page(kept(), before), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} written")
