"""A judge that others wrote reads our books."""

import random
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from backend.ledger import beancount, chart, rules, service
from backend.ledger.service import Fact

BEAN_CHECK = Path(sys.executable).with_name("bean-check")
FIRST = date(2026, 2, 28)


@pytest.fixture(autouse=True)
def audited():
    """Facts are made up here: nothing lies on the shelves that they speak of."""


def judged(path):
    return subprocess.run([BEAN_CHECK, path], capture_output=True, text=True, check=False)


@pytest.fixture
def books(database):
    """Three hundred facts of every rule, in four currencies, over a year."""
    chance = random.Random(74)
    into = (chart.CASH, chart.BANK, chart.CLEARING)
    kinds = [
        lambda: rules.invoice_issued(amount(), amount(), amount(), 7),
        lambda: rules.credit_note_issued(amount(), 0, amount()),
        lambda: rules.goods_shipped(amount()),
        lambda: rules.payment_received(chance.choice(into), amount()),
        lambda: rules.prepayment_received(chance.choice(into), amount()),
        lambda: rules.advance_applied(amount()),
        lambda: rules.fee_charged(amount()),
        lambda: rules.provider_settled(amount()),
        lambda: rules.cash_deposited(amount()),
        lambda: rules.refund_paid(chance.choice(into), amount()),
        lambda: rules.refund_returned(chance.choice(into), amount()),
        lambda: rules.receivable_written_off(amount()),
        lambda: rules.chargeback_opened(amount()),
        lambda: rules.chargeback_won(amount()),
        lambda: rules.chargeback_lost(amount(), amount()),
        lambda: rules.goods_received(amount()),
        lambda: rules.goods_restocked(amount()),
        lambda: rules.goods_lost(amount()),
        lambda: rules.goods_returned_to_supplier(amount()),
        lambda: rules.supplier_paid(chance.choice(into), amount()),
    ]

    def amount():
        return chance.randint(1, 10**9)

    with database.write() as session:
        for number in range(300):
            day = FIRST + timedelta(days=chance.randint(0, 365))
            currency = chance.choice(("COP", "USD", "JPY", "KWD"))
            fact = Fact(f"fact:{number}", service.BY_HAND, f'PED-"{number}" ñ', currency, day, "system")
            service.post(session, fact, kinds[number % len(kinds)]())
        first = service.journal(session, subject=None, before=None, limit=1)[0].entry
        service.reverse(session, first.id, FIRST + timedelta(days=366), "staff:1", None)
    return database


def test_beancount_finds_no_error_and_the_same_balances(books, tmp_path):  # case 74
    file = tmp_path / "books.beancount"
    with books.read() as session:
        file.write_text("\n".join(beancount.export(session)), encoding="utf-8")

    verdict = judged(file)
    assert (verdict.returncode, verdict.stderr + verdict.stdout) == (0, "")
    text = file.read_text(encoding="utf-8")
    assert text.count(" * ") == 301
    with books.read() as session:
        assert text.count(" balance ") == len(service.trial_balance(session))


def test_beancount_finds_an_error_of_one_peso(books, tmp_path):  # case 74
    with books.read() as session:
        lines = list(beancount.export(session))
    place = max(number for number, line in enumerate(lines) if " balance " in line and line.endswith("COP"))
    head, amount, currency = lines[place].rsplit(" ", 2)
    lines[place] = f"{head} {float(amount) + 1:.2f} {currency}"
    file = tmp_path / "books.beancount"
    file.write_text("\n".join(lines), encoding="utf-8")

    verdict = judged(file)
    assert verdict.returncode == 1
    assert "Balance failed" in verdict.stderr + verdict.stdout


def test_books_without_an_entry_are_an_empty_file(database):
    with database.read() as session:
        assert list(beancount.export(session)) == []
