"""A shop whose prices are without tax: it comes on top, by line, from the cart to the books."""

import pytest
from lxml import etree

from backend.ledger import chart
from backend.ledger import service as ledger
from backend.orders.models import Order
from backend.workflows.make_invoice_files import make_invoice_files
from tests.backend.invoicing.conftest import bill, credit
from tests.backend.invoicing.test_invoice_files import amounts, judged
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, SODA, code_of, staff_as

__all__ = ["bill", "credit"]

# Two sodas at 3,570.00, IVA 19 %: 1,356.60; a bread at 6,200.00, IVA 5 %: 310.00; a milk at 4,500.00 without any.
NET, TAX = 2 * 357_000 + 620_000 + 450_000, 135_660 + 31_000


def say(http, *, include_tax, role="admin"):
    headers = staff_as(role) | {"Idempotency-Key": f"prices:{include_tax}"}
    return http.request("PUT", "/staff/shop/prices", json={"include_tax": include_tax}, headers=headers)


@pytest.fixture
def exclusive(market, http):
    assert say(http, include_tax=False).json() == {"include_tax": False}


@pytest.fixture
def order(exclusive, ana):
    return ana.order((SODA, "2"), (BREAD, "1"), (MILK, "1"))


def minor(shown, *names):
    return [shown[name]["amount_minor"] for name in names]


def test_the_cart_says_its_prices_and_the_tax_on_top(exclusive, ana):
    cart = ana.add(SODA, "2")

    assert cart["prices_include_tax"] is False
    assert minor(cart["lines"][0], "unit_price", "total", "tax") == [357_000, 714_000, 135_660]
    assert minor(cart, "subtotal", "tax", "delivery_fee", "total") == [714_000, 135_660, 400_000, 1_249_660]


def test_the_order_is_what_was_shown(order):
    assert order["prices_include_tax"] is False
    assert minor(order, "subtotal", "tax", "total") == [NET, TAX, NET + TAX + DELIVERY_FEE]


def test_what_was_ordered_before_stays_as_it_was_agreed(order, ana, http):
    say(http, include_tax=True)

    assert minor(ana.get(f"/orders/{order['number']}").json(), "total") == [NET + TAX + DELIVERY_FEE]
    assert minor(ana.add(SODA, "2"), "subtotal", "tax") == [714_000, 114_000]


def test_a_confirmation_of_other_prices_is_refused(exclusive, ana, http, count_rows):
    confirmation = ana.confirmed((SODA, "1"))
    say(http, include_tax=True)

    assert code_of(ana.place(confirmation)) == (409, "confirmation_stale")
    assert count_rows(Order) == 0


def test_a_change_keeps_the_agreed_price_and_adds_its_tax(order, ana):
    wish = {"changes": [{"op": "set", "sku": SODA, "quantity": "3"}]}
    preview = ana.act("POST", f"/orders/{order['number']}/changes", wish).json()
    assert minor(preview, "tax", "difference") == [TAX + 67_830, 357_000 + 67_830]

    changed = ana.act("POST", f"/orders/{order['number']}/changes/{preview['confirmation']}").json()

    assert minor(changed, "subtotal", "tax") == [NET + 357_000, TAX + 67_830]


def test_invoices_credit_notes_and_books_follow(order, bill, credit, database):
    first = bill(order["number"], {SODA: 1, BREAD: 1}).invoice
    second = bill(order["number"], {SODA: 1, MILK: 1}, "shipment:2").invoice

    assert first.subtotal_minor + second.subtotal_minor == NET
    assert first.tax_minor + second.tax_minor == TAX
    assert first.total_minor + second.total_minor == NET + TAX + DELIVERY_FEE
    with database.read() as session:
        books = {line.code: line.balance_minor for line in ledger.trial_balance(session)}
    assert (books[chart.SALES], books[chart.TAX_PAYABLE]) == (NET, TAX)
    note = credit(first.number, (1, 1)).invoice
    assert (note.subtotal_minor, note.tax_minor) == (357_000, 67_830)


def test_the_xml_says_the_sums_without_and_with_tax(order, bill, database):  # case 78
    bill(order["number"], {SODA: 2, BREAD: 1, MILK: 1})
    written = make_invoice_files(database, "FV-1")["xml"].content
    tree = etree.fromstring(written)

    assert judged(written) == []
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:LineExtensionAmount") == ["17840.00"]
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount") == ["21840.00"]
    assert amounts(tree, "cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount") == ["23506.60"]


def test_only_an_admin_says_so(market, http):
    assert code_of(say(http, include_tax=False, role="sales")) == (403, "wrong_role")
