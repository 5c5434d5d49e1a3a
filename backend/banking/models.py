"""The shop's bank accounts, the statements that were imported, and what became of each of their lines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref

LINE_STATES = ("open", "matched", "ignored")


class BankAccount(Base):
    """An account at a bank. `csv_format` says how its statements are written; see `statement_csv.Format`."""

    __tablename__ = "oms_bank_account"

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3))
    csv_format: Mapped[dict[str, Any]] = mapped_column(JSON)


class BankStatement(Base):
    """A file that was imported whole. The same file again is the same statement. Append-only."""

    __tablename__ = "oms_bank_statement"
    __table_args__ = (UniqueConstraint("account_code", "sha256"),)

    id: Mapped[Id]
    account_code: Mapped[str] = mapped_column(ForeignKey("oms_bank_account.code"))
    file_name: Mapped[str] = mapped_column(String(200))
    sha256: Mapped[str] = mapped_column(String(64))
    lines_count: Mapped[int] = mapped_column(Integer)
    known_count: Mapped[int] = mapped_column(Integer)
    who: Mapped[str] = mapped_column(String(80))
    imported_at: Mapped[datetime]


class BankLine(Base):
    """A movement of the account: positive came in, negative went out. Only what became of it moves.

    `fingerprint` is the movement's own: two statements that overlap bring it once. A `matched` line is the bank's word
    for that payment.
    """

    __tablename__ = "oms_bank_line"
    __table_args__ = (
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in LINE_STATES)})", name="state"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        CheckConstraint("(state = 'matched') = (payment_id IS NOT NULL)", name="matched"),
        UniqueConstraint("account_code", "fingerprint"),
        Index(None, "state", "booked_on"),
    )

    id: Mapped[Id]
    statement_id: Mapped[Ref] = mapped_column(ForeignKey("oms_bank_statement.id"))
    account_code: Mapped[str] = mapped_column(ForeignKey("oms_bank_account.code"))
    row: Mapped[int] = mapped_column(Integer)
    booked_on: Mapped[date]
    amount_minor: Mapped[Minor]
    reference: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(String(300))
    fingerprint: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    payment_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_payment.id"), unique=True)
    note: Mapped[str | None] = mapped_column(String(300))
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
