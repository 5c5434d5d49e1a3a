"""`python -m tests.mutants [WORDS …]`: takes each guard away in a copy of the tree, and says whether a test noticed.

With words only the guards in whose line one of them stands. Exit code 1 when one survived, or its test fails anyway.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.conftest import DATABASES
from tests.mutants.guards import ROOT, Guard, guards

PATIENCE_S = 600
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--tb=no")
TESTS_FAILED, NOTHING_RAN = 1, 5
# What a tree needs beside what is tracked.
ENVIRONMENTS = (".venv-rasa",)


def main(words: list[str]) -> int:
    chosen = [each for each in guards() if not words or any(word in f"{each.guard} {each.file}" for word in words)]
    survived = []
    with tempfile.TemporaryDirectory(prefix="comanda-mutants-") as folder:
        tree = copy_of_tree(Path(folder) / "tree")
        failing = {each for database in DATABASES for each in failing_anyway(tree, chosen, database)}
        for guard in chosen:
            began = time.monotonic()
            said = "its test fails anyway" if (guard.test, guard.database) in failing else said_of(tree, guard)
            survived += [guard] if said != "found" else []
            print(f"{said:22}{time.monotonic() - began:5.0f} s  case {guard.case:3}  {guard.guard}", flush=True)
    print(f"{len(chosen) - len(survived)} of {len(chosen)} guards are missed when they are gone")
    return bool(survived)


def failing_anyway(tree: Path, chosen: list[Guard], database: str) -> list[tuple[str, str]]:
    """The tests that fail with every guard in its place, with their database."""
    tests = list(dict.fromkeys(guard.test for guard in chosen if guard.database == database))
    if not tests or run(tree, database, *tests) == 0:
        return []
    return [(test, database) for test in tests if run(tree, database, test) != 0]


def said_of(tree: Path, guard: Guard) -> str:
    """`found`, or how it went instead."""
    path = tree / guard.file
    before = path.read_text(encoding="utf-8")
    path.write_text(guard.taken_away(before), encoding="utf-8")
    try:
        code = run(tree, guard.database, guard.test)
    finally:
        path.write_text(before, encoding="utf-8")
    says = {0: "SURVIVED", TESTS_FAILED: "found", NOTHING_RAN: "its test does not run"}
    return says.get(code, f"pytest ended with {code}")


def run(tree: Path, database: str, *tests: str) -> int:
    """Pytest's exit code; that of failed tests, too, when they do not end, and of none where all are skipped.

    A test that takes both databases runs on the one.
    """
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    [other] = set(DATABASES) - {database}
    command = [sys.executable, *PYTEST, "-k", f"not {other}", *tests]
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return TESTS_FAILED
    return done.returncode or (0 if b" passed" in done.stdout else NOTHING_RAN)


def copy_of_tree(to: Path) -> Path:
    """What is tracked, as it stands here, with the history behind it."""
    subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", ROOT, to], check=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    for name in ENVIRONMENTS:
        (to / name).symlink_to(ROOT / name)
    return to


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
