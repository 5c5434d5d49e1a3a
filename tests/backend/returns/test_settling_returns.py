"""What a customer gets for what came back: credited to the unit, charged by policy, booked in one transaction."""

import pytest

from backend.invoicing.models import Invoice
from backend.ledger import chart
from tests.backend.returns.conftest import ask, asked
from tests.backend.shopper import BREAD, SODA, code_of

BREAD_PRICE = 620_000


def money(answer):
    return {name: answer[name]["amount_minor"] for name in ("credited", "charged", "given_back")}


def test_store_credit_is_the_customers_balance(ana, desk, finance, delivered, books):
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1), wish="store_credit")

    said = desk.resolved(rma, BREAD, 1)

    assert (said["status"], said["resolution"]) == ("resolved", "store_credit")
    assert money(said) == {"credited": BREAD_PRICE, "charged": 0, "given_back": BREAD_PRICE}
    assert finance.balance(ana.id) == BREAD_PRICE
    assert books()[chart.ADVANCES] == BREAD_PRICE
    assert finance.due(number) == 0


def test_a_refund_goes_back_to_the_payment_it_came_from(ana, desk, finance, delivered, books):
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1))

    said = desk.resolved(rma, BREAD, 1)

    assert money(said) == {"credited": BREAD_PRICE, "charged": 0, "given_back": BREAD_PRICE}
    assert finance.balance(ana.id) == 0
    assert books()[chart.SALES_RETURNED] == -590_476
    [refund] = finance.get("/refunds")["refunds"]
    assert (refund["amount"]["amount_minor"], refund["reason"]) == (BREAD_PRICE, rma)


def test_what_is_not_paid_is_owed_no_more_and_nothing_is_given_back(ana, desk, finance, delivered):
    number = delivered(ana, (BREAD, "2"))
    rma = asked(ana, number, (BREAD, 1))

    said = desk.resolved(rma, BREAD, 1)

    assert money(said) == {"credited": BREAD_PRICE, "charged": 0, "given_back": 0}
    assert finance.due(number) == BREAD_PRICE + 400_000


def test_the_parts_of_a_line_add_up_to_what_was_billed(ana, desk, finance, delivered, database):  # case 135
    number = delivered(ana, (SODA, "3"))
    total = 3 * 357_000 + 400_000
    finance.pay(number, total)

    for _ in range(3):
        desk.resolved(asked(ana, number, (SODA, 1, "damaged"), wish="store_credit"), SODA, 1)

    assert finance.balance(ana.id) == total
    with database.read() as session:
        documents = session.query(Invoice).order_by(Invoice.id).all()
        [invoice, *notes] = [(each.subtotal_minor, each.tax_minor, each.delivery_minor) for each in documents]
    assert [sum(column) for column in zip(*notes, strict=True)] == list(invoice)


def test_a_return_that_is_the_customers_doing_is_charged_for(ana, desk, finance, delivered):
    desk.policy(restocking_fee_percent=10, pickup_fee_minor=50_000, fee_tax_class="standard")
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    theirs = asked(ana, number, (BREAD, 1), wish="store_credit", way="pickup")
    ours = asked(ana, number, (BREAD, 1, "damaged"), wish="store_credit", way="pickup")

    assert money(desk.resolved(theirs, BREAD, 1)) == {
        "credited": BREAD_PRICE, "charged": 112_000, "given_back": 508_000,
    }  # fmt: skip
    assert money(desk.resolved(ours, BREAD, 1))["charged"] == 0
    assert finance.balance(ana.id) == 508_000 + BREAD_PRICE


def test_no_more_is_charged_than_is_credited(ana, desk, finance, delivered):
    desk.policy(restocking_fee_percent=100, pickup_fee_minor=50_000, fee_tax_class="standard")
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)

    said = desk.resolved(asked(ana, number, (BREAD, 1), wish="store_credit", way="pickup"), BREAD, 1)

    assert money(said) == {"credited": BREAD_PRICE, "charged": BREAD_PRICE, "given_back": 0}
    assert finance.balance(ana.id) == 0


def test_what_is_charged_for_goods_that_were_never_paid_is_taken_from_the_balance(ana, desk, finance, delivered):
    unpaid = delivered(ana, (BREAD, "2"))
    finance.pay(delivered(ana, (BREAD, "1")), BREAD_PRICE + 400_000 + 1_000_000)
    balance = finance.balance(ana.id)
    desk.policy(restocking_fee_percent=10, fee_tax_class="standard")

    said = desk.resolved(asked(ana, unpaid, (BREAD, 1)), BREAD, 1)

    assert money(said) == {"credited": BREAD_PRICE, "charged": 62_000, "given_back": 0}
    assert balance - finance.balance(ana.id) == 62_000


