"""Money that came pays what is invoiced, waits for what is not, and what is too much is the customer's."""

import pytest

from backend.ledger import chart
from backend.ledger.models import JournalEntry
from backend.orders import service as orders
from backend.payments.models import BalanceEntry, Payment, PaymentEvent, Settlement
from backend.workflows.record_payment import record_payment
from tests.backend.shopper import BREAD, DELIVERY_FEE, SODA, code_of

# Two sodas 7,140.00, a bread 6,200.00.
SODAS, LOAF = 714_000, 620_000
TOTAL = SODAS + LOAF + DELIVERY_FEE


@pytest.fixture
def number(ana):
    return ana.order((SODA, "2"), (BREAD, "1"))["number"]


def status(ana, number):
    order = ana.get(f"/orders/{number}").json()
    return order["payment_status"], order["due"]["amount_minor"]


def test_an_order_is_due_until_it_is_paid(ana, number, bill, finance, books):
    assert status(ana, number) == ("due", TOTAL)
    bill(number, {SODA: 2, BREAD: 1})
    assert status(ana, number) == ("due", TOTAL)

    paid = finance.pay(number, TOTAL, reference="TRX-88213")

    assert (paid["number"], paid["status"], paid["free"]["amount_minor"]) == ("PAG-10001", "captured", 0)
    assert status(ana, number) == ("paid", 0)
    assert (books()[chart.BANK], chart.RECEIVABLE in books(), chart.ADVANCES in books()) == (TOTAL, False, False)


def test_money_before_the_invoice_is_a_liability_until_then(ana, number, bill, finance, books):
    finance.pay(number, TOTAL)
    assert books() == {chart.BANK: TOTAL, chart.ADVANCES: TOTAL}
    assert status(ana, number) == ("paid", 0)

    bill(number, {SODA: 2, BREAD: 1})

    assert (books()[chart.BANK], chart.RECEIVABLE in books(), chart.ADVANCES in books()) == (TOTAL, False, False)
    assert status(ana, number) == ("paid", 0)


def test_each_invoice_takes_its_part_of_what_was_paid_before(ana, number, bill, finance, books):
    finance.pay(number, TOTAL)
    bill(number, {SODA: 1}, "shipment:1")

    assert books()[chart.ADVANCES] == TOTAL - SODAS // 2 - DELIVERY_FEE
    bill(number, {SODA: 1, BREAD: 1}, "shipment:2")
    assert chart.ADVANCES not in books()
    assert finance.balance(ana.id) == 0


def test_a_part_now_and_a_part_later(ana, number, bill, finance, books):
    finance.pay(number, 500_000)
    assert status(ana, number) == ("partly_paid", TOTAL - 500_000)
    bill(number, {SODA: 2, BREAD: 1})
    assert (status(ana, number), books()[chart.RECEIVABLE]) == (("partly_paid", TOTAL - 500_000), TOTAL - 500_000)

    finance.pay(number, TOTAL - 500_000, "cash_on_delivery")

    assert status(ana, number) == ("paid", 0)
    assert (books()[chart.CASH], books()[chart.BANK]) == (TOTAL - 500_000, 500_000)


@pytest.mark.parametrize("is_invoiced", [True, False])
def test_what_is_too_much_is_the_customers_balance(ana, number, bill, finance, books, is_invoiced):  # case 76
    if is_invoiced:
        bill(number, {SODA: 2, BREAD: 1})

    finance.pay(number, TOTAL + 123_456)

    assert status(ana, number) == ("overpaid", 0)
    assert finance.balance(ana.id) == ana.get("/customers/me/balance").json()["balance"]["amount_minor"] == 123_456
    assert books()[chart.ADVANCES] == (123_456 if is_invoiced else TOTAL + 123_456)


def test_the_balance_pays_the_next_order_when_it_is_invoiced(ana, number, bill, finance, books):
    bill(number, {SODA: 2, BREAD: 1})
    finance.pay(number, TOTAL + 100_000)
    later = ana.order((BREAD, "1"))["number"]
    assert status(ana, later) == ("due", LOAF + DELIVERY_FEE)

    bill(later, {BREAD: 1}, "shipment:9")

    assert status(ana, later)[1] == LOAF + DELIVERY_FEE - 100_000
    assert (finance.balance(ana.id), books()[chart.RECEIVABLE]) == (0, LOAF + DELIVERY_FEE - 100_000)


