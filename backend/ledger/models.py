"""Accounts, journal entries, their postings, and how far the books are closed."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from backend.base import Base, Id, Minor, Ref

ACCOUNT_KINDS = ("asset", "liability", "equity", "income", "expense")


class Account(Base):
    """A place in the chart; `code` is what accountants call it.

    Assets and expenses grow by debits, the others by credits.
    """

    __tablename__ = "oms_account"
    __table_args__ = (CheckConstraint(f"kind IN {ACCOUNT_KINDS}", name="kind"),)

    code: Mapped[str] = mapped_column(String(20), primary_key=True)
    name_es: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10))


class JournalEntry(Base):
    """One fact, booked once (`key`) on the day it belongs to, in one currency. Append-only.

    Written after its postings: a trigger lets it in only if there are two or more, their debits equal their credits
    and its day is not closed; from then on another lets no posting in. A mistake is corrected by the entry that
    `reverses_id` it, of which there is at most one.
    """

    __tablename__ = "oms_journal_entry"
    __table_args__ = (Index(None, "occurred_on", "id"), Index(None, "subject"))

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    fact: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(40))
    customer_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_customer.id"), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    occurred_on: Mapped[date]
    note: Mapped[str | None] = mapped_column(String(300))
    reverses_id: Mapped[Ref | None] = mapped_column(ForeignKey("oms_journal_entry.id"), unique=True)
    who: Mapped[str] = mapped_column(String(80))
    posted_at: Mapped[datetime]


class Posting(Base):
    """One side of an entry: an amount on one account, either as debit or as credit. Append-only."""

    __tablename__ = "oms_posting"
    __table_args__ = (
        CheckConstraint(
            "debit_minor >= 0 AND credit_minor >= 0 AND (debit_minor = 0) <> (credit_minor = 0)", name="side"
        ),
        Index(None, "account_code", "entry_id"),
    )

    entry_id: Mapped[Ref] = mapped_column(
        ForeignKey("oms_journal_entry.id", deferrable=True, initially="DEFERRED"), primary_key=True
    )
    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    account_code: Mapped[str] = mapped_column(ForeignKey("oms_account.code"))
    debit_minor: Mapped[Minor]
    credit_minor: Mapped[Minor]


class Books(Base):
    """One row: nothing is booked on a day up to `closed_through` any more."""

    __tablename__ = "oms_books"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    closed_through: Mapped[date | None]


class BooksClosing(Base):
    """Who closed the books through which day, and when. Append-only."""

    __tablename__ = "oms_books_closing"

    id: Mapped[Id]
    through_on: Mapped[date] = mapped_column(unique=True)
    who: Mapped[str] = mapped_column(String(80))
    closed_at: Mapped[datetime]
