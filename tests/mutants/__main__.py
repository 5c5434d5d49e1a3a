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

from tests.mutants.guards import ROOT, Guard, guards

PATIENCE_S = 600
# One database is enough where a test takes both; a guard of the database itself has tests of its own for the other.
PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--tb=no", "-k", "not postgresql")
TESTS_FAILED = 1


def main(words: list[str]) -> int:
    chosen = [each for each in guards() if not words or any(word in f"{each.guard} {each.file}" for word in words)]
    survived = []
    with tempfile.TemporaryDirectory(prefix="comanda-mutants-") as folder:
        tree = copy_of_tree(Path(folder) / "tree")
        tests = list(dict.fromkeys(guard.test for guard in chosen))
        failing = set() if run(tree, *tests) == 0 else {test for test in tests if run(tree, test) != 0}
        for guard in chosen:
            began = time.monotonic()
            said = "its test fails anyway" if guard.test in failing else said_of(tree, guard)
            survived += [guard] if said != "found" else []
            print(f"{said:22}{time.monotonic() - began:5.0f} s  case {guard.case:3}  {guard.guard}", flush=True)
    print(f"{len(chosen) - len(survived)} of {len(chosen)} guards are missed when they are gone")
    return bool(survived)


def said_of(tree: Path, guard: Guard) -> str:
    """`found`, or how it went instead."""
    path = tree / guard.file
    before = path.read_text(encoding="utf-8")
    path.write_text(guard.taken_away(before), encoding="utf-8")
    try:
        code = run(tree, guard.test)
    finally:
        path.write_text(before, encoding="utf-8")
    return {0: "SURVIVED", TESTS_FAILED: "found"}.get(code, f"pytest ended with {code}")


def run(tree: Path, *tests: str) -> int:
    """Pytest's exit code; that of failed tests, too, when they do not end."""
    environment = os.environ | {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *PYTEST, *tests]
    try:
        done = subprocess.run(command, cwd=tree, env=environment, capture_output=True, timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        return TESTS_FAILED
    return done.returncode


def copy_of_tree(to: Path) -> Path:
    """What is tracked, as it stands here."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
