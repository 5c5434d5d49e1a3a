"""Every guard that `make mutants` takes away is where its entry says, and so is its test."""

from __future__ import annotations

import pytest

from tests.conftest import DATABASES
from tests.faults.claims import cases
from tests.mutants.guards import ROOT, Guard, guards


@pytest.mark.parametrize("guard", guards(), ids=lambda guard: guard.guard)
def test_a_listed_guard_is_where_it_is_said_to_be(guard: Guard) -> None:
    source = (ROOT / guard.file).read_text(encoding="utf-8")
    file, _, test = guard.test.partition("::")

    assert source.count(guard.text) == 1
    if guard.file.endswith(".py"):
        compile(guard.taken_away(source), guard.file, "exec")
    assert f"def {test}" in (ROOT / file).read_text(encoding="utf-8")
    assert guard.case in {case.number for case in cases()}
    assert guard.database in DATABASES
    assert guard.text != guard.instead
