"""`python -m tests.house_rules`: says where a rule is broken, and fails if one is."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.house_rules.rules import MIGRATIONS_FROM, RULES, Rule, inline_script, keys, takes_away

ROOT = Path(__file__).parents[2]
PRODUCT = ("actions", "backend", "bot", "comanda", "console", "kernel", "nlu", "office")
TEMPLATES = (".html", ".j2")


def broken(root: Path = ROOT) -> Iterator[str]:
    """`file:line: rule: what it wants`, for what is tracked under `root`."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        path = root / name
        if path.is_file() and name != "uv.lock":
            yield from broken_in(name, path.read_bytes())


def broken_in(name: str, content: bytes) -> Iterator[str]:
    yield from (f"{name}:{line}: key: a secret is in the environment, never in a file" for line in keys(content))
    if not name.startswith(PRODUCT):
        return
    if name.endswith(TEMPLATES):
        lines = inline_script(content.decode())
        yield from (f"{name}:{line}: inline_script: pages run only files, and escape what they show" for line in lines)
    if "/migrations/versions/" in name:
        if Path(name).name >= MIGRATIONS_FROM[name.partition("/")[0]]:
            yield from _broken_by(takes_away, name, ast.parse(content, name))
    elif name.endswith(".py"):
        tree = ast.parse(content, name)
        for rule, spared in RULES.items():
            if name not in spared:
                yield from _broken_by(rule, name, tree)


def _broken_by(rule: Rule, name: str, tree: ast.Module) -> Iterator[str]:
    wants = " ".join((rule.__doc__ or "").split())
    return (f"{name}:{getattr(node, 'lineno', 0)}: {rule.__name__}: {wants}" for node in rule(tree))


if __name__ == "__main__":
    found = list(broken())
    print("\n".join(found) or "house rules: none broken")
    sys.exit(bool(found))
