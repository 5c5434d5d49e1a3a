"""Something else, the same again, or a parcel that came back: what goes out for what comes in."""

from sqlalchemy import select

from backend.events import Event
from backend.ledger import chart
from tests.backend.returns.conftest import arrive, ask, asked
from tests.backend.shopper import BREAD, MILK, SODA, code_of

BREAD_PRICE, MILK_PRICE, SODA_PRICE = 620_000, 450_000, 357_000
SODAS = [{"sku": SODA, "quantity": "2"}]


def fact_of(database, kind):
    """What the latest event of a kind says."""
    with database.read() as session:
        return session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id.desc())).first().payload


def order_of(shopper, number):
    return shopper.get(f"/orders/{number}").json()


def test_what_is_wanted_instead_is_reserved_at_once_and_sent_when_it_is_settled(ana, desk, delivered, available):
    rma = asked(ana, delivered(ana, (BREAD, "2")), (BREAD, 1), wish="exchange", exchange_for=SODAS)
    assert available(SODA) == 10

    exchange = desk.done(rma, "accept")["exchange_order"]

    order = order_of(ana, exchange)
    assert (order["status"], order["total"]["amount_minor"], available(SODA)) == ("placed", 2 * SODA_PRICE, 8)
    assert order["delivery_fee"]["amount_minor"] == 0
    desk.receive(rma, (BREAD, 1))
    desk.inspect(rma, (BREAD, 1, "restock"))
    assert desk.done(rma, "resolve")["resolution"] == "exchange"
    assert order_of(ana, exchange)["status"] == "confirmed"


def test_what_it_costs_more_is_due_when_it_leaves(ana, desk, finance, delivered, warehouse):
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1), wish="exchange", exchange_for=SODAS)

    exchange = desk.resolved(rma, BREAD, 1)["exchange_order"]
    warehouse.ship_all(f"{exchange}-1")

    assert finance.due(exchange) == 2 * SODA_PRICE - BREAD_PRICE
    assert finance.balance(ana.id) == 0


ONE_SODA = [{"sku": SODA, "quantity": "1"}]


def test_what_it_costs_less_goes_back_to_how_it_was_paid(ana, desk, finance, delivered, warehouse, database):
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1), wish="exchange", exchange_for=ONE_SODA)

    said = desk.resolved(rma, BREAD, 1)
    warehouse.ship_all(f"{said['exchange_order']}-1")

    less = BREAD_PRICE - SODA_PRICE
    assert (said["given_back"]["amount_minor"], said["refunded"]["amount_minor"]) == (BREAD_PRICE, less)
    [refund] = finance.get("/refunds")["refunds"]
    assert (refund["amount"]["amount_minor"], refund["reason"]) == (less, rma)
    assert (finance.due(said["exchange_order"]), finance.balance(ana.id)) == (0, 0)
    told = fact_of(database, "return.resolved")
    assert (told["refunded"]["amount_minor"], told["kept"]["amount_minor"], told["costs_more"]["amount_minor"]) == (
        less, 0, 0,
    )  # fmt: skip
    assert told["pay_by"] == said["pay_by"]


def test_or_stays_theirs_if_they_want_it_so(ana, desk, finance, delivered, warehouse, database):
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    wish = {"wish": "exchange", "exchange_for": ONE_SODA, "difference_as": "store_credit"}
    rma = asked(ana, number, (BREAD, 1), **wish)

    said = desk.resolved(rma, BREAD, 1)
    warehouse.ship_all(f"{said['exchange_order']}-1")

    less = BREAD_PRICE - SODA_PRICE
    assert (finance.due(said["exchange_order"]), finance.balance(ana.id)) == (0, less)
    assert (said["refunded"]["amount_minor"], finance.get("/refunds")["refunds"]) == (0, [])
    assert fact_of(database, "return.resolved")["kept"]["amount_minor"] == less


def test_of_an_exchange_its_customer_cancelled_all_goes_back(ana, desk, finance, delivered):
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1), wish="exchange", exchange_for=SODAS)
    exchange = desk.done(rma, "accept")["exchange_order"]
    assert ana.act("POST", f"/orders/{exchange}/cancel", {}).status_code == 200
    desk.receive(rma, (BREAD, 1))
    desk.inspect(rma, (BREAD, 1, "restock"))

    said = desk.done(rma, "resolve")

    assert (said["refunded"]["amount_minor"], finance.balance(ana.id)) == (BREAD_PRICE, 0)


def test_what_nobody_paid_yet_is_not_given_back(ana, desk, finance, delivered, database):
    rma = asked(ana, delivered(ana, (BREAD, "2")), (BREAD, 1), wish="exchange", exchange_for=ONE_SODA)

    said = desk.resolved(rma, BREAD, 1)

    assert (said["given_back"]["amount_minor"], said["refunded"]["amount_minor"]) == (0, 0)
    assert finance.get("/refunds")["refunds"] == []