def test_what_the_balance_paid_goes_back_to_it(ana, desk, finance, delivered, december):
    first = delivered(ana, (BREAD, "1"))
    finance.pay(first, BREAD_PRICE + 400_000 + 1_500_000)
    second = delivered(ana, (BREAD, "1"))
    assert finance.balance(ana.id) == 1_500_000 - BREAD_PRICE - 400_000
    desk.policy(restocking_fee_percent=10, fee_tax_class="standard")

    said = desk.resolved(asked(ana, second, (BREAD, 1), wish="refund"), BREAD, 1)

    assert money(said) == {"credited": BREAD_PRICE, "charged": 62_000, "given_back": 558_000}
    # No payment is to be made, so none is promised.
    assert (said["refunded"]["amount_minor"], said["pay_by"]) == (0, None)
    assert finance.balance(ana.id) == 1_500_000 - 400_000 - 62_000


def test_small_claims_need_no_goods_back(ana, desk, finance, delivered, available):
    desk.policy(keep_goods_up_to_minor=700_000, accept_up_to_minor=700_000)
    number = delivered(ana, (BREAD, "3"))
    finance.pay(number, 3 * BREAD_PRICE + 400_000)

    said = ask(ana, number, (BREAD, 1, "damaged"), wish="store_credit").json()

    assert (said["status"], said["needs_goods"], said["given_back"]["amount_minor"]) == ("resolved", False, BREAD_PRICE)
    assert available(BREAD) == 7
    assert ask(ana, number, (BREAD, 1, "not_wanted")).json()["needs_goods"] is True


def test_what_finance_credited_before_is_not_credited_again(ana, desk, delivered, credit, count_rows):
    number = delivered(ana, (BREAD, "2"))
    credit("FV-1", (1, 1))
    rma = asked(ana, number, (BREAD, 2))
    desk.done(rma, "accept")
    desk.receive(rma, (BREAD, 2))
    desk.inspect(rma, (BREAD, 2, "restock"))

    answer = desk.step(rma, "resolve")

    assert code_of(answer) == (409, "too_much_to_credit")
    assert (desk.get(f"/returns/{rma}")["status"], count_rows(Invoice)) == ("inspected", 2)


def test_who_is_known_may_get_their_money_sooner(ana, beto, desk, delivered):
    sooner = {"when": "on_request", "up_to_minor": 700_000, "known_customers": True}
    desk.policy(refund_when=[sooner, {"when": "first_scan"}])

    def when(shopper, loaves, other_order):
        number = delivered(shopper, (BREAD, str(loaves)))
        if other_order:
            shopper.order((BREAD, "1"))
        return desk.get(f"/returns/{asked(shopper, number, (BREAD, loaves))}")["refund_when"]

    assert when(ana, 1, other_order=False) == "first_scan"
    assert when(beto, 1, other_order=True) == "on_request"
    assert when(beto, 2, other_order=True) == "first_scan"


@pytest.mark.parametrize(("when", "paid_at"), [("on_request", "accept"), ("first_scan", "send")])
def test_the_policy_says_when_the_money_goes(ana, desk, finance, delivered, when, paid_at):
    desk.policy(refund_when=[{"when": when, "up_to_minor": 700_000}, {"when": "inspection"}])
    number = delivered(ana, (BREAD, "3"))
    finance.pay(number, 3 * BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1), wish="store_credit")

    for step in ("accept", "send"):
        said = desk.done(rma, step)
        assert (said["settled_at"] is not None) == (step == "send" or paid_at == "accept")
    assert code_of(ana.act("POST", f"/returns/{rma}/cancel", {})) == (409, "return_settled")
    desk.receive(rma, (BREAD, 1))
    desk.inspect(rma, (BREAD, 1, "scrap"))
    assert code_of(desk.step(rma, "resolve", how="none")) == (409, "return_settled")
    desk.done(rma, "resolve")

    assert finance.balance(ana.id) == BREAD_PRICE
    assert desk.get(f"/returns/{asked(ana, number, (BREAD, 2))}")["refund_when"] == "inspection"


def test_a_return_is_resolved_once(ana, desk, finance, delivered):  # case 71
    number = delivered(ana, (BREAD, "1"))
    finance.pay(number, BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1), wish="store_credit")
    desk.resolved(rma, BREAD, 1)

    assert code_of(desk.step(rma, "resolve")) == (409, "return_step_illegal")

    assert finance.balance(ana.id) == BREAD_PRICE


def test_someone_may_decide_that_nothing_is_given(ana, desk, finance, delivered, count_rows):
    number = delivered(ana, (BREAD, "1"))
    finance.pay(number, BREAD_PRICE + 400_000)

    said = desk.resolved(asked(ana, number, (BREAD, 1)), BREAD, 1, "scrap", how="none")

    assert (said["resolution"], money(said)) == ("none", {"credited": 0, "charged": 0, "given_back": 0})
    assert count_rows(Invoice) == 1
