"""The fingerprint of a document: anyone who has the document and the shop's technical key can compute it again."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime

from backend.invoicing.models import Invoice
from kernel.money import plain_amount

# Taxes by the code of the tax office, in the order the formula wants them: IVA, consumption, ICA.
_IVA, _CONSUMPTION, _ICA = "01", "04", "03"
_PRODUCTION, _TEST = "1", "2"


def cufe(invoice: Invoice, issued_at: datetime, technical_key: str) -> str:
    """SHA-384 as hex over number, instant (in the issuer's zone), amounts, parties and key.

    Without a `technical_key`, which the tax office gives with a resolution, it is a test document's.

    Source: DIAN, anexo técnico de factura electrónica de venta 1.9, §11.1.2 (CUFE) and §11.1.4 (CUDE).
    """
    parts = [
        invoice.number.replace("-", ""),
        invoice.issued_on.isoformat(),
        issued_at.timetz().isoformat("seconds"),
        plain_amount(invoice.subtotal_minor + invoice.delivery_minor, invoice.currency),
        _IVA,
        plain_amount(invoice.tax_minor, invoice.currency),
        _CONSUMPTION,
        plain_amount(0, invoice.currency),
        _ICA,
        plain_amount(0, invoice.currency),
        plain_amount(invoice.total_minor, invoice.currency),
        tax_number(str(invoice.seller.get("tax_id", ""))),
        tax_number(str(invoice.buyer.get("tax_id", ""))),
        technical_key,
        _PRODUCTION if technical_key else _TEST,
    ]
    return hashlib.sha384("".join(parts).encode()).hexdigest()


def tax_number(tax_id: str) -> str:
    """The digits that identify, without the check digit after the dash: 900555134 for "900.555.134-7"."""
    return re.sub(r"\D", "", tax_id.partition("-")[0])
