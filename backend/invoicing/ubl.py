"""A document as UBL 2.1: what tax offices and other firms' systems read.

Source: https://docs.oasis-open.org/ubl/UBL-2.1.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from lxml import etree
from lxml.builder import ElementMaker

from backend.invoicing.cufe import tax_number
from backend.invoicing.models import Invoice, InvoiceLine
from backend.invoicing.service import FullInvoice
from kernel.money import plain_amount

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_UBL}CommonAggregateComponents-2", f"{_UBL}CommonBasicComponents-2"
_A = ElementMaker(namespace=_CAC)
_B = ElementMaker(namespace=_CBC)
# A piece. Source: UN/ECE recommendation 20.
_PIECE = "94"
# Source: DIAN, anexo técnico 1.9, lists 13.2.2 (taxes), 13.1.3 (document types) and 13.1.5 (kinds of
# operation: 10 the usual one, 20 and 30 a note that names its invoice).
_IVA_CODE, _IVA_NAME = "01", "IVA"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How the three documents differ in their words."""

    root: str
    operation: str
    type_code: str | None
    type_element: str
    line: str
    quantity: str
    total: str


_KINDS = {
    "invoice": _Kind("Invoice", "10", "01", "InvoiceTypeCode", "InvoiceLine", "InvoicedQuantity", "LegalMonetaryTotal"),
    "credit_note": _Kind(
        "CreditNote", "20", "91", "CreditNoteTypeCode", "CreditNoteLine", "CreditedQuantity", "LegalMonetaryTotal"
    ),
    "debit_note": _Kind("DebitNote", "30", None, "", "DebitNoteLine", "DebitedQuantity", "RequestedMonetaryTotal"),
}


@dataclass(frozen=True, slots=True)
class Context:
    """What a document refers to: its order, the invoice it corrects (number and day), and its fingerprint."""

    order_number: str
    cufe: str
    issued_at: datetime
    corrects: tuple[str, str] | None = None


def as_ubl(full: FullInvoice, context: Context) -> bytes:
    """The document as XML, UTF-8."""
    invoice, kind = full.invoice, _KINDS[full.invoice.kind]
    maker = ElementMaker(
        namespace=f"{_UBL}{kind.root}-2", nsmap={None: f"{_UBL}{kind.root}-2", "cac": _CAC, "cbc": _CBC}
    )
    root = getattr(maker, kind.root)(*_head(invoice, kind, context, len(full.lines)))
    root.extend(_references(invoice, context))
    # The shop delivers in its own country.
    country = str(invoice.seller.get("country") or "")
    root.append(_A.AccountingSupplierParty(_party(invoice.seller, country)))
    root.append(_A.AccountingCustomerParty(_party(invoice.buyer, country)))
    root.extend(_paying(invoice))
    if invoice.delivery_minor:
        root.append(_delivery(invoice))
    root.append(_tax_total(full.lines, invoice.delivery_minor, invoice.currency))
    # UBL has no place for it in a credit note.
    if invoice.withheld_minor and invoice.kind == "invoice":
        root.append(_A.WithholdingTaxTotal(_money("TaxAmount", invoice.withheld_minor, invoice.currency)))
    root.append(_totals(invoice, kind))
    root.extend(_line(line, invoice.currency, kind) for line in full.lines)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["cac", "cbc"])
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def _head(invoice: Invoice, kind: _Kind, context: Context, lines_count: int) -> list[Any]:
    head = [
        _B.UBLVersionID("UBL 2.1"),
        _B.CustomizationID(kind.operation),
        _B.ProfileID("Comanda"),
        _B.ID(invoice.number),
        _B.UUID(context.cufe, schemeName="CUFE-SHA384" if invoice.kind == "invoice" else "CUDE-SHA384"),
        _B.IssueDate(invoice.issued_on.isoformat()),
        _B.IssueTime(context.issued_at.timetz().isoformat("seconds")),
    ]
    if invoice.kind == "invoice":
        head.append(_B.DueDate(invoice.due_on.isoformat()))
    if kind.type_code:
        head.append(getattr(_B, kind.type_element)(kind.type_code))
    if invoice.reason:
        head.append(_B.Note(invoice.reason))
    return [*head, _B.DocumentCurrencyCode(invoice.currency), _B.LineCountNumeric(str(lines_count))]


def _references(invoice: Invoice, context: Context) -> list[Any]:
    order = _A.OrderReference(_B.ID(context.order_number))
    if context.corrects is None:
        return [order]
    number, issued_on = context.corrects
    corrected = _A.BillingReference(_A.InvoiceDocumentReference(_B.ID(number), _B.IssueDate(issued_on)))
    answer = _A.DiscrepancyResponse(_B.ReferenceID(number), _B.Description(invoice.reason or ""))
    return [answer, order, corrected]


