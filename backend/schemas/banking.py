"""Bank accounts, statements and their lines, as finance sees them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backend.schemas.base import Answer, Line, Money, Request, Text

BankLineState = Literal["open", "matched", "ignored"]
Column = Annotated[Text, Field(min_length=1, max_length=80, examples=["Valor"])]
MAX_CONTENT = 2_000_000


class StatementFormat(Request):
    """How the bank writes its CSV: the columns by their names in the header line, dates and numbers.

    Either `amount` (negative went out), or `credit` and `debit`. `date_format` is as `strptime` has it.
    """

    date: Column = Field(examples=["Fecha"])
    description: Column = Field(examples=["Descripción"])
    amount: Column | None = Field(default=None, examples=["Valor"])
    credit: Column | None = None
    debit: Column | None = None
    reference: Column | None = Field(default=None, examples=["Referencia"])
    delimiter: Literal[",", ";", "\t", "|"] = ","
    decimal: Literal[".", ","] = "."
    date_format: Text = Field(default="%Y-%m-%d", max_length=20, examples=["%d/%m/%Y"])
    skip_lines: int = Field(default=0, ge=0, le=50, description="Lines above the header.")


class BankAccountFacts(Request):
    name: Line = Field(examples=["Bancolombia, corriente 0123"])
    csv_format: StatementFormat


class BankAccount(Answer):
    code: str = Field(examples=["bancolombia"])
    name: str
    currency: str = Field(examples=["COP"])
    csv_format: StatementFormat


class NewStatement(Request):
    account: Text = Field(min_length=1, max_length=40, examples=["bancolombia"])
    file_name: Text = Field(min_length=1, max_length=200, examples=["movimientos-2026-11.csv"])
    content: Text = Field(min_length=1, max_length=MAX_CONTENT, description="The CSV itself, as text.")


class BankLine(Answer):
    """`payment` is what it was matched with: the bank's word for it."""

    id: str
    account: str
    row: int = Field(description="The line of the file it ends on.")
    booked_on: date
    amount: Money
    reference: str
    description: str
    state: BankLineState
    payment: str | None = Field(examples=["PAG-10004"])
    note: str | None
    ended_by: str | None


class BankStatement(Answer):
    """`known` of its `lines` came with an earlier statement; `matched` of the others found their payment at once."""

    id: str
    account: str
    file_name: str
    lines: int
    known: int
    matched: int
    imported_at: datetime
    who: str


class BankLinePage(Answer):
    lines: list[BankLine]
    next_cursor: str | None = None


class MatchBankLine(Request):
    """Either the payment that the line confirms, or the order that it pays."""

    payment: Text | None = Field(default=None, max_length=20, examples=["PAG-10004"])
    order: Text | None = Field(default=None, max_length=20, examples=["PED-10023"])

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if (self.payment is None) == (self.order is None):
            raise ValueError("name a payment, or an order")
        return self


class IgnoreBankLine(Request):
    note: Line = Field(examples=["Cuota de manejo"])
