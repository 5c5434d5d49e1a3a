"""A day of a thousand mixed orders, through the shop's own verbs: a judge others wrote agrees with every balance."""

import shutil
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data
from lxml import etree
from peppol import check_rules
from peppol.xsd import validate_xsd
from sqlalchemy import func, select

from backend.audit import audit
from backend.catalog.shop import set_prices
from backend.customers.models import Customer
from backend.discounts.service import NewDiscount
from backend.fulfillment import service as fulfillment
from backend.fulfillment.service import Pick
from backend.inventory.models import StockMove
from backend.invoicing import service as invoicing
from backend.invoicing.models import Invoice
from backend.invoicing.service import FullInvoice
from backend.invoicing.ubl import as_ubl
from backend.ledger import beancount, chart, service
from backend.orders import service as orders
from backend.payments import service as payments
from backend.payments.models import BalanceEntry, Payment, Settlement
from backend.payments.providers import Seen
from backend.workflows.allocate_payment import write_off
from backend.workflows.apply_discount import apply_discount
from backend.workflows.cancel_order import cancel_order
from backend.workflows.change_cart import Change, change_cart
from backend.workflows.check_payment import fold
from backend.workflows.choose_checkout import choose_checkout
from backend.workflows.confirm_cart import confirm_cart
from backend.workflows.issue_credit_note import Credit, issue_credit_note
from backend.workflows.issue_debit_note import issue_debit_note
from backend.workflows.issue_invoice import Leaving, issue_invoice
from backend.workflows.make_invoice_files import _context as context_of
from backend.workflows.pack_order import ToPack, pack_order
from backend.workflows.pick_order import pick_order
from backend.workflows.place_order import place_order
from backend.workflows.put_discount import put_discount
from backend.workflows.receive_stock import Received, receive_stock
from backend.workflows.record_payment import record_payment
from backend.workflows.ship_order import ship_order
from backend.workflows.start_picking import start_picking
from kernel import durable
from kernel.db import Database
from kernel.money import iso_exponent, plain_amount
from tests.backend.invoicing.test_invoice_files import NS
from tests.backend.shopper import BREAD, MILK, SODA, TOMATO, add_customer, open_market

ORDERS, CUSTOMERS, AT_ONCE = 1_000, 120, 50
WHO = "staff:1"
BEAN_CHECK = Path(sys.executable).with_name("bean-check")