def test_an_order_that_the_balance_paid_whole_is_paid(ana, number, bill, finance):
    bill(number, {SODA: 2, BREAD: 1})
    finance.pay(number, TOTAL + LOAF + DELIVERY_FEE)
    later = ana.order((BREAD, "1"))["number"]

    bill(later, {BREAD: 1}, "shipment:9")

    assert (status(ana, later), finance.balance(ana.id)) == (("paid", 0), 0)


def test_money_that_comes_after_the_cancellation_waits_to_go_back(ana, number, finance, books):  # case 76
    assert ana.act("POST", f"/orders/{number}/cancel", {}).status_code == 200

    finance.pay(number, TOTAL)

    [refund] = finance.get("/refunds")["refunds"]
    assert (refund["amount"]["amount_minor"], refund["way"], refund["status"]) == (TOTAL, "manual", "requested")
    assert (finance.balance(ana.id), books()) == (0, {chart.BANK: TOTAL, chart.ADVANCES: TOTAL})


def test_one_act_is_one_payment(number, finance, count_rows):
    first = finance.pay(number, 500_000, key="transfer:1")
    again = finance.pay(number, 500_000, key="transfer:1")

    assert first == again
    assert (count_rows(Payment), count_rows(PaymentEvent), count_rows(JournalEntry)) == (1, 1, 1)


def test_the_invoice_is_paid_by_the_oldest_money_first(ana, number, bill, finance):
    first, second = finance.pay(number, 500_000)["number"], finance.pay(number, TOTAL)["number"]
    bill(number, {SODA: 2, BREAD: 1})

    assert finance.get(f"/payments/{first}")["free"]["amount_minor"] == 0
    assert finance.get(f"/payments/{second}")["free"]["amount_minor"] == 0
    assert finance.balance(ana.id) == 500_000


def test_a_person_takes_a_part_back_and_chooses_another_invoice(number, bill, finance, books):
    bill(number, {SODA: 2}, "shipment:1")
    bill(number, {BREAD: 1}, "shipment:2")
    paid = finance.pay(number, SODAS + DELIVERY_FEE)["number"]

    back = finance.post(f"/payments/{paid}/allocations", {"invoice": "FV-1", "amount_minor": -400_000})
    assert (back.status_code, back.json()["free"]["amount_minor"]) == (200, 400_000)
    assert (books()[chart.RECEIVABLE], books()[chart.ADVANCES]) == (LOAF + 400_000, 400_000)
    chosen = finance.post(f"/payments/{paid}/allocations", {"invoice": "FV-2", "amount_minor": 400_000})

    assert (chosen.status_code, chosen.json()["free"]["amount_minor"]) == (200, 0)
    assert (books()[chart.RECEIVABLE], chart.ADVANCES in books()) == (LOAF, False)


@pytest.mark.parametrize("amount_minor", [1, -SODAS - DELIVERY_FEE - 1, 0])
def test_no_more_is_allocated_than_is_free_or_taken_back_than_was_paid(number, bill, finance, count_rows, amount_minor):
    bill(number, {SODA: 2}, "shipment:1")
    paid = finance.pay(number, SODAS + DELIVERY_FEE)["number"]
    before = count_rows(Settlement)

    answer = finance.post(f"/payments/{paid}/allocations", {"invoice": "FV-1", "amount_minor": amount_minor})

    assert code_of(answer) == (409, "settles_too_much")
    assert count_rows(Settlement) == before


def test_no_more_is_allocated_than_is_free_of_a_payment(number, bill, finance):
    bill(number, {SODA: 2}, "shipment:1")
    paid = finance.pay(number, 500_000)["number"]

    def allocated(amount_minor):
        return finance.post(f"/payments/{paid}/allocations", {"invoice": "FV-1", "amount_minor": amount_minor})

    assert allocated(-200_000).status_code == 200
    # 200,000 of it are free, and 814,000 of the invoice are open.
    assert code_of(allocated(200_001)) == (409, "settles_too_much")
    assert allocated(200_000).status_code == 200


def test_no_more_is_allocated_than_is_open_of_an_invoice(number, bill, finance):
    bill(number, {SODA: 2}, "shipment:1")
    paid = finance.pay(number, TOTAL)["number"]

    answer = finance.post(f"/payments/{paid}/allocations", {"invoice": "FV-1", "amount_minor": 1})

    assert code_of(answer) == (409, "settles_too_much")


