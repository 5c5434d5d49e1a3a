"""What each rule looks for, and where it does not hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

Rule = Callable[[ast.Module], Iterator[ast.AST]]

_MONEY = re.compile(r"(^|_)(minor|amount|price|total|subtotal|tax|fee|balance|credit|debit|money)$")
# A token of a choice or a link is looked up, and says nothing by its beginning.
_SECRET = ("secret", "signature", "seal", "password")
_RUNS_SQL = {"execute", "text", "exec_driver_sql", "executescript", "executemany"}
_OPENS = {"Session", "sessionmaker", "create_engine", "async_sessionmaker", "create_async_engine"}
_BEGINS_PLAINLY = re.compile(r"\s*BEGIN\s*(;|DEFERRED|TRANSACTION|$)", re.IGNORECASE)
# Where a value stands in SQL. A name of a table may be written in, for no parameter can be one.
_BEFORE_A_VALUE = re.compile(r"([=<>'(,]|\b(LIKE|IN|VALUES|LIMIT|OFFSET|BETWEEN))\s*$", re.IGNORECASE)
# What makes tables takes no parameters at all.
_TAKES_NONE = re.compile(r"\s*(PRAGMA|CREATE|ALTER|DROP) ", re.IGNORECASE)


def float_money(tree: ast.Module) -> Iterator[ast.AST]:
    """Money is a whole number of minor units: no float is called money, made of money, or reckoned with it."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=target, annotation=annotation) if _is_money(target):
                is_wrong = _says_float(annotation)
            case ast.arg(arg=name, annotation=ast.expr() as annotation) if _MONEY.search(name):
                is_wrong = _says_float(annotation)
            case ast.FunctionDef(name=name, returns=ast.expr() as returns) if _MONEY.search(name):
                is_wrong = _says_float(returns)
            case ast.Call(func=ast.Name(id="float"), args=[given]):
                is_wrong = _is_money(given)
            case ast.BinOp(op=ast.Div(), left=left, right=right):
                is_wrong = _is_money(left) and not _is_exact(right)
            case ast.BinOp(left=left, right=right):
                is_wrong = any(_is_money(a) and _is_float(b) for a, b in ((left, right), (right, left)))
            case _:
                continue
        if is_wrong:
            yield node


def equal_secrets(tree: ast.Module) -> Iterator[ast.AST]:
    """`==` tells by its time how much of a secret is right: `hmac.compare_digest`."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Compare)
            and any(isinstance(each, ast.Eq | ast.NotEq) for each in node.ops)
            and any(_is_secret(each) for each in (node.left, *node.comparators))
        ):
            yield node


def plain_begin(tree: ast.Module) -> Iterator[ast.AST]:
    """Who writes asks `Database.write()`, which says BEGIN IMMEDIATE: a reader that turns writer fails under load."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _OPENS:
                yield node
            case ast.Call(func=ast.Attribute(value=receiver, attr="begin")) if _name(receiver).endswith(
                ("engine", "connection", "session", "database")
            ):
                yield node
            case ast.Call(args=[ast.Constant(value=str() as said), *_]) if _runs_sql(node) and _BEGINS_PLAINLY.match(
                said
            ):
                yield node


def naive_instants(tree: ast.Module) -> Iterator[ast.AST]:
    """An instant is aware and in UTC; columns are `UtcDateTime`; what time it is says `kernel.clock`."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="replace"), keywords=[ast.keyword(arg="tzinfo", value=value)]):
                if isinstance(value, ast.Constant) and value.value is None:
                    yield node
            case ast.Call(func=ast.Name(id="DateTime" | "TIMESTAMP")):
                yield node
            case ast.Call(func=ast.Name(id="mapped_column"), args=[ast.Name(id="DateTime" | "TIMESTAMP"), *_]):
                yield node
            case ast.Call(func=ast.Attribute(value=ast.Name(id="datetime"), attr="now" | "utcnow" | "today")):
                yield node


def values_in_sql(tree: ast.Module) -> Iterator[ast.AST]:
    """A value goes to the database as a parameter and never as a part of the words of a statement."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not _runs_sql(node) or not node.args:
            continue
        match node.args[0]:
            case ast.JoinedStr(values=parts):
                said = [each.value if isinstance(each, ast.Constant) else None for each in parts]
                if _TAKES_NONE.match(str(said[0])):
                    continue
                for before, written in pairwise(said):
                    if written is None and before is not None and _BEFORE_A_VALUE.search(str(before)):
                        yield node
                        break
            case ast.BinOp(op=ast.Mod(), left=ast.Constant(value=str())):
                yield node
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
                yield node


