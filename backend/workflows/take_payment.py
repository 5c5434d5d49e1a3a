"""Take a payment: money that came is booked, pays the order's invoices, and waits as an advance for those to come."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import shop, shop_day
from backend.customers import service as customers
from backend.invoicing import service as invoicing
from backend.ledger import chart, rules
from backend.ledger import service as ledger
from backend.ledger.service import Fact
from backend.orders import service as orders
from backend.orders.models import Order
from backend.payments import service as payments
from backend.payments import settlements
from backend.payments.models import Payment
from backend.payments.settlements import NewSettlement
from backend.workflows.invoice_order import invoice_order
from backend.workflows.look_at_dues import look_at_dues
from backend.workflows.move_surplus import move_surplus
from backend.workflows.open_amounts import open_of
from backend.workflows.release_order import release_order
from backend.workflows.request_refund import CUSTOMER, refund_order
from kernel import clock

# Where the money of a manual method is; what a provider collects is with the provider until it pays out.
INTO = {"cash_on_delivery": chart.CASH, "card_on_delivery": chart.CLEARING}


def into(payment: Payment) -> str:
    """The account a payment's money is on."""
    return INTO.get(payment.method, chart.BANK) if payment.provider == payments.MANUAL else chart.CLEARING


def take_payment(session: Session, payment: Payment, amount_minor: int, cause: str, who: str) -> None:
    """The (locked) payment of the (locked) order captured `amount_minor` more; `cause` names that once and for ever.

    The oldest open invoice is paid first. What is more than the order will ever be invoiced for becomes the customer's
    balance; what came for a cancelled one goes back.

    Records: Settlement and BalanceEntry rows, a JournalEntry, an OrderEntry, the event `payment.recorded`; what
    `release_order` and `refund_order` record; the order's invoice where the shop bills what is paid in full.
    Raises: PeriodClosed, SeriesUsedUp.
    """
    assert amount_minor > 0, "money came"
    found = orders.by_id(session, payment.order_id) if payment.order_id else None
    order = found.order if found else None
    customers.lock(session, payment.customer_id)
    paid = _pay_invoices(session, payment, amount_minor, who)
    legs = rules.money_received(into(payment), paid, amount_minor - paid)
    ledger.post(session, _fact(session, payment, order, cause, who), legs)
    if order is not None and order.status == "cancelled":
        back = refund_order(session, order, key=f"late:{cause}", reason="cancelled", who=who, roles=CUSTOMER)
    else:
        back = []
    surplus = move_surplus(session, order, payment, who)
    if found is None or order is None:
        return
    dues = look_at_dues(session, [order])[order.id]
    facts = {"payment": payment.number, "amount_minor": amount_minor, "currency": payment.currency}
    orders.enter(session, order.id, "payment_recorded", who, clock.now(), facts=facts)
    told = orders.fact(order) | {
        "payment": payment.number,
        "method": payment.method,
        "amount": _money(amount_minor, payment),
        "due": _money(dues.due_minor, payment),
        "to_balance": _money(surplus, payment),
        "goes_back": _money(sum(refund.amount_minor for refund in back), payment),
    }
    events.record(session, "payment.recorded", order.number, told)
    if dues.due_minor <= 0:
        release_order(session, found, who)
        invoice_order(session, found, f"payment:{payment.number}", who)


def _money(amount_minor: int, payment: Payment) -> dict[str, object]:
    return {"amount_minor": amount_minor, "currency": payment.currency}


def _pay_invoices(session: Session, payment: Payment, amount_minor: int, who: str) -> int:
    """What of it paid open invoices: those of its order, or of its customer if it is of no order, the oldest first."""
    if payment.order_id is not None:
        documents = invoicing.documents_of(session, [payment.order_id])[payment.order_id]
    else:
        documents = invoicing.documents_of_customer(session, payment.customer_id, payment.currency)
    left = amount_minor
    for invoice_id, open_minor in open_of(session, [document.id for document in documents]).items():
        part = min(left, open_minor)
        if part > 0:
            settlements.settle(session, NewSettlement(invoice_id, "payment", part, payment.id), who)
            left -= part
    return amount_minor - left


def _fact(session: Session, payment: Payment, order: Order | None, cause: str, who: str) -> Fact:
    return Fact(
        key=f"payment:{cause}",
        name="payment_received",
        subject=order.number if order is not None else payment.number,
        currency=payment.currency,
        occurred_on=shop_day(shop(session)),
        who=who,
        customer_id=payment.customer_id,
        note=payment.reference,
    )
