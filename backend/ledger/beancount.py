"""The books in the words of beancount, so that a program others wrote can judge them.

Source: https://beancount.github.io/docs/beancount_language_syntax.html
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from backend.ledger import service
from backend.ledger.models import Account, JournalEntry, Posting
from kernel.money import plain_amount

_ROOTS = {
    "asset": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "income": "Income",
    "expense": "Expenses",
}


def export(session: Session) -> Iterator[str]:
    """The whole journal as lines of a beancount file, with our balance of each account asserted at its end."""
    names = {account.code: _name(account) for account in service.accounts(session)}
    first = last = None
    for entry, rows in groupby(service.all_entries(session), key=lambda row: row[0]):
        if first is None:
            first = entry.occurred_on
            yield from (f"{first} open {name}" for name in names.values())
            yield ""
        last = entry.occurred_on
        yield from _transaction(entry, [posting for _entry, posting in rows], names)
    if last is None:
        return
    for balance in service.trial_balance(session):
        amount = balance.debit_minor - balance.credit_minor
        # A balance holds at the beginning of its day.
        yield f"{last + timedelta(days=1)} balance {names[balance.code]} {_amount(amount, balance.currency)}"


def _transaction(entry: JournalEntry, postings: list[Posting], names: dict[str, str]) -> Iterator[str]:
    yield f"{_day(entry.occurred_on)} * {_quoted(entry.subject)} {_quoted(entry.fact)}"
    yield f"  key: {_quoted(entry.key)}"
    for posting in postings:
        amount = posting.debit_minor - posting.credit_minor
        yield f"  {names[posting.account_code]}  {_amount(amount, entry.currency)}"
    yield ""


def _name(account: Account) -> str:
    decomposed = unicodedata.normalize("NFKD", account.name_en)
    ascii_name = decomposed.encode("ascii", "ignore").decode()
    words = "-".join(re.findall(r"[A-Za-z0-9]+", ascii_name))
    return f"{_ROOTS[account.kind]}:{account.code}-{words}"


def _amount(amount_minor: int, currency: str) -> str:
    return f"{plain_amount(amount_minor, currency)} {currency}"


def _day(day: date) -> str:
    return day.isoformat()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
