"""No provider yet: a document is looked over as one would, and acknowledged by ourselves. Nothing leaves the house."""

from __future__ import annotations

from decimal import Decimal

from lxml import etree

from backend.invoicing.providers.base import Outcome, Submission, provider

_BASIC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
_AGGREGATE = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
_ROOTS = {"invoice": "Invoice", "credit_note": "CreditNote", "debit_note": "DebitNote"}


@provider
class LocalProvider:
    code = "local"

    def submit(self, submission: Submission) -> Outcome:
        """The same document, the same acknowledgement: `LOCAL-` and the head of its fingerprint."""
        try:
            root = etree.fromstring(submission.xml, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            return Outcome("refused", reason=f"this is no XML: {error.msg}"[:300])
        wrong = _wrong(root, submission)
        if wrong is not None:
            return Outcome("refused", reason=wrong)
        return Outcome("accepted", reference=f"LOCAL-{submission.fingerprint[:24]}")


def _wrong(root: etree._Element, submission: Submission) -> str | None:
    """What a provider would find wrong; None when nothing is."""
    if etree.QName(root).localname != _ROOTS[submission.kind]:
        return f"a {submission.kind} has another root"
    if root.findtext(f"{_BASIC}ID") != submission.number:
        return "the number is not the document's"
    if root.findtext(f"{_BASIC}UUID") != submission.fingerprint:
        return "the fingerprint is not the document's"
    for party in ("AccountingSupplierParty", "AccountingCustomerParty"):
        if root.find(f"{_AGGREGATE}{party}") is None:
            return f"there is no {party}"
    total = root.find(f"{_AGGREGATE}LegalMonetaryTotal")
    total = total if total is not None else root.find(f"{_AGGREGATE}RequestedMonetaryTotal")
    if total is None:
        return "there is no total"
    said = Decimal(total.findtext(f"{_BASIC}LineExtensionAmount") or "0")
    amounts = (Decimal(amount.text or "0") for amount in root.iterfind(f"./*/{_BASIC}LineExtensionAmount"))
    # The total's own is among them.
    return None if sum(amounts) == 2 * said else "the lines do not add up to the total"
