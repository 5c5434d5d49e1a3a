"""Release what settles an invoice beyond what is left of it, as a credit note took a part of it back."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.catalog.service import shop, shop_day
from backend.invoicing.models import Invoice
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.rules import Leg
from backend.ledger.service import Fact
from backend.orders.models import Order
from backend.payments import service as payments
from backend.payments import settlements
from backend.payments.settlements import NewSettlement
from backend.workflows.move_surplus import move_surplus
from backend.workflows.open_amounts import open_minor

# What was written off was never paid: it is the first that is not needed any more, and the balance goes back last.
_FIRST = {"write_off": 0, "payment": 1, "balance": 2}


def release_invoice(session: Session, order: Order, invoice: Invoice, note: str, who: str) -> None:
    """Its (locked) customer has with us again what paid more of the invoice than its credit notes leave.

    Of payments the newest is free first; what no other invoice of its order needs becomes the balance.

    Records: opposite Settlement rows, BalanceEntry rows, JournalEntry rows.
    Raises: PeriodClosed.
    """
    over = -open_minor(session, invoice)
    written_off = paid = 0
    touched = []
    by_kind = sorted(settlements.settled_of(session, invoice.id), key=lambda one: _FIRST[one[0]])
    for kind, payment_id, settled in by_kind:
        part = min(settled, over)
        if part <= 0:
            break
        over -= part
        settlements.settle(session, NewSettlement(invoice.id, kind, -part, payment_id), who)
        if kind == "write_off":
            written_off += part
            continue
        paid += part
        if payment_id is not None:
            touched.append(payments.by_id(session, payment_id))
        else:
            settlements.enter_balance(
                session,
                f"released:{note}",
                invoice.customer_id,
                invoice.currency,
                "store_credit",
                part,
                who,
                invoice_id=invoice.id,
            )
    if written_off:
        _post(session, order, invoice, "write_off_taken_back", note, rules.write_off_taken_back(written_off), who)
    if paid:
        _post(session, order, invoice, "advance_restored", note, rules.advance_restored(paid), who)
    for payment in touched:
        move_surplus(session, order if payment.order_id == order.id else None, payment, who)


def _post(session: Session, order: Order, invoice: Invoice, name: str, note: str, legs: list[Leg], who: str) -> None:
    fact = Fact(
        key=f"{name}:{note}",
        name=name,
        subject=order.number,
        currency=invoice.currency,
        occurred_on=shop_day(shop(session)),
        who=who,
        customer_id=invoice.customer_id,
        note=note,
    )
    ledger.post(session, fact, legs)
