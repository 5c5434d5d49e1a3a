"""A customer shows that they paid; finance finds the money, or says why not; nothing is counted twice."""

from datetime import timedelta

import pytest
import time_machine

from backend.ledger import chart
from backend.payment_proofs.models import PaymentProof
from backend.payments.models import Payment
from backend.workflows.decide_payment_proof import TIME_AFTER_REJECTION, reject_payment_proof
from kernel import clock
from kernel.vouchers import Vouched, vouch
from tests.backend.banking.test_importing_statements import PESOS, TODAY, bank, states
from tests.backend.payments.at_provider import told
from tests.backend.payments.conftest import bill, books, credit, finance, online
from tests.backend.payments.test_paying_first import expire, first, status
from tests.backend.shopper import BREAD, DELIVERY_FEE, KEY, code_of

__all__ = ["bank", "bill", "books", "credit", "finance", "first", "online"]

TOTAL = 620_000 + DELIVERY_FEE
MONEY = {"amount_minor": TOTAL, "currency": "COP"}


def voucher(shopper, looks="a", attachment="file-1", lifetime=timedelta(days=7)):
    return vouch(Vouched(attachment, shopper.id, looks * 64, "image/jpeg"), KEY, lifetime)


def send(shopper, number, looks="a", *, key=None, **said):
    body = {"voucher": voucher(shopper, looks)} | said
    return shopper.act("POST", f"/orders/{number}/payment-proofs", body, key=key)


@pytest.fixture
def number(ana):
    return ana.order((BREAD, "1"))["number"]


@pytest.fixture
def proof(ana, number):
    return send(ana, number, reference="trx 88213").json()["number"]


def approve(finance, proof, **given):
    return finance.post(f"/payment-proofs/{proof}/approval", given or MONEY)


def reject(finance, proof, reason="unreadable", note=None):
    return finance.post(f"/payment-proofs/{proof}/rejection", {"reason": reason, "note": note})


def waiting(finance):
    return [(each["number"], each["status"]) for each in finance.get("/payment-proofs?status=open")["proofs"]]


# ---- sending ---------------------------------------------------------------------------------------------------------


def test_a_proof_waits_for_finance_with_what_the_customer_says_and_pays_nothing(ana, number, finance, database, books):
    answer = send(ana, number, amount_minor=TOTAL, reference="trx 88213", paid_on="2026-11-25")

    assert (answer.status_code, answer.json()["number"], answer.json()["status"]) == (201, "CPB-10001", "open")
    [shown] = finance.get("/payment-proofs?status=open")["proofs"]
    assert (shown["order_number"], shown["amount"]["amount_minor"], shown["reference"], shown["paid_on"]) == (
        number, TOTAL, "TRX88213", "2026-11-25",
    )  # fmt: skip
    assert shown["picture"] == {
        "id": "file-1", "hash": "a" * 64, "type": "image/jpeg", "path": "/bot/api/attachments/file-1",
    }  # fmt: skip
    assert (shown["due"]["amount_minor"], shown["alike"], shown["customer_id"]) == (TOTAL, [], ana.id)
    [event] = told(database, "payment_proof.sent")
    assert event == {"number": number, "customer_id": ana.id, "proof": "CPB-10001"}
    assert (ana.get(f"/orders/{number}").json()["payment_status"], books()) == ("due", {})


def test_the_same_picture_waits_once_and_gains_what_is_said_later(ana, number, finance, count_rows):
    first_time = send(ana, number).json()
    again = send(ana, number, amount_minor=TOTAL).json()
    added = ana.act("POST", f"/payment-proofs/{again['number']}/details", {"reference": "88 213"}).json()

    assert first_time["number"] == again["number"] == added["number"]
    assert (added["amount"]["amount_minor"], added["reference"], count_rows(PaymentProof)) == (TOTAL, "88213", 1)


@pytest.mark.parametrize(
    "bad",
    [
        lambda ana, beto: voucher(beto),
        lambda ana, beto: "nothing",
        lambda ana, beto: vouch(Vouched("f", ana.id, "a" * 64, "image/jpeg"), "x" * 48, timedelta(days=7)),
    ],
    ids=["someone-else-s", "nonsense", "forged"],
)
def test_a_file_that_the_bot_does_not_vouch_for_is_no_proof(ana, beto, number, count_rows, bad):
    answer = ana.act("POST", f"/orders/{number}/payment-proofs", {"voucher": bad(ana, beto)})

    assert (code_of(answer), count_rows(PaymentProof)) == ((422, "voucher_refused"), 0)


