"""Issue an invoice: what has left the house is billed, at the prices agreed, and booked, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from backend import events
from backend.catalog.service import Shop, shop, shop_day
from backend.customers import service as customers
from backend.customers.service import Buyer
from backend.invoicing import service as invoicing
from backend.invoicing.errors import NothingToInvoice
from backend.invoicing.service import FullInvoice, NewInvoice, NewLine
from backend.ledger import rules
from backend.ledger import service as ledger
from backend.ledger.service import Fact
from backend.orders.models import OrderLine
from backend.orders.service import FullOrder
from backend.pricing import net_discount, share
from backend.workflows.link_invoice import link_invoice
from backend.workflows.settle_invoice import settle_invoice
from kernel.money import round_half_away

ON_CREDIT = "customer_credit"
# Who buys without saying who they are. Source: DIAN, Resolución 000165 de 2023, anexo técnico 1.9, consumidor final.
FINAL_CONSUMER = {"name": "Consumidor final", "tax_id": "222222222222"}


@dataclass(frozen=True, slots=True)
class Leaving:
    """`quantity` base units of an order line that leave."""

    line: OrderLine
    quantity: int


def issue_invoice(session: Session, order: FullOrder, leaving: Sequence[Leaving], cause: str, who: str) -> FullInvoice:
    """The invoice for what leaves of the (locked) order; for the same `cause` again, the one that was issued.

    A part of a line costs its share of the line, so that the parts add up to what was agreed, to the minor unit. The
    delivery is billed with the first invoice of the order.

    What the customer paid before pays it at once.

    Records: Invoice, InvoiceLine rows, the series' counter, a JournalEntry, the event `invoice.issued`; what
    `settle_invoice` records.
    Raises: NothingToInvoice, SeriesUsedUp, PeriodClosed.
    """
    known = invoicing.of_cause(session, cause)
    if known is not None:
        return known
    before = invoicing.invoiced(session, [each.line.id for each in leaving])
    if any(before[each.line.id] + each.quantity > each.line.base_quantity for each in leaving):
        raise NothingToInvoice(number=order.order.number)
    lines = [_line(each, before[each.line.id]) for each in leaving if each.quantity > 0]
    if not lines:
        raise NothingToInvoice(number=order.order.number)
    seller, buyer = shop(session), customers.buyer(session, order.order.customer_id)
    is_first = not invoicing.of_order(session, order.order.id)
    today = shop_day(seller)
    net_minor = sum(line.net_minor for line in lines)
    issued = invoicing.issue(
        session,
        NewInvoice(
            kind="invoice",
            cause=cause,
            order_id=order.order.id,
            customer_id=order.order.customer_id,
            currency=order.order.currency,
            delivery_minor=order.order.delivery_fee_minor if is_first else 0,
            withheld_minor=_withheld(net_minor, buyer.withholding_rate),
            seller=_seller(seller),
            buyer=_buyer(buyer, order.order.address),
            payment_method=order.order.payment_method,
            issued_on=today,
            due_on=_due_on(today, order.order.payment_method, seller),
        ),
        lines,
    )
    invoice = issued.invoice
    legs = rules.invoice_issued(
        invoice.subtotal_minor, invoice.delivery_minor, invoice.tax_minor, invoice.withheld_minor
    )
    # What is given away is invoiced, and nothing is owed for it.
    if invoice.total_minor:
        ledger.post(session, booked("invoice_issued", issued, order.order.number, who), legs)
        settle_invoice(session, order.order, issued, who)
    events.record(session, "invoice.issued", order.order.number, told(session, issued, order.order.number))
    return issued


def _line(leaving: Leaving, before: int) -> NewLine:
    line = leaving.line
    gross_minor = share(line.total_minor, line.base_quantity, before, leaving.quantity)
    tax_minor = share(line.tax_minor, line.base_quantity, before, leaving.quantity)
    return NewLine(
        order_line_id=line.id,
        sku=line.sku,
        name=line.name,
        name_en=line.name_en,
        unit=line.unit,
        unit_name_es=line.unit_name_es,
        unit_name_en=line.unit_name_en,
        factor=line.factor,
        base_quantity=leaving.quantity,
        tax_class=line.tax_class,
        tax_rate=line.tax_rate,
        discount_minor=share(net_discount(line, line.tax_rate), line.base_quantity, before, leaving.quantity),
        net_minor=gross_minor - tax_minor,
        tax_minor=tax_minor,
        gross_minor=gross_minor,
    )


def _withheld(net_minor: int, rate: Decimal | None) -> int:
    return round_half_away(net_minor * rate) if rate else 0


def _due_on(today: date, payment_method: str, seller: Shop) -> date:
    return today + timedelta(days=seller.credit_days if payment_method == ON_CREDIT else 0)


def _seller(seller: Shop) -> dict[str, Any]:
    return {
        "name": seller.name,
        "legal_name": seller.legal_name,
        "tax_id": seller.tax_id,
        "address": seller.address,
        "phone": seller.phone,
        "country": seller.country,
    }


def _buyer(buyer: Buyer, address: str) -> dict[str, Any]:
    known = {"name": buyer.name or FINAL_CONSUMER["name"], "tax_id": buyer.tax_id or FINAL_CONSUMER["tax_id"]}
    return known | {"email": buyer.email, "address": address, "language": buyer.language}


def booked(fact: str, issued: FullInvoice, number: str, who: str) -> Fact:
    """How a document is named in the books."""
    invoice = issued.invoice
    return Fact(
        key=f"{fact}:{invoice.number}",
        name=fact,
        subject=number,
        currency=invoice.currency,
        occurred_on=invoice.issued_on,
        who=who,
        customer_id=invoice.customer_id,
        note=invoice.reason,
    )


def told(session: Session, issued: FullInvoice, number: str) -> dict[str, Any]:
    """A document as its event tells it."""
    invoice = issued.invoice
    return {
        "number": number,
        "customer_id": invoice.customer_id,
        "document": invoice.number,
        "total": {"amount_minor": invoice.total_minor, "currency": invoice.currency},
        "due_on": invoice.due_on.isoformat(),
        "document_url": link_invoice(session, invoice.id),
    }
