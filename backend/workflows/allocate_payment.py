"""Allocate a payment as a person chooses: a part pays this invoice, or does not any more; or write an invoice off."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import shop, shop_day
from backend.invoicing.models import Invoice
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.rules import Leg
from backend.ledger.service import Fact
from backend.orders import service as orders
from backend.payments import service as payments
from backend.payments import settlements
from backend.payments.errors import SettlesTooMuch
from backend.payments.models import Payment
from backend.payments.settlements import NewSettlement
from backend.workflows.lock_document import lock_document
from backend.workflows.open_amounts import open_minor


def allocate_payment(session: Session, number: str, invoice: str, amount_minor: int, act: str, who: str) -> Invoice:
    """So much of the payment's free part pays the invoice; a negative amount is an advance again. The invoice.

    Records: a Settlement, a JournalEntry.
    Raises: PaymentNotFound, InvoiceNotFound, SettlesTooMuch, PeriodClosed.
    """
    payment, document = _locked(session, payments.find(session, number), invoice)
    free = settlements.free_minor(session, [payment])[payment.id]
    is_open = open_minor(session, document)
    theirs = settlements.settled_by(session, document.id, payment.id)
    is_ours = document.customer_id == payment.customer_id and document.currency == payment.currency
    fits = 0 < amount_minor <= min(free, is_open) or -theirs <= amount_minor < 0
    if not is_ours or not fits:
        raise SettlesTooMuch(open_minor=is_open, free_minor=free, amount_minor=amount_minor)
    settlements.settle(session, NewSettlement(document.id, "payment", amount_minor, payment.id), who)
    legs = rules.advance_applied(amount_minor) if amount_minor > 0 else rules.advance_restored(-amount_minor)
    _post(session, "advance_applied" if amount_minor > 0 else "advance_restored", document, act, who, None, legs)
    return document


def write_off(session: Session, invoice: str, amount_minor: int, reason: str, act: str, who: str) -> Invoice:
    """So much of the invoice will never be paid. The invoice.

    Records: a Settlement, a JournalEntry, the event `invoice.written_off`.
    Raises: InvoiceNotFound, SettlesTooMuch, PeriodClosed.
    """
    document = lock_document(session, invoice).invoice
    is_open = open_minor(session, document)
    if amount_minor > is_open:
        raise SettlesTooMuch(open_minor=is_open, free_minor=0, amount_minor=amount_minor)
    settlements.settle(session, NewSettlement(document.id, "write_off", amount_minor), who)
    _post(session, "written_off", document, act, who, reason, rules.receivable_written_off(amount_minor))
    number = orders.by_id(session, document.order_id).order.number
    amount = {"amount_minor": amount_minor, "currency": document.currency}
    told = {"number": number, "customer_id": document.customer_id, "document": document.number, "amount": amount}
    events.record(session, "invoice.written_off", number, told)
    return document


def _locked(session: Session, payment: Payment, invoice: str) -> tuple[Payment, Invoice]:
    """Orders first, then the customer, then the payment: one order of locks for everyone."""
    document = lock_document(session, invoice).invoice
    return payments.locked(session, payment.id), document


def _post(
    session: Session, name: str, document: Invoice, act: str, who: str, note: str | None, legs: list[Leg]
) -> None:
    fact = Fact(
        key=f"{name}:{act}",
        name=name,
        subject=orders.by_id(session, document.order_id).order.number,
        currency=document.currency,
        occurred_on=shop_day(shop(session)),
        who=who,
        customer_id=document.customer_id,
        note=note,
    )
    ledger.post(session, fact, legs)
