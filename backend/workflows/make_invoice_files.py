"""Make a document's files: PDF and XML, once; whoever asks later gets the same bytes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from backend.carts.quantity import in_units
from backend.catalog.service import Shop, shop
from backend.invoicing import service as invoicing
from backend.invoicing.cufe import cufe
from backend.invoicing.models import InvoiceFile, InvoiceLine
from backend.invoicing.pdf import typeset
from backend.invoicing.service import FullInvoice
from backend.invoicing.ubl import Context, as_ubl
from backend.orders import service as orders
from kernel.db import Database
from kernel.money import Money, format_money
from kernel.quantities import counted

_LOCALES = {"es": "es_CO", "en": "en_US"}
_WORDS: dict[str, dict[str, Any]] = {
    "es": {
        "invoice": "Factura de venta",
        "credit_note": "Nota crédito",
        "debit_note": "Nota débito",
        "page": "Página",
        "seller": "Emisor",
        "buyer": "Cliente",
        "reason": "Motivo",
        "qr": "Huella del documento ({code})",
        "columns": ["#", "Descripción", "Cantidad", "Sin IVA", "IVA", "Total"],
        "issued": "Fecha",
        "due": "Vence",
        "order": "Pedido",
        "corrects": "Corrige",
        "payment": "Pago",
        "before_discount": "Antes del descuento, sin IVA",
        "discount": "Descuento",
        "subtotal": "Subtotal sin IVA",
        "delivery": "Domicilio",
        "tax": "IVA {rate} %",
        "withheld": "Retención",
        "total": "Total",
        "payable": "A pagar",
        "in_favour": "A tu favor",
    },
    "en": {
        "invoice": "Invoice",
        "credit_note": "Credit note",
        "debit_note": "Debit note",
        "page": "Page",
        "seller": "From",
        "buyer": "Bill to",
        "reason": "Reason",
        "qr": "Fingerprint of the document ({code})",
        "columns": ["#", "Description", "Quantity", "Before VAT", "VAT", "Total"],
        "issued": "Date",
        "due": "Due",
        "order": "Order",
        "corrects": "Corrects",
        "payment": "Payment",
        "before_discount": "Before discount and VAT",
        "discount": "Discount",
        "subtotal": "Subtotal before VAT",
        "delivery": "Delivery",
        "tax": "VAT {rate}%",
        "withheld": "Tax withheld",
        "total": "Total",
        "payable": "To pay",
        "in_favour": "In your favour",
    },
}


def make_invoice_files(database: Database, number: str) -> dict[str, InvoiceFile]:
    """The files of a document by their format, made now if they were not yet.

    Typesetting takes tens of milliseconds, so it happens outside of the transaction that keeps the result; of two that
    make them at once, the first to keep them is right.

    Records: InvoiceFile rows.
    Raises: InvoiceNotFound.
    """
    with database.read() as session:
        full = invoicing.find(session, number)
        kept = {form: invoicing.file(session, full.invoice.id, form) for form in ("pdf", "xml")}
        if all(kept.values()):
            return {form: file for form, file in kept.items() if file is not None}
        context = _context(session, full)
        made = {"pdf": typeset(_page(session, full, context), full.invoice.issued_at), "xml": as_ubl(full, context)}
    with database.write() as session:
        invoicing.find(session, number, lock=True)
        return {form: invoicing.keep_file(session, full.invoice.id, form, content) for form, content in made.items()}


def fingerprint(session: Session, full: FullInvoice) -> str:
    """The CUFE (or CUDE) that the document's files carry."""
    return _context(session, full).cufe


def _context(session: Session, full: FullInvoice) -> Context:
    invoice = full.invoice
    issued_at = invoice.issued_at.astimezone(ZoneInfo(shop(session).time_zone)).replace(microsecond=0)
    corrected = invoicing.by_id(session, invoice.corrects_id) if invoice.corrects_id else None
    return Context(
        order_number=orders.by_id(session, invoice.order_id).order.number,
        cufe=cufe(invoice, issued_at, invoicing.technical_key(session, invoice.kind)),
        issued_at=issued_at,
        corrects=(corrected.number, corrected.issued_on.isoformat()) if corrected else None,
    )