# case 82
def test_nobody_sends_or_completes_a_proof_of_someone_else(ana, beto, number, proof, count_rows):
    assert code_of(send(beto, number)) == (404, "order_not_found")
    answer = beto.act("POST", f"/payment-proofs/{proof}/details", {"reference": "1234"})
    assert code_of(answer) == (404, "payment_proof_not_found")
    assert code_of(send(beto, "PED-99999")) == (404, "order_not_found")
    assert count_rows(PaymentProof) == 1


# ---- deciding --------------------------------------------------------------------------------------------------------


def test_an_approved_proof_is_a_payment_once(ana, number, proof, finance, database, books, count_rows):
    decided = approve(finance, proof)

    assert (decided.status_code, decided.json()["status"], decided.json()["payment"]) == (200, "approved", "PAG-10001")
    assert ana.get(f"/orders/{number}").json()["payment_status"] == "paid"
    assert books() == {chart.BANK: TOTAL, chart.ADVANCES: TOTAL}
    assert finance.get("/payments/PAG-10001")["reference"] == "TRX88213"
    assert (len(told(database, "payment.recorded")), len(told(database, "payment_proof.approved"))) == (1, 1)
    assert code_of(approve(finance, proof)) == (409, "payment_proof_decided")
    assert code_of(reject(finance, proof)) == (409, "payment_proof_decided")
    assert (count_rows(Payment), waiting(finance)) == (1, [])


def test_a_rejected_proof_says_why_and_another_may_be_sent(ana, number, proof, finance, database, books):
    answer = reject(finance, proof, "other", "Falta la segunda página.")

    assert (answer.status_code, answer.json()["status"], answer.json()["reason"]) == (200, "rejected", "other")
    [event] = told(database, "payment_proof.rejected")
    assert (event["reason"], event["note"], event["customer_id"]) == ("other", "Falta la segunda página.", ana.id)
    assert books() == {}
    details = ana.act("POST", f"/payment-proofs/{proof}/details", {"reference": "1234"})
    assert code_of(details) == (409, "payment_proof_decided")
    assert send(ana, number).json()["number"] == "CPB-10002"


@pytest.mark.parametrize(
    "given",
    [{}, {"amount_minor": TOTAL}, MONEY | {"payment": "PAG-10001"}, MONEY | {"amount_minor": 0}],
    ids=["nothing", "no-currency", "both", "zero"],
)
def test_an_approval_says_one_thing(proof, finance, count_rows, given):
    answer = finance.post(f"/payment-proofs/{proof}/approval", given)

    assert (code_of(answer), count_rows(Payment)) == ((422, "invalid_request"), 0)


def test_only_other_reasons_have_a_note(proof, finance):
    assert code_of(reject(finance, proof, "unreadable", "y feo")) == (422, "invalid_request")
    assert code_of(reject(finance, proof, "other")) == (422, "invalid_request")
    assert waiting(finance) == [(proof, "open")]


def test_money_of_another_currency_is_not_this_order_s(proof, finance, count_rows):
    answer = approve(finance, proof, amount_minor=TOTAL, currency="USD")

    assert (code_of(answer), count_rows(Payment)) == ((409, "payment_mismatch"), 0)


def test_more_than_is_due_is_taken_only_when_it_is_said_to_be_so(ana, proof, finance, books, count_rows):
    answer = approve(finance, proof, amount_minor=TOTAL + 1_000, currency="COP")
    assert (code_of(answer), answer.json()["params"]) == ((409, "payment_proof_exceeds_due"), {"due_minor": TOTAL})
    assert (count_rows(Payment), books()) == (0, {})

    assert approve(finance, proof, amount_minor=TOTAL + 1_000, currency="COP", may_exceed=True).status_code == 200
    assert finance.balance(ana.id) == 1_000


def test_a_proof_of_a_part_pays_that_part(ana, number, proof, finance):
    approve(finance, proof, amount_minor=TOTAL - 20_000, currency="COP")

    assert (ana.get(f"/orders/{number}").json()["payment_status"], finance.due(number)) == ("partly_paid", 20_000)


# ---- the bank's statement --------------------------------------------------------------------------------------------


