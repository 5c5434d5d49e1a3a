"""Print the receipt of a refund: how much went back, when, and to where. No tax document: a credit note is one."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.customers import service as customers
from backend.invoicing.pdf import typeset
from backend.orders import service as orders
from backend.payments import refunds
from backend.payments import service as payments
from backend.payments.models import Refund
from kernel.money import Money, format_money

_TEMPLATE = Path(refunds.__file__).with_name("refund.typ")
_LOCALES = {"es": "es_CO", "en": "en_US"}
_WORDS = {
    "es": {
        "title": "Comprobante de reembolso",
        "amount": "Te devolvimos",
        "to": "A nombre de",
        "on": "Fecha",
        "order": "Pedido",
        "payment": "Pago",
        "method": "Medio de pago",
        "day": "d 'de' MMMM 'de' y",
        "note": "No es factura ni nota crédito.",
        "bank": " Tu banco puede tardar entre 5 y 10 días hábiles en mostrarlo.",
    },
    "en": {
        "title": "Receipt of refund",
        "amount": "We gave you back",
        "to": "To",
        "on": "Date",
        "order": "Order",
        "payment": "Payment",
        "method": "Way of payment",
        "day": "MMMM d, y",
        "note": "This is no invoice and no credit note.",
        "bank": " Your bank may take 5 to 10 working days to show it.",
    },
}


def is_receipted(refund: Refund) -> bool:
    """Is there a receipt of it? Not before the money went back, nor once it came back."""
    return refund.status == "succeeded"


def print_refund(session: Session, refund: Refund) -> bytes:
    """The receipt of a refund that succeeded as a PDF, in its customer's language. The same refund, the same bytes.

    Raises: CustomerNotFound.
    """
    assert refund.ended_at is not None, "it succeeded"
    seller, buyer = shop(session), customers.buyer(session, refund.customer_id)
    payment = payments.by_id(session, refund.payment_id)
    language = buyer.language if buyer.language in _WORDS else "es"
    words = _WORDS[language]
    method = seller.payment_method(payment.method)
    day = refund.ended_at.astimezone(ZoneInfo(seller.time_zone)).date()
    facts = [(words["to"], buyer.name), (words["on"], format_date(day, words["day"], locale=_LOCALES[language]))]
    if refund.order_id:
        facts.append((words["order"], orders.by_id(session, refund.order_id).order.number))
    facts += [
        (words["payment"], payment.number),
        (words["method"], method.name[language] if method else payment.method),
    ]
    page = {
        "language": language,
        "shop": seller.name,
        "address": " · ".join(filter(None, (seller.tax_id and f"NIT {seller.tax_id}", seller.address))),
        "title": words["title"],
        "number": refund.number,
        "code": refund.number,
        "amount": {
            "name": words["amount"],
            "value": format_money(Money(refund.amount_minor, refund.currency), _LOCALES[language]),
        },
        "facts": [{"name": name, "value": value} for name, value in facts],
        "note": words["note"] + (words["bank"] if refund.way == "provider" else ""),
    }
    return typeset(page, refund.ended_at, _TEMPLATE)
