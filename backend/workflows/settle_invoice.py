"""Settle an invoice with what its customer paid before: the advances of its order, then their balance."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.customers import service as customers
from backend.invoicing.service import FullInvoice
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.service import Fact
from backend.orders.models import Order
from backend.payments import service as payments
from backend.payments import settlements
from backend.payments.settlements import NewSettlement
from backend.workflows.move_surplus import move_surplus


def settle_invoice(session: Session, order: Order, issued: FullInvoice, who: str) -> int:
    """What of the (just issued) invoice of the (locked) order is paid by that, in minor units.

    Records: Settlement and BalanceEntry rows, a JournalEntry.
    Raises: PeriodClosed.
    """
    invoice = issued.invoice
    customers.lock(session, invoice.customer_id)
    left = invoice.payable_minor
    paid = payments.of_orders(session, [order.id])[order.id]
    free = settlements.free_minor(session, paid)
    for payment in paid:
        part = min(left, free[payment.id])
        if part > 0:
            settlements.settle(session, NewSettlement(invoice.id, "payment", part, payment.id), who)
            left -= part
    left -= _use_balance(session, invoice.id, invoice.customer_id, invoice.currency, left, who)
    applied = invoice.payable_minor - left
    if applied:
        fact = Fact(
            key=f"advance_applied:{invoice.number}",
            name="advance_applied",
            subject=order.number,
            currency=invoice.currency,
            occurred_on=invoice.issued_on,
            who=who,
            customer_id=invoice.customer_id,
        )
        ledger.post(session, fact, rules.advance_applied(applied))
    for payment in paid:
        move_surplus(session, order, payment, who)
    return applied


def _use_balance(session: Session, invoice_id: str, customer_id: str, currency: str, most: int, who: str) -> int:
    part = min(most, settlements.balance(session, customer_id, currency))
    if part <= 0:
        return 0
    settlements.enter_balance(
        session, f"used:{invoice_id}", customer_id, currency, "used", -part, who, invoice_id=invoice_id
    )
    settlements.settle(session, NewSettlement(invoice_id, "balance", part), who)
    return part