class Day:
    """One session's worth of a shop's day; each kind of order is a method, and they take turns."""

    def __init__(self, session, customers):
        self.session, self.customers, self.keys = session, customers, count(1)

    def order(self, place):
        """An order of one to three lines, placed as a customer does."""
        session, customer_id = self.session, self.customers[place % len(self.customers)]
        wishes = [(SODA, 1 + place % 7), (BREAD, 1 + place % 3), (MILK, 1 + place % 5), (TOMATO, 100 + place)]
        chosen = [Change("add", sku, str(much)) for sku, much in wishes[place % 2 : place % 2 + 1 + place % 3]]
        chosen = [change if change.sku != TOMATO else Change("add", TOMATO, change.quantity, "g") for change in chosen]
        change_cart(session, customer_id, chosen)
        choose_checkout(session, customer_id, address_text="Calle 1 # 2-3", payment_method="cash_on_delivery")
        if place % 3 == 0:
            apply_discount(session, customer_id, "SIETE")
        return place_order(session, customer_id, confirm_cart(session, customer_id).confirmation)

    def bill(self, found, parts=1):
        """Invoices for all of it: whole, or each line in halves."""
        issued = []
        for part in range(parts):
            leaving = []
            for line in found.lines:
                half = line.base_quantity // 2 if parts == 2 else 0
                leaving.append(Leaving(line, half if part == 0 and parts == 2 else line.base_quantity - half))
            leaving = [each for each in leaving if each.quantity]
            if leaving:
                cause = f"bill:{found.order.number}:{part}"
                issued.append(issue_invoice(self.session, found, leaving, cause, "system").invoice)
        return issued

    def pay(self, found, amount_minor, method="bank_transfer"):
        given = {"method": method, "amount_minor": amount_minor, "reference": None, "who": WHO}
        record_payment(self.session, found, key=f"pay:{next(self.keys)}", **given)

    def credit(self, invoice, position, quantity, *, with_delivery=False):
        credits = [Credit(position, quantity)] if quantity else []
        given = {"with_delivery": with_delivery, "reason": "Llegó dañado", "cause": f"credit:{next(self.keys)}"}
        issue_credit_note(self.session, invoice.number, credits, who=WHO, **given)

    def write_off(self, invoice, amount_minor):
        write_off(self.session, invoice.number, amount_minor, "No responde", f"off:{next(self.keys)}", WHO)

    # the kinds of orders

    def prepaid(self, found):
        self.pay(found, found.order.total_minor)
        self.bill(found)

    def paid_at_the_door(self, found):
        [invoice] = self.bill(found)
        self.pay(found, max(invoice.payable_minor, 1), "cash_on_delivery")

    def paid_by_card_at_the_door(self, found):
        [invoice] = self.bill(found)
        self.pay(found, invoice.payable_minor, "card_on_delivery")

    def overpaid(self, found):
        self.bill(found)
        self.pay(found, found.order.total_minor + 12_345)

    def paid_in_parts(self, found):
        self.pay(found, found.order.total_minor // 3)
        self.bill(found, parts=2)
        self.pay(found, found.order.total_minor - found.order.total_minor // 3)

    def written_off(self, found):
        self.pay(found, 100_000)
        invoice = self.bill(found)[0]
        open_minor = max(invoice.payable_minor - self.settled(invoice), 0)
        if open_minor:
            self.write_off(invoice, open_minor)

    def credited_then_paid(self, found):
        [invoice] = self.bill(found)
        self.credit(invoice, 1, 1)
        self.pay(found, found.order.total_minor)

    def paid_then_credited(self, found):
        [invoice] = self.bill(found)
        self.pay(found, found.order.total_minor)
        self.credit(invoice, 1, 1, with_delivery=True)

    def written_off_then_credited(self, found):
        [invoice] = self.bill(found)
        open_minor = invoice.payable_minor - self.settled(invoice)
        if open_minor:
            self.write_off(invoice, open_minor)
        self.credit(invoice, 1, found.lines[0].base_quantity)

    def charged_more(self, found):
        [invoice] = self.bill(found)
        issue_debit_note(
            self.session,
            invoice.number,
            119_000,
            "standard",
            reason="Otro viaje",
            cause=f"d:{next(self.keys)}",
            who=WHO,
        )

    def shipped(self, found):
        session = self.session
        [full] = fulfillment.of_orders(session, [found.order.id])[found.order.id]
        number = full.fulfillment.number

        def version():
            return fulfillment.find(session, number).version

        start_picking(session, number, version(), WHO)
        pick_order(session, number, version(), [Pick(line.id, line.quantity, 0) for line in full.lines], WHO)
        pack_order(session, number, version(), [ToPack()], WHO)
        ship_order(session, number, version(), shipment=None, carrier="table_rate", who=WHO)

    def shipped_and_paid(self, found):
        self.shipped(found)
        self.pay(found, found.order.total_minor, "nequi")

    def cancelled_after_it_was_paid(self, found):
        self.pay(found, found.order.total_minor)
        cancel_order(self.session, found.order.customer_id, found.order.number)

    def paid_online(self, found):
        total, order = found.order.total_minor, found.order
        new = payments.NewPayment(
            f"link:{order.number}", order.id, order.customer_id, "online", "demo", order.currency, total, "customer"
        )
        payment = payments.open_payment(self.session, new)
        fold(self.session, payment, Seen("captured", total, total * 25 // 1000, order.currency))
        self.bill(found)

    def unpaid(self, found):
        self.bill(found)

    def settled(self, invoice):
        query = select(func.coalesce(func.sum(Settlement.amount_minor), 0)).where(Settlement.invoice_id == invoice.id)
        return self.session.scalar(query)


KINDS = (
    Day.prepaid, Day.paid_at_the_door, Day.shipped_and_paid, Day.paid_by_card_at_the_door, Day.overpaid,
    Day.paid_in_parts, Day.shipped, Day.written_off, Day.credited_then_paid, Day.paid_then_credited,
    Day.shipped_and_paid, Day.written_off_then_credited, Day.charged_more, Day.cancelled_after_it_was_paid,
    Day.paid_online, Day.unpaid,
)  # fmt: skip


# Both tests look at one day, which is dear to make.
pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def books(sqlite_template, tmp_path_factory):
    path = tmp_path_factory.mktemp("day") / "comanda.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    with database.write() as session:
        open_market(session)
        goods = [(MILK, 270_001), (BREAD, 400_000), (SODA, 199_999), (TOMATO, 301)]
        for sku, cost_minor in goods:
            much = 10_000 if sku != TOMATO else 2_000_000
            receive_stock(session, "CENTRO", [Received(sku, much, cost_minor=cost_minor * much)], who=WHO)
        # A part off for whoever says so, and an amount off a large order for everyone.
        off = {"sku": None, "category": None, "valid_from": None, "valid_until": None, "max_uses": None}
        percent = {"kind": "percentage", "percent": Decimal("7.25"), "amount_minor": None, "minimum_minor": 0}
        amount = {"kind": "amount", "percent": None, "amount_minor": 99_999, "minimum_minor": 2_000_000}
        for code, is_automatic, how in (("SIETE", False, percent), ("GRANDE", True, amount)):
            put_discount(session, code, NewDiscount(code, code, is_automatic, max_uses_each=None, **off, **how))
        customers = [add_customer(session) for _ in range(CUSTOMERS)]
        for place, customer_id in enumerate(customers):
            customer = session.get_one(Customer, customer_id)
            if place % 5 == 0:
                customer.tax_id, customer.withholding_rate = f"900.{place:03}.000-1", Decimal("0.025")
    for first in range(0, ORDERS, AT_ONCE):
        # Nobody waits for the letters of this day: the work of sending them is not started.
        with durable.starting_nothing(), database.write() as session:
            # Every other fifty are sold at prices without tax.
            set_prices(session, include_tax=first % (2 * AT_ONCE) == 0)
            day = Day(session, customers)
            day.keys = count(first * 100 + 1)
            for place in range(first, first + AT_ONCE):
                KINDS[place % len(KINDS)](day, day.order(place))
    yield database
    database.dispose()


def test_a_thousand_mixed_orders_balance_for_a_judge_and_for_us(books, tmp_path):  # cases 74, 75
    file = tmp_path / "day.beancount"
    with books.read() as session:
        assert audit(session, has_worker=False) == []
        file.write_text("\n".join(beancount.export(session)), encoding="utf-8")
        ours = {line.code: line.debit_minor - line.credit_minor for line in service.trial_balance(session)}
        records = from_the_records(session)

    verdict = subprocess.run([BEAN_CHECK, file], capture_output=True, text=True, check=False)
    assert (verdict.returncode, verdict.stderr + verdict.stdout) == (0, "")
    assert {code: amount for code, amount in judged(file).items() if amount} == {
        code: amount for code, amount in ours.items() if amount
    }
    assert {code: ours.get(code, 0) for code in records} == records


CURRENCIES = ("COP", "USD", "JPY", "KWD")
LINES = ("InvoiceLine", "CreditNoteLine", "DebitNoteLine")


def test_two_hundred_documents_of_the_day_are_ubl_and_obey_its_rules(books):  # case 78
    with books.read() as session:
        numbers = chosen(session)
        kinds, discounted = Counter(), Counter()
        for place, number in enumerate(numbers):
            full = invoicing.find(session, number)
            document = in_currency(full, CURRENCIES[place % len(CURRENCIES)])
            kinds[document.invoice.kind, document.invoice.withheld_minor > 0] += 1
            agreed = orders.by_id(session, document.invoice.order_id)
            if document.invoice.kind != "debit_note" and any(line.discount_minor for line in document.lines):
                discounted[agreed.lines[0].price_includes_tax] += 1
            written = as_ubl(document, context_of(session, document))
            # What is whole in yen may be a half of one beside the rate; elsewhere it is as exact as cents are.
            tolerance = Decimal(1) if document.invoice.currency == "JPY" else Decimal("0.01")
            assert wrong_in(written, document.invoice.kind, tolerance) == [], number
            assert sums_of(written) == figures_of(document), number

    assert len(numbers) == 200
    assert min(discounted[True], discounted[False]) >= 20, discounted
    assert min(kinds.values()) >= 4, kinds
    assert len(kinds) == 5, "debit notes withhold nothing"


def chosen(session):
    """Sixty credit notes, twenty debit notes, and invoices of the whole day."""

    def some(kind, most):
        every = list(session.scalars(select(Invoice.number).where(Invoice.kind == kind).order_by(Invoice.id)))
        return every[:: max(len(every) // most, 1)][:most]

    return [*some("credit_note", 60), *some("debit_note", 20), *some("invoice", 120)]


def in_currency(full, currency):
    """The same figures in another money, with as many decimals as it has."""
    columns = {name: getattr(full.invoice, name) for name in Invoice.__table__.columns.keys()}  # noqa: SIM118
    return FullInvoice(Invoice(**columns | {"currency": currency}), full.lines)


def wrong_in(written, kind, tolerance):
    """What judges that others wrote find; of debit notes they have no schema."""
    if kind == "debit_note":
        return []
    fatal = [str(each) for each in check_rules(written, tolerance) if each.severity == "fatal"]
    return list(validate_xsd(written)[1]) + fatal


def sums_of(written):
    """(lines, tax, payable, the tax of all rates) as the XML has them."""
    tree = etree.fromstring(written)
    lines = [line for kind in LINES for line in tree.findall(f"cac:{kind}", NS)]
    rates = tree.findall("cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount", NS)
    total = tree.find("cac:LegalMonetaryTotal", NS)
    total = tree.find("cac:RequestedMonetaryTotal", NS) if total is None else total
    return (
        sum(Decimal(line.find("cbc:LineExtensionAmount", NS).text) for line in lines),
        Decimal(tree.find("cac:TaxTotal/cbc:TaxAmount", NS).text),
        Decimal(total.find("cbc:PayableAmount", NS).text),
        sum(Decimal(rate.text) for rate in rates),
    )


def figures_of(document):
    invoice = document.invoice
    figures = (invoice.subtotal_minor, invoice.tax_minor, invoice.total_minor, invoice.tax_minor)
    return tuple(Decimal(plain_amount(figure, invoice.currency)) for figure in figures)


def judged(path):
    """The balance of each account as beancount reads the file, in minor units."""
    entries, errors, _options = loader.load_file(str(path))
    assert errors == []
    sums = Counter()
    for entry in entries:
        if isinstance(entry, data.Transaction):
            for posting in entry.postings:
                code = posting.account.split(":")[1].split("-")[0]
                sums[code] += int(posting.units.number.scaleb(iso_exponent(posting.units.currency)))
    return sums


def from_the_records(session):
    """What the balances must be by documents, payments and stock moves alone."""

    def total(column, *conditions):
        return int(session.scalar(select(func.coalesce(func.sum(column), 0)).where(*conditions)))

    owing, credit = Invoice.kind.in_(("invoice", "debit_note")), Invoice.kind == "credit_note"
    settled = total(Settlement.amount_minor)
    paid = total(Settlement.amount_minor, Settlement.kind == "payment")
    captured, fees = total(Payment.captured_minor), total(Payment.fee_minor)
    moved = total(BalanceEntry.amount_minor, BalanceEntry.payment_id.is_not(None))
    cash, card = Payment.method == "cash_on_delivery", Payment.method.in_(("card_on_delivery", "online"))
    return {
        chart.RECEIVABLE: total(Invoice.payable_minor, owing) - total(Invoice.payable_minor, credit) - settled,
        chart.TAX_PAYABLE: total(Invoice.tax_minor, credit) - total(Invoice.tax_minor, owing),
        chart.WITHHELD: total(Invoice.withheld_minor, owing) - total(Invoice.withheld_minor, credit),
        chart.SALES: -total(Invoice.subtotal_minor, owing),
        chart.SALES_RETURNED: total(Invoice.subtotal_minor, credit),
        chart.DELIVERY_INCOME: total(Invoice.delivery_minor, credit) - total(Invoice.delivery_minor, owing),
        chart.ADVANCES: -(captured - paid - moved + total(BalanceEntry.amount_minor)),
        chart.CASH: total(Payment.captured_minor, cash),
        chart.CLEARING: total(Payment.captured_minor, card) - fees,
        chart.FEES: fees,
        chart.BANK: total(Payment.captured_minor, ~cash, ~card),
        chart.BAD_DEBT: total(Settlement.amount_minor, Settlement.kind == "write_off"),
        chart.GOODS: total(StockMove.cost_minor),
        chart.GOODS_SOLD: -total(StockMove.cost_minor, StockMove.kind == "issue"),
        chart.SUPPLIERS: -total(StockMove.cost_minor, StockMove.kind == "receipt"),
    }