def _party(who: dict[str, Any], country: str) -> Any:
    name = who.get("legal_name") or who["name"]
    number = tax_number(str(who.get("tax_id") or ""))
    address = _A.PostalAddress(_A.AddressLine(_B.Line(who.get("address") or "-")))
    if country:
        address.append(_A.Country(_B.IdentificationCode(country)))
    party = _A.Party(
        _A.PartyName(_B.Name(who["name"])),
        address,
        _A.PartyTaxScheme(
            _B.RegistrationName(name),
            _B.CompanyID(number),
            _A.TaxScheme(_B.ID(_IVA_CODE), _B.Name(_IVA_NAME)),
        ),
        _A.PartyLegalEntity(_B.RegistrationName(name), _B.CompanyID(number)),
    )
    contact = [
        element(value)
        for element, value in ((_B.Telephone, who.get("phone")), (_B.ElectronicMail, who.get("email")))
        if value
    ]
    if contact:
        party.append(_A.Contact(*contact))
    return party


def _paying(invoice: Invoice) -> list[Any]:
    # UN/ECE 4461: 1, not specified; how the shop calls it travels beside it.
    return [
        _A.PaymentMeans(
            _B.PaymentMeansCode("1"),
            _B.PaymentDueDate(invoice.due_on.isoformat()),
            _B.InstructionNote(invoice.payment_method),
        )
    ]


def _delivery(invoice: Invoice) -> Any:
    return _A.AllowanceCharge(
        _B.ChargeIndicator("true"),
        _B.AllowanceChargeReason("Domicilio"),
        _money("Amount", invoice.delivery_minor, invoice.currency),
        _tax_category(Decimal(0)),
    )


def _tax_total(lines: Sequence[InvoiceLine], delivery_minor: int, currency: str) -> Any:
    """By rate; the delivery, which bears no tax, is among what is taxed at nothing."""
    total = _A.TaxTotal(_money("TaxAmount", sum(line.tax_minor for line in lines), currency))
    sums: dict[Decimal, tuple[int, int]] = {Decimal(0): (delivery_minor, 0)} if delivery_minor else {}
    for line in lines:
        net_minor, tax_minor = sums.get(line.tax_rate, (0, 0))
        sums[line.tax_rate] = (net_minor + line.net_minor, tax_minor + line.tax_minor)
    for rate in sorted(sums):
        total.append(_subtotal(*sums[rate], rate, currency))
    return total


def _subtotal(net_minor: int, tax_minor: int, rate: Decimal, currency: str) -> Any:
    return _A.TaxSubtotal(
        _money("TaxableAmount", net_minor, currency),
        _money("TaxAmount", tax_minor, currency),
        _tax_category(rate),
    )


def _tax_category(rate: Decimal) -> Any:
    return _A.TaxCategory(*_category(rate))


def _category(rate: Decimal) -> list[Any]:
    # UN/ECE 5305: S, at a rate; Z, at the rate of nothing.
    code = "S" if rate else "Z"
    return [
        _B.ID(code),
        _B.Percent(f"{rate * 100:.2f}"),
        _A.TaxScheme(_B.ID(_IVA_CODE), _B.Name(_IVA_NAME)),
    ]


def _totals(invoice: Invoice, kind: _Kind) -> Any:
    net_minor = invoice.subtotal_minor + invoice.delivery_minor
    parts = [
        _money("LineExtensionAmount", invoice.subtotal_minor, invoice.currency),
        _money("TaxExclusiveAmount", net_minor, invoice.currency),
        _money("TaxInclusiveAmount", invoice.total_minor, invoice.currency),
    ]
    if invoice.delivery_minor:
        parts.append(_money("ChargeTotalAmount", invoice.delivery_minor, invoice.currency))
    # What the customer withholds is told beside it (WithholdingTaxTotal): the fingerprint, too, is over the whole.
    parts.append(_money("PayableAmount", invoice.total_minor, invoice.currency))
    return getattr(_A, kind.total)(*parts)


def _line(line: InvoiceLine, currency: str, kind: _Kind) -> Any:
    quantity = str(line.base_quantity)
    item = _A.Item(_B.Description(line.name))
    if line.sku is not None:
        item.append(_A.SellersItemIdentification(_B.ID(line.sku)))
    item.append(_A.ClassifiedTaxCategory(*_category(line.tax_rate)))
    tax = _A.TaxTotal(
        _money("TaxAmount", line.tax_minor, currency),
        _subtotal(line.net_minor, line.tax_minor, line.tax_rate, currency),
    )
    # The price is for the whole quantity, so that no reader has to round, and before the discount.
    price = _A.Price(
        _money("PriceAmount", line.net_minor + line.discount_minor, currency),
        _B.BaseQuantity(quantity, unitCode=_PIECE),
    )
    middle = [tax]
    if line.discount_minor:
        # Where it stands is one of the few things in which UBL's invoices and notes differ.
        middle.insert(0 if kind.root == "Invoice" else 1, _allowance(line.discount_minor, currency))
    return getattr(_A, kind.line)(
        _B.ID(str(line.position)),
        getattr(_B, kind.quantity)(quantity, unitCode=_PIECE),
        _money("LineExtensionAmount", line.net_minor, currency),
        *middle,
        item,
        price,
    )


def _allowance(amount_minor: int, currency: str) -> Any:
    # UN/ECE 5189: 95, a discount.
    return _A.AllowanceCharge(
        _B.ChargeIndicator("false"),
        _B.AllowanceChargeReasonCode("95"),
        _B.AllowanceChargeReason("Descuento"),
        _money("Amount", amount_minor, currency),
    )


def _money(element: str, amount_minor: int, currency: str) -> Any:
    return getattr(_B, element)(plain_amount(amount_minor, currency), currencyID=currency)
