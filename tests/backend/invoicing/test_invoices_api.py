"""Finance at the API, and the customer who gets the documents."""

from datetime import date, timedelta

import pytest

from tests.backend.shopper import BREAD, SODA, code_of, staff_as


@pytest.fixture
def finance(http):
    count = iter(range(1, 1_000))

    def ask(method, path, body=None, role="finance", key=None):
        headers = staff_as(role) | {"Idempotency-Key": key or f"act:{next(count)}"}
        return http.request(method, path, json=body, headers=headers)

    return ask


@pytest.fixture
def shipped(ana, warehouse):
    """The number of a parcel with two sodas and a bread that has left."""
    number = ana.order((SODA, "2"), (BREAD, "1"))["number"]
    warehouse.ship_all(f"{number}-1")
    return f"{number}-1-A"


def test_a_parcel_that_left_is_invoiced_once_and_its_customer_gets_it(shipped, finance, ana, beto):
    first = finance("POST", f"/staff/shipments/{shipped}/invoice")
    again = finance("POST", f"/staff/shipments/{shipped}/invoice")

    assert (first.status_code, again.json()) == (201, first.json())
    assert first.json()["number"] == "FV-1"
    assert first.json()["total"]["amount_minor"] == ana.get("/orders/PED-10001").json()["total"]["amount_minor"]
    [own] = ana.get("/orders/PED-10001/invoices").json()
    assert own.pop("url").startswith("http://")
    assert own == {name: value for name, value in first.json().items() if name != "url"}
    pdf = ana.get("/invoices/FV-1/files/pdf")
    assert (pdf.headers["content-type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert finance("GET", "/staff/invoices/FV-1/files/pdf").content == pdf.content
    assert ana.get("/invoices/FV-1/files/xml").headers["content-type"] == "application/xml"
    assert code_of(beto.get("/invoices/FV-1/files/pdf")) == (404, "invoice_not_found")  # case 82
    assert code_of(ana.get("/invoices/FV-9/files/pdf")) == (404, "invoice_not_found")


def test_what_has_not_left_is_not_invoiced(ana, warehouse, finance):
    number = ana.order((SODA, "1"))["number"]
    warehouse.pick_all(f"{number}-1")
    warehouse.pack(f"{number}-1")

    assert code_of(finance("POST", f"/staff/shipments/{number}-1-A/invoice")) == (409, "nothing_to_invoice")
    assert code_of(finance("POST", "/staff/shipments/PED-9-1-A/invoice")) == (404, "shipment_not_found")
    assert finance("GET", "/staff/invoices").json() == {"invoices": [], "next_cursor": None}


def test_finance_corrects_by_notes_and_the_books_follow(shipped, finance):
    finance("POST", f"/staff/shipments/{shipped}/invoice")
    body = {"lines": [{"position": 1, "base_quantity": 1}], "with_delivery": True, "reason": "Llegó dañado"}

    note = finance("POST", "/staff/invoices/FV-1/credit-notes", body, key="credit")
    assert (note.status_code, note.json()["number"], note.json()["corrects"]) == (201, "NC-1", "FV-1")
    assert finance("POST", "/staff/invoices/FV-1/credit-notes", body, key="credit").json() == note.json()
    more = {"lines": [{"position": 1, "base_quantity": 2}], "reason": "Otra vez"}
    assert code_of(finance("POST", "/staff/invoices/FV-1/credit-notes", more)) == (409, "too_much_to_credit")
    charge = {"amount_minor": 119_000, "tax_class": "standard", "reason": "Otro viaje"}
    assert finance("POST", "/staff/invoices/FV-1/debit-notes", charge).json()["number"] == "ND-1"
    charge["tax_class"] = "luxury"
    assert code_of(finance("POST", "/staff/invoices/FV-1/debit-notes", charge)) == (422, "unknown_tax_class")
    assert [row["number"] for row in finance("GET", "/staff/invoices").json()["invoices"]] == ["ND-1", "NC-1", "FV-1"]
    today = finance("GET", "/staff/invoices/FV-1").json()["issued_on"]
    before = (date.fromisoformat(today) - timedelta(days=1)).isoformat()
    after = (date.fromisoformat(today) + timedelta(days=1)).isoformat()
    of = {
        query: len(finance("GET", f"/staff/invoices?{query}").json()["invoices"])
        for query in (
            f"since={today}&until={today}",
            f"until={before}",
            f"since={after}",
            f"since={before}&until={after}",
        )
    }
    assert list(of.values()) == [3, 0, 0, 3]
    balance = finance("GET", "/staff/ledger/trial-balance").json()
    assert sum(line["debit"]["amount_minor"] - line["credit"]["amount_minor"] for line in balance) == 0
    facts = [entry["fact"] for entry in finance("GET", "/staff/ledger/journal").json()["entries"]]
    assert facts == ["debit_note_issued", "credit_note_issued", "invoice_issued"]
    assert finance("GET", "/staff/ledger/journal.beancount").text.count(" * ") == 3


BROUGHT = {
    "occurred_on": "2026-11-20",
    "currency": "COP",
    "note": "Consignación del viernes",
    "postings": [{"account": "1110", "debit_minor": 900_000}, {"account": "1105", "credit_minor": 900_000}],
}


def test_what_no_document_tells_is_posted_by_hand(finance, database):
    made = finance("POST", "/staff/ledger/entries", BROUGHT, key="brought")

    assert (made.status_code, made.json()["fact"], made.json()["note"]) == (201, "by_hand", "Consignación del viernes")
    assert finance("POST", "/staff/ledger/entries", BROUGHT, key="brought").json() == made.json()
    assert len(finance("GET", "/staff/ledger/journal").json()["entries"]) == 1


@pytest.mark.parametrize(
    ("postings", "refusal"),
    [
        ([("1110", 9, 0), ("1105", 0, 8)], (422, "entry_not_balanced")),
        ([("1110", 9, 9), ("1105", 0, 0)], (422, "invalid_request")),
        ([("1110", 9, 0)], (422, "invalid_request")),
        ([("1110", 9, 0), ("9999", 0, 9)], (422, "account_not_found")),
        ([("1110", 9, 0), ("1305", 0, 9)], (409, "account_kept")),
    ],
)
def test_what_is_no_entry_is_not_posted(finance, database, postings, refusal):
    sides = [{"account": account, "debit_minor": left, "credit_minor": right} for account, left, right in postings]

    assert code_of(finance("POST", "/staff/ledger/entries", BROUGHT | {"postings": sides})) == refusal
    assert finance("GET", "/staff/ledger/journal").json()["entries"] == []


def test_an_invoices_entry_is_not_reversed_by_hand(shipped, finance):
    finance("POST", f"/staff/shipments/{shipped}/invoice")
    [entry] = finance("GET", "/staff/ledger/journal").json()["entries"]

    undone = finance("POST", f"/staff/ledger/entries/{entry['id']}/reverse", {"note": "por prueba"})

    assert (code_of(undone), undone.json()["params"]) == ((409, "entry_not_by_hand"), {"fact": "invoice_issued"})


def test_an_entry_is_reversed_once_and_a_running_day_is_not_closed(finance, market):
    entry = finance("POST", "/staff/ledger/entries", BROUGHT).json()

    undone = finance("POST", f"/staff/ledger/entries/{entry['id']}/reverse", {"note": "por prueba"})
    assert (undone.status_code, undone.json()["reverses_id"]) == (201, entry["id"])
    again = finance("POST", f"/staff/ledger/entries/{entry['id']}/reverse", {"note": "por prueba"})
    assert code_of(again) == (409, "entry_already_reversed")
    assert code_of(finance("POST", "/staff/ledger/closings", {"through_on": "2999-01-01"})) == (
        409,
        "period_not_closable",
    )
    assert finance("POST", "/staff/ledger/closings", {"through_on": "2020-12-31"}).json() == {
        "closed_through": "2020-12-31"
    }


@pytest.mark.parametrize("role", ["sales", "warehouse", "agent"])
def test_only_finance_issues(shipped, finance, role):
    assert code_of(finance("POST", f"/staff/shipments/{shipped}/invoice", role=role)) == (403, "wrong_role")
