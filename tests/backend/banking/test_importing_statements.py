"""A statement finds its payments by itself where it can, and a person says the rest."""

from datetime import timedelta

import pytest

from backend.banking.models import BankLine, BankStatement
from backend.ledger import chart
from backend.payments.models import Payment
from kernel.clock import now
from tests.backend.payments.conftest import bill, books, credit, finance
from tests.backend.shopper import BREAD, DELIVERY_FEE, code_of

__all__ = ["bill", "books", "credit", "finance"]

TOTAL = 620_000 + DELIVERY_FEE
PESOS = f"{TOTAL // 100}.00"
FORMAT = {"date": "fecha", "description": "detalle", "amount": "valor", "reference": "ref"}
TODAY = (now() - timedelta(hours=5)).date()


@pytest.fixture
def number(ana):
    return ana.order((BREAD, "1"))["number"]


@pytest.fixture
def bank(finance, market):
    answer = finance.post("/bank/accounts/corriente", {"name": "Corriente", "csv_format": FORMAT}, method="PUT")
    assert answer.status_code == 200, answer.text

    def send(*rows, name="nov.csv"):
        lines = "".join(f"{day},{text},{ref},{amount}\n" for day, text, ref, amount in rows)
        content = "fecha,detalle,ref,valor\n" + lines
        return finance.post("/bank/statements", {"account": "corriente", "file_name": name, "content": content})

    return send


def states(finance):
    return {line["description"]: (line["state"], line["payment"]) for line in finance.get("/bank/lines")["lines"]}


def test_a_line_that_names_an_order_and_brings_what_is_due_pays_it(ana, number, bank, finance, books):
    answer = bank((TODAY, f"PSE PAGO {number}", "", PESOS), (TODAY, "CUOTA MANEJO", "", "-12000"))

    assert (answer.status_code, answer.json()["lines"], answer.json()["matched"]) == (201, 2, 1)
    assert states(finance) == {f"PSE PAGO {number}": ("matched", "PAG-10001"), "CUOTA MANEJO": ("open", None)}
    assert ana.get(f"/orders/{number}").json()["payment_status"] == "paid"
    assert books() == {chart.BANK: TOTAL, chart.ADVANCES: TOTAL}


def test_a_line_confirms_the_payment_whose_reference_it_names(number, bank, finance, count_rows, books):
    finance.pay(number, TOTAL, reference="TRX-88213")

    bank((TODAY, "TRANSFERENCIA", "trx 88213", PESOS))

    assert states(finance) == {"TRANSFERENCIA": ("matched", "PAG-10001")}
    assert (count_rows(Payment), books()[chart.BANK]) == (1, TOTAL)


def test_without_a_name_the_only_payment_of_that_amount_and_day_fits(number, bank, finance, count_rows):
    finance.pay(number, TOTAL)

    bank((TODAY, "TRANSFERENCIA", "", PESOS), (TODAY - timedelta(days=9), "VIEJA", "", PESOS))

    assert states(finance) == {"TRANSFERENCIA": ("matched", "PAG-10001"), "VIEJA": ("open", None)}
    assert count_rows(Payment) == 1


def test_a_payment_with_a_reference_of_its_own_is_not_guessed(number, bank, finance):
    finance.pay(number, TOTAL, reference="TRX-88213")

    bank((TODAY, "TRANSFERENCIA", "otra 77777", PESOS))

    assert states(finance) == {"TRANSFERENCIA": ("open", None)}


def test_the_bank_confirms_a_payment_once_and_at_its_amount(ana, beto, bank, finance):
    for shopper in (ana, beto):
        finance.pay(shopper.order((BREAD, "1"))["number"], TOTAL)
    bank((TODAY, "UNA", "", PESOS), (TODAY, "OTRA", "", PESOS), (TODAY, "MENOS", "", "2000"))
    lines = {line["description"]: line["id"] for line in finance.get("/bank/lines?state=open")["lines"]}

    def match(line, payment):
        return finance.post(f"/bank/lines/{lines[line]}/match", {"payment": payment})

    assert match("UNA", "PAG-10001").status_code == 200
    assert code_of(match("OTRA", "PAG-10001")) == (409, "bank_line_ended")
    assert code_of(match("MENOS", "PAG-10002")) == (409, "bank_line_differs")
    assert states(finance) == {"UNA": ("matched", "PAG-10001"), "OTRA": ("open", None), "MENOS": ("open", None)}