def test_a_credit_note_is_neither_paid_nor_written_off(number, bill, credit, finance):
    bill(number, {SODA: 1}, "shipment:1")
    credit("FV-1", (1, 1))
    paid = finance.pay(number, TOTAL)["number"]

    allocated = finance.post(f"/payments/{paid}/allocations", {"invoice": "NC-1", "amount_minor": 1})
    written_off = finance.post("/invoices/NC-1/write-offs", {"amount_minor": 1, "reason": "Nada"})

    assert code_of(allocated) == code_of(written_off) == (409, "settles_too_much")


def test_the_same_key_is_the_same_payment(number, database, count_rows):
    def recorded():
        with database.write() as session:
            found = orders.find_any(session, number, lock=True)
            return record_payment(
                session, found, key="bank:1", method="bank_transfer", amount_minor=100, reference=None, who="staff:1"
            ).number

    assert recorded() == recorded()
    assert (count_rows(Payment), count_rows(PaymentEvent)) == (1, 1)


def test_nobody_pays_with_someone_elses_money(ana, beto, bill, finance):
    mine, theirs = ana.order((BREAD, "1"))["number"], beto.order((BREAD, "1"))["number"]
    bill(theirs, {BREAD: 1})
    paid = finance.pay(mine, LOAF)["number"]

    answer = finance.post(f"/payments/{paid}/allocations", {"invoice": "FV-1", "amount_minor": 100})

    assert code_of(answer) == (409, "settles_too_much")


def test_what_will_never_be_paid_is_written_off(ana, number, bill, finance, books):
    bill(number, {SODA: 2, BREAD: 1})
    finance.pay(number, TOTAL - 200_000)

    done = finance.post("/invoices/FV-1/write-offs", {"amount_minor": 200_000, "reason": "Cliente en liquidación"})

    assert (done.status_code, done.json()["open"]["amount_minor"]) == (200, 0)
    assert (books()[chart.BAD_DEBT], chart.RECEIVABLE in books()) == (200_000, False)
    more = finance.post("/invoices/FV-1/write-offs", {"amount_minor": 1, "reason": "Otra vez"})
    assert code_of(more) == (409, "settles_too_much")


def test_a_credit_note_takes_back_what_was_written_off_of_it(ana, number, bill, credit, finance, books):
    bill(number, {SODA: 2, BREAD: 1})
    finance.pay(number, TOTAL - 500_000)
    finance.post("/invoices/FV-1/write-offs", {"amount_minor": 500_000, "reason": "No responde"})

    credit("FV-1", (1, 1))

    assert (books()[chart.BAD_DEBT], chart.RECEIVABLE in books()) == (500_000 - SODAS // 2, False)
    assert finance.due(number) == 0
    # The rest of the note is more than was written off: that part was paid, and is the customer's balance.
    credit("FV-1", (1, 1), cause="return:2")
    assert (chart.BAD_DEBT in books(), chart.RECEIVABLE in books()) == (False, False)
    assert (books()[chart.ADVANCES], finance.balance(ana.id)) == (SODAS - 500_000, SODAS - 500_000)


def test_what_a_debit_note_adds_is_due_though_too_much_was_paid_before(ana, number, bill, finance):
    bill(number, {SODA: 2, BREAD: 1})
    finance.pay(number, TOTAL + 1_000)
    charge = {"amount_minor": 119_000, "tax_class": "standard", "reason": "Otro viaje"}

    assert finance.post("/invoices/FV-1/debit-notes", charge).status_code == 201

    assert status(ana, number) == ("partly_paid", 119_000)


def test_a_credit_note_makes_less_due(ana, number, bill, credit, finance, books):
    bill(number, {SODA: 2, BREAD: 1})
    credit("FV-1", (1, 1))

    assert finance.due(number) == books()[chart.RECEIVABLE] == TOTAL - SODAS // 2
    finance.pay(number, TOTAL)
    assert finance.balance(ana.id) == SODAS // 2


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"amount_minor": 0}, (422, "invalid_request")),
        ({"amount_minor": -5}, (422, "invalid_request")),
        ({"amount_minor": 1.5}, (422, "invalid_request")),
        ({"currency": "USD"}, (409, "payment_mismatch")),
        ({"customer_id": "someone"}, (422, "invalid_request")),
    ],
)
def test_what_is_no_payment_writes_nothing(number, finance, count_rows, wrong, code):  # cases 79, 137
    body = {"method": "bank_transfer", "amount_minor": 1_000, "currency": "COP"} | wrong

    assert code_of(finance.post(f"/orders/{number}/payments", body)) == code
    assert [count_rows(model) for model in (Payment, JournalEntry, BalanceEntry)] == [0, 0, 0]
