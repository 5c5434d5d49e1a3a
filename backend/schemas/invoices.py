"""Invoices and the notes that correct them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from backend.schemas.base import Answer, Line, Money, Request, Text, Words

InvoiceKind = Literal["invoice", "credit_note", "debit_note"]


class InvoiceLine(Answer):
    """What is billed; `position` names it in a credit note. A debit note's line has no sku.

    `discount` was taken off before: without tax, as `net` is.
    """

    position: int
    sku: str | None = None
    name: str
    names: Words
    quantity: str
    unit: str
    unit_name: Words
    base_quantity: int
    tax_class: str
    discount: Money
    net: Money
    tax: Money
    total: Money


class Invoice(Answer):
    """`subtotal` and `delivery` are without tax; `payable` is `total` without what is withheld by law.

    `url` is a link for its customer, who needs no login to open it.
    """

    number: str = Field(examples=["FV-1"])
    kind: InvoiceKind
    order_number: str = Field(examples=["PED-10023"])
    corrects: str | None = None
    reason: str | None = None
    issued_on: date
    due_on: date
    subtotal: Money
    delivery: Money
    tax: Money
    withheld: Money
    total: Money
    payable: Money
    lines: list[InvoiceLine]
    url: str | None = None


class LinkedInvoice(Answer):
    """What the link to a document shows; `answer` is what its customer said of it."""

    number: str = Field(examples=["FV-1"])
    kind: InvoiceKind
    order_number: str = Field(examples=["PED-10023"])
    seller: str
    buyer: str
    language: Literal["es", "en"]
    issued_on: date
    due_on: date
    total: Money
    payable: Money
    answer: Literal["accepted", "rejected"] | None = None


class InvoiceAnswer(Request):
    """Who rejects says why."""

    answer: Literal["accepted", "rejected"]
    reason: Line | None = None


class InvoiceProof(Answer):
    """`sent`: the mail was accepted; `opened`: a file was fetched by the link; else what the customer answered."""

    kind: Literal["sent", "opened", "accepted", "rejected"]
    reason: str | None = None
    who: str = Field(examples=["mail:ana@example.com"])
    happened_at: datetime


class InvoiceSubmission(Answer):
    """How far a document is with the e-invoicing provider, which calls it `reference`."""

    provider: str = Field(examples=["local"])
    status: Literal["pending", "accepted", "refused", "failed"]
    attempts: int
    reference: str | None = None
    reason: str | None = None


class InvoiceDelivery(Answer):
    """Whether a document arrived, and what became of it. None was submitted of what is long past."""

    proofs: list[InvoiceProof]
    submission: InvoiceSubmission | None = None


class InvoiceSummary(Answer):
    """One row of the staff's list."""

    number: str
    kind: InvoiceKind
    customer_id: str
    customer: str = ""
    order_number: str = ""
    issued_on: date
    due_on: date
    total: Money
    open: Money | None = Field(default=None, description="What is still to be paid of it; null for credit notes.")


class InvoicePage(Answer):
    """Newest first; `next_cursor` opens the following page."""

    invoices: list[InvoiceSummary]
    next_cursor: str | None = None


class CreditedLine(Request):
    """So many base units of the invoice's line at `position`."""

    position: Annotated[int, Field(ge=1, le=1_000)]
    base_quantity: Annotated[int, Field(ge=1, le=10_000_000)]


class NewCreditNote(Request):
    lines: list[CreditedLine] = Field(default_factory=list, max_length=200)
    with_delivery: bool = False
    reason: Line


class NewDebitNote(Request):
    """`amount_minor` has the tax of `tax_class` in it."""

    amount_minor: Annotated[int, Field(ge=1, le=10**15)]
    tax_class: Annotated[str, Field(min_length=1, max_length=20, examples=["iva_19"])]
    reason: Line


class LedgerAccount(Answer):
    code: str = Field(examples=["1305"])
    name: Words
    kind: Literal["asset", "liability", "equity", "income", "expense"]


class AccountBalance(LedgerAccount):
    """All that was booked on an account; `balance` is positive on the account's own side."""

    debit: Money
    credit: Money
    balance: Money


class Posting(Answer):
    account: str
    debit_minor: int
    credit_minor: int


class JournalEntry(Answer):
    """A fact as it is booked; of two that cancel each other the later one `reverses_id` the other."""

    id: str
    fact: str = Field(examples=["invoice_issued"])
    subject: str = Field(examples=["PED-10023"])
    customer_id: str | None = None
    currency: str
    occurred_on: date
    note: str | None = None
    reverses_id: str | None = None
    who: str
    posted_at: datetime
    postings: list[Posting]


class JournalPage(Answer):
    entries: list[JournalEntry]
    next_cursor: str | None = None


class NewPosting(Request):
    """One side: either a debit or a credit."""

    account: Text = Field(min_length=1, max_length=20, examples=["1110"])
    debit_minor: int = Field(default=0, ge=0, le=10**15)
    credit_minor: int = Field(default=0, ge=0, le=10**15)

    @model_validator(mode="after")
    def _has_one_side(self) -> Self:
        if (self.debit_minor == 0) == (self.credit_minor == 0):
            raise ValueError("a posting is either a debit or a credit")
        return self


class NewEntry(Request):
    """What a person books: cash brought to the bank, a supplier paid, capital. Debits equal credits."""

    occurred_on: date = Field(ge=date(2000, 1, 1), le=date(2199, 12, 31), description="In the shop's days.")
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["COP"])
    note: Line
    postings: Annotated[list[NewPosting], Field(min_length=2, max_length=50)]


class ReverseEntry(Request):
    note: Line


class CloseBooks(Request):
    """Nothing is booked any more on a day up to `through_on`, which is over."""

    through_on: date


class BooksClosed(Answer):
    closed_through: date | None = None