def test_of_two_that_fit_a_person_chooses(ana, beto, bank, finance):
    for shopper in (ana, beto):
        finance.pay(shopper.order((BREAD, "1"))["number"], TOTAL)

    bank((TODAY, "TRANSFERENCIA", "", PESOS))
    [line] = finance.get("/bank/lines?state=open")["lines"]
    chosen = finance.post(f"/bank/lines/{line['id']}/match", {"payment": "PAG-10002"})

    assert (chosen.status_code, chosen.json()["payment"]) == (200, "PAG-10002")
    again = finance.post(f"/bank/lines/{line['id']}/match", {"payment": "PAG-10001"})
    assert code_of(again) == (409, "bank_line_ended")


def test_a_line_of_another_amount_waits_and_a_person_says_what_it_pays(ana, number, bank, finance):
    bank((TODAY, f"PAGO {number}", "", "2000"))
    [line] = finance.get("/bank/lines?state=open")["lines"]

    paid = finance.post(f"/bank/lines/{line['id']}/match", {"order": number})

    assert (paid.status_code, paid.json()["state"]) == (200, "matched")
    assert finance.due(number) == TOTAL - 200_000


def test_a_line_that_went_out_pays_nothing(number, bank, finance, count_rows):
    bank((TODAY, f"DEVOLUCION {number}", "", f"-{PESOS}"))
    [line] = finance.get("/bank/lines")["lines"]

    assert code_of(finance.post(f"/bank/lines/{line['id']}/match", {"order": number})) == (409, "bank_line_differs")
    ignored = finance.post(f"/bank/lines/{line['id']}/ignore", {"note": "Traslado entre cuentas"})
    assert (ignored.status_code, ignored.json()["state"]) == (200, "ignored")
    assert count_rows(Payment) == 0


def test_the_same_file_is_imported_once_and_overlapping_ones_bring_each_movement_once(
    number, bank, finance, count_rows
):
    first = bank((TODAY, "UNO", "", "1"), (TODAY, f"PAGO {number}", "", PESOS))
    again = bank((TODAY, "UNO", "", "1"), (TODAY, f"PAGO {number}", "", PESOS))
    later = bank((TODAY, f"PAGO {number}", "", PESOS), (TODAY, "DOS", "", "2"), name="dic.csv")

    assert first.json()["id"] == again.json()["id"]
    assert (later.json()["lines"], later.json()["known"]) == (2, 1)
    assert (count_rows(BankStatement), count_rows(BankLine), count_rows(Payment)) == (2, 3, 1)


def test_of_a_file_that_cannot_be_read_nothing_is_imported(number, bank, count_rows):
    answer = bank((TODAY, f"PAGO {number}", "", PESOS), (TODAY, "ROTA", "", "1.2.3"))

    assert code_of(answer) == (422, "statement_unreadable")
    assert answer.json()["params"] == {"row": 3, "column": "valor", "value": "1.2.3"}
    assert [count_rows(model) for model in (BankStatement, BankLine, Payment)] == [0, 0, 0]


def test_a_large_statement_is_read_and_a_larger_one_refused(bank):
    rows = [(TODAY, f"PAGO DE UN CLIENTE QUE ESCRIBE MUCHO {at}", "", str(at)) for at in range(1, 2_000)]

    assert bank(*rows).json()["lines"] == 1_999
    assert bank(*rows * 30).status_code in (413, 422)


@pytest.mark.parametrize("wrong", [{}, {"payment": "PAG-1", "order": "PED-1"}])
def test_a_line_is_matched_with_one_thing(bank, finance, wrong):
    bank((TODAY, "UNO", "", "1"))
    [line] = finance.get("/bank/lines")["lines"]

    assert code_of(finance.post(f"/bank/lines/{line['id']}/match", wrong)) == (422, "invalid_request")
