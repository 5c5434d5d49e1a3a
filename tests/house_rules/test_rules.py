"""Each rule of `make check` finds what is planted for it, and lets the right way pass."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from comanda.project import ROOT
from tests.house_rules.__main__ import broken_in
from tests.house_rules.rules import RULES

PLANTED = {
    "float_money": [
        "amount_minor: float = 0",
        "def pay(total: float | None) -> None: ...",
        "def tax() -> float: ...",
        "class Row:\n    price: Mapped[Float]",
        "paid = float(order.total_minor)",
        "half = total_minor / 2",
        "fee = order.amount_minor * 0.029",
    ],
    "equal_secrets": ["told == self._secret", "if header != signature: ...", "seal == request.body_seal"],
    "plain_begin": [
        "connection.execute('BEGIN')",
        "connection.exec_driver_sql('begin deferred')",
        "connection.execute(text('BEGIN TRANSACTION'))",
        "with engine.begin() as connection: ...",
        "with Session(engine) as session: ...",
        "create_engine(url)",
    ],
    "naive_instants": [
        "placed_at.replace(tzinfo=None)",
        "mapped_column(DateTime)",
        "sa.Column(DateTime(timezone=True))",
        "datetime.now(UTC)",
        "datetime.utcnow()",
    ],
    "values_in_sql": [
        "session.execute(text(f\"SELECT 1 FROM orders WHERE number = '{number}'\"))",
        "connection.execute(f'DELETE FROM carts WHERE id = {cart_id}')",
        "connection.execute(f'INSERT INTO t VALUES ({value})')",
        "connection.execute('SELECT %s' % value)",
        "text('SELECT {}'.format(value))",
    ],
}
RIGHT = """
import hmac
amount_minor: int = 0
timeout_s: float = 1.5
share = Decimal(total_minor) / 3
half = total_minor // 2
is_genuine = hmac.compare_digest(told, secret)
connection.execute("BEGIN IMMEDIATE")
with database.write() as session: ...
at = clock.now()
mapped_column(UtcDateTime)
connection.execute(f'SELECT count(*) FROM "{table}" WHERE id = ?', (row_id,))
connection.execute("CREATE TRIGGER t BEFORE UPDATE ON x BEGIN SELECT RAISE(ABORT, 'no'); END")
"""


def test_every_rule_has_something_planted() -> None:
    assert [rule.__name__ for rule in RULES] == list(PLANTED)


# cases 4, 99 and 133
@pytest.mark.parametrize(("rule", "code"), [(rule, code) for rule, codes in PLANTED.items() for code in codes])
def test_what_is_planted_is_found(rule: str, code: str) -> None:
    found = [line.split(": ")[1] for line in broken_in("backend/planted.py", code.encode())]

    assert rule in found
    assert list(broken_in("tests/planted.py", code.encode())) == []


def test_the_right_way_passes() -> None:
    assert list(broken_in("backend/right.py", RIGHT.encode())) == []


# case 127
@pytest.mark.parametrize(
    "code",
    [
        "op.drop_column('oms_order', 'note')",
        "table.drop_column('note')",
        "op.drop_table('oms_note')",
        "op.rename_table('oms_note', 'oms_remark')",
        "table.alter_column('note', new_column_name='remark')",
        "table.alter_column('note', nullable=False)",
        "op.alter_column('oms_order', 'total', type_=sa.BigInteger())",
        "table.add_column(sa.Column('note', sa.String(300), nullable=False))",
    ],
)
def test_a_migration_that_the_version_before_could_not_live_with_is_found(code: str) -> None:
    [found] = broken_in("backend/migrations/versions/0035_next.py", code.encode())

    assert found.split(": ")[:2] == ["backend/migrations/versions/0035_next.py:1", "takes_away"]
    assert list(broken_in("backend/migrations/versions/0034_past.py", code.encode())) == []


# case 127
@pytest.mark.parametrize(
    "code",
    [
        "op.create_table('oms_note', sa.Column('id', sa.Integer, nullable=False))",
        "op.add_column('oms_order', sa.Column('note', sa.String(300), nullable=True))",
        "op.add_column('bot_outgoing', sa.Column('looks', sa.Integer, nullable=False, server_default=sa.text('0')))",
        "table.alter_column('note', nullable=True)",
    ],
)
def test_a_migration_that_adds_passes(code: str) -> None:
    assert list(broken_in("bot/migrations/versions/0018_next.py", code.encode())) == []


# case 128
@pytest.mark.parametrize(
    "key",
    [
        "sk_" + "live_51HxqWkGj3Rf8sT0u",
        "AKIA" + "Q7XN2M4P6R8T0V1W",
        "ghp_" + "0123456789abcdefghijABCDEFGHIJ012345",
        "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIE" * 11,
    ],
)
def test_a_key_in_any_tracked_file_is_found_at_its_line(key: str) -> None:
    assert [line.split(": ")[0] for line in broken_in("docs/a.md", f"one\n{key}\n".encode())] == ["docs/a.md:2"]


@pytest.mark.parametrize(
    "markup",
    ["<script>go()</script>", '<a onclick="go()">', '<a href="javascript:go()">', "{{ text | safe }}"],
)
def test_what_a_page_would_run_inline_is_found(markup: str) -> None:
    assert len(list(broken_in("console/templates/a.html", markup.encode()))) == 1
    assert list(broken_in("console/templates/a.html", b'<script src="/console/static/a.js" defer></script>')) == []


def test_the_general_linter_finds_what_is_left_to_it(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(
        "import pickle, yaml, subprocess\nfrom datetime import datetime\n"
        "eval(a)\nexec(a)\npickle.loads(a)\nyaml.load(a, yaml.Loader)\nsubprocess.run(a, shell=True)\n"
        "datetime(2026, 1, 1)\nc.execute('SELECT * FROM t WHERE a = ' + a)\n"
    )
    command = [Path(sys.executable).parent / "ruff", "check", "--no-cache", "--output-format=concise", planted]

    said = subprocess.run([*command, f"--config={ROOT / 'pyproject.toml'}"], capture_output=True, text=True).stdout

    assert {code for code in ("S307", "S102", "S301", "S506", "S602", "DTZ001", "S608") if code in said} == {
        "S307", "S102", "S301", "S506", "S602", "DTZ001", "S608",
    }  # fmt: skip
