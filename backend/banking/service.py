"""What may be done with bank statements: set up accounts, import a file whole, say what became of each line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from backend.banking.errors import BankAccountNotFound, BankLineEnded, BankLineNotFound
from backend.banking.models import BankAccount, BankLine, BankStatement
from backend.banking.statement_csv import Format, read_statement
from backend.base import table_of
from kernel import clock
from kernel.ids import new_id

_insert_lines = insert(table_of(BankLine))


@dataclass(frozen=True, slots=True)
class Imported:
    """`lines` are those that were not known from another statement."""

    statement: BankStatement
    lines: Sequence[BankLine]
    is_new: bool


def set_account(session: Session, code: str, name: str, currency: str, format_: dict[str, Any]) -> BankAccount:
    """Records: the BankAccount. Raises: BankFormatInvalid."""
    Format.of(format_)
    account = session.get(BankAccount, code, with_for_update=True)
    if account is None:
        account = BankAccount(code=code, name=name, currency=currency, csv_format=format_)
        session.add(account)
    account.name, account.currency, account.csv_format = name, currency, format_
    session.flush()
    return account


def accounts(session: Session) -> list[BankAccount]:
    return list(session.scalars(select(BankAccount).order_by(BankAccount.code)))


def account(session: Session, code: str) -> BankAccount:
    """Raises: BankAccountNotFound."""
    found = session.get(BankAccount, code)
    if found is None:
        raise BankAccountNotFound()
    return found


def import_statement(session: Session, code: str, file_name: str, content: str, who: str) -> Imported:
    """Keep every movement of a file, or none of them. The same file again is the statement that is known.

    Records: a BankStatement, a BankLine for each movement that no statement brought before.
    Raises: BankAccountNotFound, StatementUnreadable.
    """
    # Two imports into one account wait for each other, so that each sees the other's lines.
    into = session.get(BankAccount, code, with_for_update=True)
    if into is None:
        raise BankAccountNotFound()
    digest = hashlib.sha256(content.encode()).hexdigest()
    known = session.scalar(
        select(BankStatement).where(BankStatement.account_code == code, BankStatement.sha256 == digest)
    )
    if known is not None:
        return Imported(known, [], is_new=False)
    movements = read_statement(content, Format.of(into.csv_format), into.currency)
    prints = set(session.scalars(select(BankLine.fingerprint).where(BankLine.account_code == code)))
    fresh = [movement for movement in movements if movement.fingerprint not in prints]
    statement = BankStatement(
        id=new_id(),
        account_code=code,
        file_name=file_name,
        sha256=digest,
        lines_count=len(movements),
        known_count=len(movements) - len(fresh),
        who=who,
        imported_at=clock.now(),
    )
    session.add(statement)
    session.flush()
    rows = [
        {
            "id": new_id(),
            "statement_id": statement.id,
            "account_code": code,
            "row": movement.row,
            "booked_on": movement.booked_on,
            "amount_minor": movement.amount_minor,
            "reference": movement.reference,
            "description": movement.description,
            "fingerprint": movement.fingerprint,
            "state": "open",
        }
        for movement in fresh
    ]
    if rows:
        session.connection().execute(_insert_lines, rows)
    return Imported(statement, lines_of(session, statement.id), is_new=True)


def lines_of(session: Session, statement_id: str) -> list[BankLine]:
    return list(session.scalars(select(BankLine).where(BankLine.statement_id == statement_id).order_by(BankLine.row)))


def statements(session: Session, limit: int) -> list[BankStatement]:
    return list(session.scalars(select(BankStatement).order_by(BankStatement.id.desc()).limit(limit)))


def lines(session: Session, state: str | None, before: str | None, limit: int) -> list[BankLine]:
    """Lines, the newest import first, from before the line `before`."""
    query = select(BankLine).order_by(BankLine.id.desc()).limit(limit)
    if state is not None:
        query = query.where(BankLine.state == state)
    if before is not None:
        query = query.where(BankLine.id < before)
    return list(session.scalars(query))


def line(session: Session, line_id: str) -> BankLine:
    """The line, locked.

    Raises: BankLineNotFound.
    """
    found = session.scalar(select(BankLine).where(BankLine.id == line_id).with_for_update())
    if found is None:
        raise BankLineNotFound()
    return found


def match(session: Session, line: BankLine, payment_id: str, who: str) -> None:
    """The (locked) line is the bank's word for a payment. Raises: BankLineEnded."""
    _end(line, "matched", who)
    line.payment_id = payment_id
    session.flush()


def ignore(session: Session, line: BankLine, note: str, who: str) -> None:
    """The (locked) line is nothing of ours: a fee, a salary. Raises: BankLineEnded."""
    _end(line, "ignored", who)
    line.note = note
    session.flush()


def _end(line: BankLine, state: str, who: str) -> None:
    if line.state != "open":
        raise BankLineEnded(state=line.state)
    line.state, line.ended_by, line.ended_at = state, who, clock.now()


def matched_payments(session: Session, payment_ids: Sequence[str]) -> set[str]:
    """Which of these payments the bank has confirmed."""
    return set(session.scalars(select(BankLine.payment_id).where(BankLine.payment_id.in_(payment_ids)))) - {None}  # type: ignore[return-value]