def test_the_same_again_costs_nothing(ana, desk, finance, delivered, warehouse, books):
    number = delivered(ana, (BREAD, "2"))
    finance.pay(number, 2 * BREAD_PRICE + 400_000)
    rma = asked(ana, number, (BREAD, 1, "damaged"), wish="replacement")

    exchange = desk.resolved(rma, BREAD, 1, "scrap")["exchange_order"]
    warehouse.ship_all(f"{exchange}-1")

    assert (finance.due(exchange), finance.balance(ana.id)) == (0, 0)
    assert books().get(chart.RECEIVABLE, 0) == 0


def test_an_exchange_that_cannot_be_had_is_refused_when_it_is_accepted(ana, desk, delivered):
    number = delivered(ana, (BREAD, "2"))
    rma = asked(ana, number, (BREAD, 1), wish="exchange", exchange_for=[{"sku": SODA, "quantity": "11"}])

    assert code_of(desk.step(rma, "accept")) == (409, "out_of_stock")
    assert desk.get(f"/returns/{rma}")["status"] == "requested"


def test_an_exchange_says_what_for_and_only_what_there_is(ana, delivered):
    number = delivered(ana, (BREAD, "2"))

    assert code_of(ask(ana, number, (BREAD, 1), wish="exchange")) == (422, "exchange_missing")
    assert code_of(ask(ana, number, (BREAD, 1), exchange_for=SODAS)) == (422, "exchange_missing")
    unknown = [{"sku": "SAL", "quantity": "1"}]
    assert code_of(ask(ana, number, (BREAD, 1), wish="exchange", exchange_for=unknown)) == (404, "unknown_sku")


def test_a_cancelled_return_gives_up_its_exchange(ana, desk, delivered, available):
    rma = asked(ana, delivered(ana, (BREAD, "2")), (BREAD, 1), wish="exchange", exchange_for=SODAS)
    exchange = desk.done(rma, "accept")["exchange_order"]

    assert ana.act("POST", f"/returns/{rma}/cancel", {}).json()["status"] == "cancelled"

    assert (order_of(ana, exchange)["status"], available(SODA)) == ("cancelled", 10)


def bounced(shopper, warehouse, desk, *wishes):
    number = shopper.order(*wishes)["number"]
    warehouse.ship_all(f"{number}-1")
    arrive(warehouse, number, "returned_to_origin")
    [rma] = desk.get("/returns")["returns"]
    return number, rma["number"]


def test_a_parcel_that_comes_back_is_a_return_of_its_own(ana, warehouse, desk, available):
    number, rma = bounced(ana, warehouse, desk, (MILK, "3"))

    said = ana.get(f"/returns/{rma}").json()

    assert (said["kind"], said["status"], said["wish"], said["order_number"]) == ("bounced", "in_transit", None, number)
    desk.receive(rma, (MILK, 3))
    desk.inspect(rma, (MILK, 2, "restock"), (MILK, 1, "scrap"))
    assert available(MILK) == 9


def test_its_customer_may_have_it_sent_again(ana, warehouse, desk, finance):
    number, rma = bounced(ana, warehouse, desk, (MILK, "3"))
    assert ana.act("POST", f"/returns/{rma}/wish", {"wish": "replacement"}).json()["wish"] == "replacement"
    desk.receive(rma, (MILK, 3))
    desk.inspect(rma, (MILK, 3, "restock"))

    again = desk.done(rma, "resolve")["exchange_order"]

    assert (order_of(ana, number)["status"], order_of(ana, again)["status"]) == ("closed", "confirmed")
    assert finance.due(number) == 0
    assert finance.due(again) == 3 * MILK_PRICE


def test_or_have_all_of_it_back_with_the_delivery(ana, warehouse, desk, finance):
    number, rma = bounced(ana, warehouse, desk, (MILK, "3"))
    finance.pay(number, 3 * MILK_PRICE + 400_000)
    ana.act("POST", f"/returns/{rma}/wish", {"wish": "store_credit"})
    desk.receive(rma, (MILK, 3))
    desk.inspect(rma, (MILK, 3, "restock"))
    assert order_of(ana, number)["status"] == "confirmed"

    desk.done(rma, "resolve")

    assert order_of(ana, number)["status"] == "closed"
    assert finance.balance(ana.id) == 3 * MILK_PRICE + 400_000
    assert code_of(ana.act("POST", f"/returns/{rma}/wish", {"wish": "refund"})) == (409, "return_settled")


def test_only_a_parcel_that_came_back_is_chosen_for(ana, desk, delivered):
    rma = asked(ana, delivered(ana, (MILK, "1")), (MILK, 1))
    desk.done(rma, "accept")

    for step in (None, "send"):
        if step:
            assert desk.done(rma, step)["status"] == "in_transit"
        answer = ana.act("POST", f"/returns/{rma}/wish", {"wish": "store_credit"})
        assert code_of(answer) == (409, "return_step_illegal")
