"""Print a debit note to a supplier: what went back to them, and what we owe them less for it."""

from __future__ import annotations

from pathlib import Path

from babel.dates import format_date
from sqlalchemy.orm import Session

from backend.catalog.service import shop
from backend.invoicing.pdf import typeset
from backend.partners import service as partners
from backend.partners import supplier_notes
from kernel.money import Money, format_money

_TEMPLATE = Path(supplier_notes.__file__).with_name("supplier_note.typ")
_LOCALES = {"es": "es_CO", "en": "en"}
_WORDS = {
    "es": {
        "title": "Nota débito",
        "from": "De",
        "to": "Para",
        "date": "Fecha",
        "reference": "Devolución",
        "columns": ["Código", "Producto", "Cantidad", "Costo"],
        "total": "Total",
        "says": "Te devolvemos esta mercancía. Descontamos su costo de lo que te debemos.",
    },
    "en": {
        "title": "Debit note",
        "from": "From",
        "to": "To",
        "date": "Date",
        "reference": "Return",
        "columns": ["Code", "Product", "Quantity", "Cost"],
        "total": "Total",
        "says": "We send these goods back to you. We take what they cost off what we owe you.",
    },
}


def print_supplier_note(session: Session, number: str) -> bytes:
    """The note as a PDF, in its supplier's language. The same note, the same bytes.

    Raises: SupplierNoteNotFound.
    """
    full = supplier_notes.find(session, number)
    note, seller = full.note, shop(session)
    partner = partners.by_ids(session, [note.partner_id])[note.partner_id]
    language = partner.language if partner.language in _WORDS else "es"
    locale, words = _LOCALES[language], _WORDS[language]

    def money(amount_minor: int) -> str:
        return format_money(Money(amount_minor, note.currency), locale)

    page = {
        "language": language,
        "shop": seller.name,
        "title": words["title"],
        "number": note.number,
        "code": note.number,
        "words": words,
        "from": [seller.name, seller.address],
        "to": [note.partner_name, partner.email],
        "date": str(format_date(note.issued_on, "long", locale=locale)),
        "reference": note.reference,
        "lines": [
            [line.sku, line.name + (f" · {line.note}" if line.note else ""), str(line.quantity), money(line.cost_minor)]
            for line in full.lines
        ],
        "total": money(note.cost_minor),
    }
    return typeset(page, note.issued_at, _TEMPLATE)