def test_the_statement_that_comes_after_confirms_the_payment(proof, bank, finance, books, count_rows):
    approve(finance, proof)

    bank((TODAY, "TRANSFERENCIA", "TRX-88213", PESOS))

    assert states(finance) == {"TRANSFERENCIA": ("matched", "PAG-10001")}
    assert (count_rows(Payment), books()) == (1, {chart.BANK: TOTAL, chart.ADVANCES: TOTAL})


def test_a_statement_that_came_before_is_not_counted_again(ana, number, proof, bank, finance, books, count_rows):
    bank((TODAY, f"PSE PAGO {number}", "trx-88213", PESOS))

    assert code_of(approve(finance, proof)) == (409, "payment_proof_exceeds_due")
    decided = approve(finance, proof, payment="PAG-10001").json()

    assert (decided["status"], decided["payment"]) == ("approved", "PAG-10001")
    assert (count_rows(Payment), books()) == (1, {chart.BANK: TOTAL, chart.ADVANCES: TOTAL})


def test_a_payment_of_another_order_is_not_what_a_proof_shows(ana, proof, finance):
    other = ana.order((BREAD, "1"))["number"]
    finance.pay(other, TOTAL)

    assert code_of(approve(finance, proof, payment="PAG-10001")) == (404, "payment_not_found")
    assert waiting(finance) == [(proof, "open")]


# ---- the same picture again ------------------------------------------------------------------------------------------


def test_finance_sees_that_a_picture_was_sent_before_and_the_customer_does_not(ana, beto, number, proof, finance):
    theirs = beto.order((BREAD, "1"))["number"]
    approve(finance, proof)

    answer = send(beto, theirs)

    assert answer.json().keys() == {
        "number", "order_number", "status", "reason", "amount", "reference", "paid_on", "sent_at",
    }  # fmt: skip
    [shown] = finance.get("/payment-proofs?status=open")["proofs"]
    assert shown["alike"] == [
        {"kind": "proof", "number": proof, "order_number": number, "why": "same_picture", "status": "approved",
         "is_other_customer": True},
    ]  # fmt: skip


def test_finance_sees_what_has_the_same_reference(ana, number, proof, finance):
    other = ana.order((BREAD, "1"))["number"]
    finance.pay(other, TOTAL, reference="TRX 88213")
    send(ana, other, "b", reference="Trx88213")

    alike = finance.get(f"/payment-proofs/{proof}")["alike"]

    assert [(each["kind"], each["number"], each["why"], each["is_other_customer"]) for each in alike] == [
        ("proof", "CPB-10002", "same_reference", False),
        ("payment", "PAG-10001", "same_reference", False),
    ]


def test_pages_of_proofs_follow_each_other(ana, number, finance, monkeypatch):
    monkeypatch.setattr("backend.api.payment_proofs.PAGE", 2)
    for looks in "abc":
        send(ana, number, looks)

    page = finance.get("/payment-proofs")
    rest = finance.get(f"/payment-proofs?cursor={page['next_cursor']}")

    assert [each["number"] for each in page["proofs"]] == ["CPB-10001", "CPB-10002"]
    assert ([each["number"] for each in rest["proofs"]], rest["next_cursor"]) == (["CPB-10003"], None)


# ---- orders that wait to be paid -------------------------------------------------------------------------------------


def later(**given):
    return time_machine.travel(clock.now() + timedelta(**given), tick=False)


def test_an_order_whose_proof_waits_is_not_given_up(ana, first, online, finance):
    number = first("nequi")["number"]
    proof = send(ana, number).json()["number"]
    with later(hours=3):
        expire(online, number)
    assert status(ana, number)[0] == "on_hold"

    approve(finance, proof)

    assert status(ana, number)[:2] == ("confirmed", "paid")


def test_after_a_rejection_there_is_time_for_another(ana, first, online, database):
    number = first("nequi")["number"]
    proof = send(ana, number).json()["number"]
    with later(hours=3):
        with database.write() as session:
            reject_payment_proof(session, proof, "not_received", None, "staff:ana")
        expire(online, number)
    assert status(ana, number)[0] == "on_hold"

    with later(hours=3, seconds=TIME_AFTER_REJECTION.total_seconds() + 60):
        expire(online, number)

    assert ana.get(f"/orders/{number}").json()["status"] == "cancelled"
