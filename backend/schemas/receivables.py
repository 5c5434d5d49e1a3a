"""What customers owe: aging, statements, and a customer's own balance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from backend.schemas.base import Answer, Line, Money, Request


class Buckets(Answer):
    """What is open, by how many days it is overdue in the shop's day; below zero the shop owes it."""

    current: Money
    days_1_30: Money
    days_31_60: Money
    days_61_90: Money
    days_over_90: Money


class Aging(Answer):
    """All that is open in one currency."""

    currency: str = Field(examples=["COP"])
    documents: int
    open: Money
    overdue: Money
    buckets: Buckets


class AgingReport(Answer):
    as_of: date
    currencies: list[Aging]


class CustomerReceivable(Aging):
    """One customer's. `credit_used` counts orders on credit that are not invoiced yet, too; null: no limit was set."""

    customer_id: str
    name: str | None = None
    credit_limit: Money | None = None
    credit_used: Money


class Receivables(Answer):
    """Who owes most comes first."""

    as_of: date
    customers: list[CustomerReceivable]


class SalesOutstanding(Answer):
    """How many days of sales are open: `open` / `billed` * days of the window; null when nothing was billed."""

    since: date
    through: date
    open: Money
    billed: Money
    days: str | None = Field(None, examples=["23.5"])


StatementKind = Literal["invoice", "debit_note", "credit_note", "payment", "balance", "write_off"]


class StatementLine(Answer):
    """`amount` adds to what is owed (a settlement taken back does, too), or, below zero, takes from it.

    `about` is the document it belongs to.
    """

    on: date
    kind: StatementKind
    number: str
    about: str | None = None
    amount: Money
    balance: Money


class Statement(Answer):
    since: date
    through: date
    opening: Money
    closing: Money
    lines: list[StatementLine]


class OpenDocument(Answer):
    number: str = Field(examples=["FV-1"])
    order_number: str = Field(examples=["PED-10023"])
    due_on: date
    is_overdue: bool
    open: Money


class OpenInvoices(Answer):
    """What the customer owes, what is due first first, and `with_us`, what of theirs the shop has."""

    owed: Money
    overdue: Money
    with_us: Money
    documents: list[OpenDocument]


PromiseState = Literal["open", "kept", "broken", "replaced"]
Stage = Literal["soon", "today", "late", "later", "last"]


class NewPaymentPromise(Request):
    """The day by which what is owed is paid, and how the customer `said` so."""

    promised_on: date
    said: Line | None = Field(default=None, max_length=300, examples=["te pago el viernes"])


class PaymentPromise(Answer):
    """`amount` is what was owed when it was promised."""

    promised_on: date
    amount: Money
    state: PromiseState
    made_at: datetime
    ended_at: datetime | None = None


class StaffPaymentPromise(PaymentPromise):
    customer_id: str
    said: str | None = None


class ReminderStage(Request):
    """How friendly a reminder is, and how many days after the due day it is told; before it, below zero."""

    stage: Stage
    days: int = Field(ge=-30, le=365, examples=[7])


class ReminderStages(Request):
    """All stages; none: nobody is reminded."""

    stages: list[ReminderStage] = Field(max_length=5)


class KeptReminderStages(Answer):
    stages: list[ReminderStage]