def takes_away(tree: ast.Module) -> Iterator[ast.AST]:
    """The version before still runs on the new tables, so a migration adds: what it reads goes one version later, and
    a column that each row must have comes with a server_default (docs/operations.md, "A newer version").
    """
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="drop_column" | "drop_table" | "rename_table")):
                yield node
            case ast.Call(func=ast.Attribute(attr="alter_column"), keywords=given) if _narrows(given):
                yield node
            case ast.Call(func=ast.Attribute(attr="add_column"), args=[*_, ast.Call(keywords=given)]) if _is_said(
                given, "nullable", False
            ) and not any(each.arg == "server_default" for each in given):
                yield node


# From these on `takes_away` holds, by owner: those before were written while nobody had a shop.
MIGRATIONS_FROM = {"backend": "0035", "bot": "0018"}
# Rule: where it is not looked for, and why it may not be there.
RULES: dict[Rule, tuple[str, ...]] = {
    # How many words of a search are explained is a total, too.
    float_money: ("backend/catalog/index.py",),
    equal_secrets: (),
    # The one place that opens; the back office's sessions refuse to write; a migration is in Alembic's transaction.
    plain_begin: ("kernel/db.py", "office/app.py"),
    # The clock itself; the column type itself; hours of the shop's wall, which have no zone by nature.
    naive_instants: ("kernel/clock.py", "kernel/db.py", "backend/api/calendar.py"),
    values_in_sql: (),
}

# What a key of a provider or of a person looks like; those of tests are made up and look like none.
_KEYS = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*[A-Za-z0-9+/=]{40}"
    rb"|\b(?:sk|rk)_live_[0-9a-zA-Z]{16}|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[0-9A-Za-z]{36}|\bxox[abprs]-[0-9A-Za-z-]{10}"
    rb"|\bAIza[0-9A-Za-z_-]{35}|\bsk-(?:ant-|proj-)?[0-9A-Za-z_-]{32}|\bglpat-[0-9A-Za-z_-]{20}|\bSG\.[\w-]{22}\.[\w-]{43}"
)
_INLINE = re.compile(
    r"""<script(?![^>]*\bsrc=)[^>]*>|<[^<>]*\son[a-z]+\s*=\s*["']|["']\s*javascript:|\|\s*safe\b|autoescape\s+false""",
    re.IGNORECASE,
)


def keys(content: bytes) -> Iterator[int]:
    """Lines with a key in them."""
    return (content.count(b"\n", 0, each.start()) + 1 for each in _KEYS.finditer(content))


def inline_script(template: str) -> Iterator[int]:
    """Lines of a page's template that run something, or that put in what is not escaped."""
    return (template.count("\n", 0, each.start()) + 1 for each in _INLINE.finditer(template))


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _is_said(given: list[ast.keyword], name: str, value: object) -> bool:
    return any(
        each.arg == name and isinstance(each.value, ast.Constant) and each.value.value is value for each in given
    )


def _narrows(given: list[ast.keyword]) -> bool:
    """Another name, another type, or no longer empty."""
    return _is_said(given, "nullable", False) or any(each.arg in ("new_column_name", "type_") for each in given)


def _is_secret(node: ast.AST) -> bool:
    name = _name(node).lower()
    return name.endswith(_SECRET) and not name.startswith(("is_", "has_"))


def _is_money(node: ast.AST) -> bool:
    return bool(_MONEY.search(_name(node)))


def _is_exact(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name(node.func) in ("Decimal", "Fraction")


def _is_float(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, float)


def _says_float(annotation: ast.expr) -> bool:
    return any(_name(each) in ("float", "Float") for each in ast.walk(annotation))


def _runs_sql(node: ast.Call) -> bool:
    return _name(node.func) in _RUNS_SQL
