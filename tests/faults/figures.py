"""What the tests of a run printed about the cases they show, kept in `artifacts/faults.json` from run to run."""

from __future__ import annotations

import json
import re

import pytest

from tests.faults.claims import ROOT, claims

KEPT = ROOT / "artifacts" / "faults.json"
FIGURE_MOST = 160
_LOGGED = re.compile(r"\d{4}-\d\d-\d\d[ T]")


class Figures:
    """Listens where the reports of all processes of a run arrive, and writes at its end."""

    def __init__(self) -> None:
        self._tests = {test for tests in claims().values() for test in tests}
        self._seen: dict[str, dict[str, str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        place, _, variant = report.nodeid.partition("[")
        # A class between the file and the test is not part of a claim.
        test = "::".join([place.split("::")[0], place.split("::")[-1]])
        if test not in self._tests or (report.when != "call" and report.passed):
            return
        said = report.outcome if not report.passed else _figure(report.capstdout)
        self._seen.setdefault(test, {})[variant.rstrip("]")] = said

    def pytest_sessionfinish(self) -> None:
        if self._seen:
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_text(json.dumps(kept() | self._seen, indent=1, ensure_ascii=False), encoding="utf-8")


def kept() -> dict[str, dict[str, str]]:
    """Test: variant: the figure, empty where it passed without one, or `failed` or `skipped`."""
    return json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}


def _figure(printed: str) -> str:
    lines = [line.strip() for line in printed.splitlines() if line.strip() and not _LOGGED.match(line)]
    return " · ".join(lines)[:FIGURE_MOST]
