"""Which test shows which case, as the tests say it: `# case 56`, above the test, in it, or at the head of its file."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
_CLAIM = re.compile(r"#.*?\b[Cc]ases? (\d+(?:(?:, (?:case )?| and )\d+)*)")


@dataclass(frozen=True, slots=True)
class Case:
    number: int
    group: str
    what: str
    is_first: bool
    missing: str
    """Why no test shows it yet, and what there is instead."""


def cases() -> list[Case]:
    groups = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf-8"))
    return [
        Case(number, group, case["what"], case.get("first", False), case.get("missing", ""))
        for group, members in groups.items()
        for number, case in members.items()
    ]


@cache
def claims() -> dict[int, tuple[str, ...]]:
    """Case: the tests that name it, as `tests/bot/test_asking.py::test_nothing_is_lost`."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for test, numbers in claims_of(path.read_text(encoding="utf-8")).items():
            for number in numbers:
                found.setdefault(number, []).append(f"{path.relative_to(ROOT)}::{test}")
    return {number: tuple(tests) for number, tests in found.items()}


def claims_of(source: str) -> dict[str, list[int]]:
    """Test: the cases that it names, or that the head of its file does, in one file's source."""
    if not _CLAIM.search(source):
        return {}
    lines, tree = source.splitlines(), ast.parse(source)
    of_all = _numbers(lines[: tree.body[0].end_lineno]) if tree.body else []
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
            top = min([node.lineno, *(each.lineno for each in node.decorator_list)]) - 1
            while top and lines[top - 1].lstrip().startswith("#"):
                top -= 1
            if numbers := sorted({*of_all, *_numbers(lines[top : node.end_lineno])}):
                found[node.name] = numbers
    return found


def _numbers(lines: list[str]) -> list[int]:
    return [int(number) for said in _CLAIM.findall("\n".join(lines)) for number in re.findall(r"\d+", said)]
