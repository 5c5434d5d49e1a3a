"""What a customer gets for what came back: credited to the unit, charged by policy, booked in one transaction."""

from backend.invoicing.models import Invoice
from tests.backend.returns.conftest import asked
from tests.backend.shopper import BREAD, SODA, code_of

BREAD_PRICE = 620_000


def money(answer):
    return {name: answer[name]["amount_minor"] for name in ("credited", "charged", "given_back")}


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

    with database.read() as session:
        documents = session.query(Invoice).order_by(Invoice.id).all()
        [invoice, *notes] = [(each.subtotal_minor, each.tax_minor, each.delivery_minor) for each in documents]
    assert [sum(column) for column in zip(*notes, strict=True)] == list(invoice)


def test_a_return_that_is_the_customers_doing_is_charged_for(ana, desk, delivered):
    desk.policy(restocking_fee_percent=10, pickup_fee_minor=50_000, fee_tax_class="standard")
    number = delivered(ana, (BREAD, "2"))
    theirs = asked(ana, number, (BREAD, 1), wish="store_credit", way="pickup")
    ours = asked(ana, number, (BREAD, 1, "damaged"), wish="store_credit", way="pickup")

    assert money(desk.resolved(theirs, BREAD, 1)) == {
        "credited": BREAD_PRICE, "charged": 112_000, "given_back": 0,
    }  # fmt: skip
    assert money(desk.resolved(ours, BREAD, 1))["charged"] == 0


def test_a_return_is_resolved_once(ana, desk, finance, delivered):  # case 71
    number = delivered(ana, (BREAD, "1"))
    finance.pay(number, BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1), wish="store_credit")
    desk.resolved(rma, BREAD, 1)

    assert code_of(desk.step(rma, "resolve")) == (409, "return_step_illegal")


def test_someone_may_decide_that_nothing_is_given(ana, desk, finance, delivered, count_rows):
    number = delivered(ana, (BREAD, "1"))
    finance.pay(number, BREAD_PRICE + 400_000)

    said = desk.resolved(asked(ana, number, (BREAD, 1)), BREAD, 1, "scrap", how="none")

    assert (said["resolution"], money(said)) == ("none", {"credited": 0, "charged": 0, "given_back": 0})
    assert count_rows(Invoice) == 1