def _page(session: Session, full: FullInvoice, context: Context) -> dict[str, Any]:
    invoice, seller = full.invoice, full.invoice.seller
    language = invoice.buyer.get("language") if invoice.buyer.get("language") in _WORDS else "es"
    assert language is not None, "one of ours"
    words, house = _WORDS[language], shop(session)

    def money(amount_minor: int) -> str:
        return format_money(Money(amount_minor, invoice.currency), _LOCALES[language])

    facts = [(words["issued"], _day(invoice.issued_on, language)), (words["order"], context.order_number)]
    if invoice.kind != "credit_note":
        # Nobody has to pay what is taken back.
        facts.insert(1, (words["due"], _day(invoice.due_on, language)))
        facts.append((words["payment"], _payment(house, invoice.payment_method, language)))
    if context.corrects:
        facts.append((words["corrects"], context.corrects[0]))
    rates = sorted({line.tax_rate for line in full.lines if line.tax_minor})
    sums = [*_discount(session, full, words, language), (words["subtotal"], invoice.subtotal_minor)]
    if invoice.delivery_minor:
        sums.append((words["delivery"], invoice.delivery_minor))
    for rate in rates:
        tax_minor = sum(line.tax_minor for line in full.lines if line.tax_rate == rate)
        sums.append((words["tax"].format(rate=_rate(rate, language)), tax_minor))
    if invoice.withheld_minor:
        sums += [(words["total"], invoice.total_minor), (words["withheld"], -invoice.withheld_minor)]
    tax_id = f"NIT {seller['tax_id']}" if seller.get("tax_id") else ""
    return {
        "language": language,
        "title": words[invoice.kind],
        "number": invoice.number,
        "reason": invoice.reason,
        "words": words | {"qr": words["qr"].format(code="CUFE" if invoice.kind == "invoice" else "CUDE")},
        "code": context.cufe,
        "seller": {
            "shop": seller["name"],
            "name": seller.get("legal_name") or seller["name"],
            "lines": _given(tax_id, seller.get("address"), seller.get("phone")),
        },
        "buyer": {
            "name": invoice.buyer["name"],
            "lines": _given(invoice.buyer.get("tax_id"), invoice.buyer.get("address"), invoice.buyer.get("email")),
        },
        "facts": facts,
        "lines": [
            {
                "position": str(line.position),
                "name": line.name if language == "es" else line.name_en,
                "sku": line.sku,
                "quantity": _quantity(line, language),
                "unit_price": money(line.net_minor),
                "tax": f"{_rate(line.tax_rate, language)} %",
                "total": money(line.gross_minor),
            }
            for line in full.lines
        ],
        "sums": [{"name": name, "value": money(amount_minor)} for name, amount_minor in sums],
        "total": {
            "name": _total_name(invoice.kind, bool(invoice.withheld_minor), words),
            "value": money(invoice.payable_minor),
        },
        "footer": " · ".join(_given(seller.get("legal_name"), tax_id, seller.get("address"))),
    }


def _discount(session: Session, full: FullInvoice, words: dict[str, Any], language: str) -> list[tuple[str, int]]:
    """What the goods would cost, and what was taken off them, if anything was."""
    off_minor = sum(line.discount_minor for line in full.lines)
    if not off_minor:
        return []
    terms = orders.by_id(session, full.invoice.order_id).order.discount or {}
    name = terms.get(f"name_{language}") or words["discount"]
    return [(words["before_discount"], full.invoice.subtotal_minor + off_minor), (name, -off_minor)]


def _total_name(kind: str, is_withheld: bool, words: dict[str, Any]) -> str:
    if kind == "credit_note":
        return str(words["in_favour"])
    return str(words["payable"] if is_withheld else words["total"])


def _rate(rate: Decimal, language: str) -> str:
    return format_decimal((rate * 100).normalize(), locale=_LOCALES[language])


def _given(*texts: str | None) -> list[str]:
    return [text for text in texts if text]


def _day(day: date, language: str) -> str:
    return format_date(day, "d 'de' MMM y" if language == "es" else "MMM d, y", _LOCALES[language])


def _payment(house: Shop, code: str, language: str) -> str:
    method = house.payment_method(code)
    return method.name[language] if method else code


def _quantity(line: InvoiceLine, language: str) -> str:
    unit = line.unit_name_es if language == "es" else line.unit_name_en
    return counted(in_units(line.base_quantity, line.factor), unit, language)
