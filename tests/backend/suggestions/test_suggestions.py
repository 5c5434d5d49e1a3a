"""What goes well with a cart: one offer, never what was declined, is not to be had or is there already."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from backend.carts import service as carts
from backend.carts.models import Cart, CartLine
from backend.catalog.models import Variant
from backend.inventory import service as inventory
from backend.orders.models import OrderLine, OrderLineEnd
from backend.suggestions import service as suggestions
from backend.suggestions.models import Offer, Pair
from backend.workflows.count_bought_together import count_bought_together
from backend.workflows.offer_suggestion import offer_suggestion
from kernel import clock
from kernel.ids import new_id
from tests.backend.shopper import BREAD, MILK, SODA, TOMATO, Shopper, add_customer, code_of


@pytest.fixture(autouse=True)
def nobody_is_held_out(monkeypatch):
    """The customers of tests have random ids: whether one is held out is said by the test."""
    monkeypatch.setattr(suggestions, "is_held_out", lambda customer_id: False)


@pytest.fixture
def curate(database, market):
    def say(*pairs):
        with database.write() as session:
            for sku, suggested_sku, score in pairs:
                suggestions.curate(session, sku, suggested_sku, score)

    return say


def suggest(shopper):
    answer = shopper.act("POST", "/suggestions")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_the_best_curated_pair_is_offered_at_its_usual_unit(ana, curate, count_rows):
    curate((MILK, BREAD, 10), (MILK, TOMATO, 20))
    ana.add(MILK)

    offered = suggest(ana)

    assert offered == {
        "id": offered["id"],
        "sku": TOMATO,
        "names": {"es": "Tomate chonto", "en": "Tomate chonto"},
        "because": MILK,
        "unit": "libra",
        "unit_name": {"es": "libra", "en": "pound"},
        "price": {"amount_minor": 220_000, "currency": "COP"},
    }
    assert suggest(ana) == offered
    assert count_rows(Offer) == 1


def test_an_empty_cart_and_a_cart_without_a_pair_are_offered_nothing(ana, curate, count_rows):
    curate((MILK, BREAD, 10))

    assert suggest(ana) is None
    ana.add(SODA)
    assert suggest(ana) is None
    assert count_rows(Offer) == 0


def test_what_is_in_the_cart_or_cannot_be_had_gives_way_to_the_next_best(ana, beto, curate):
    curate((MILK, BREAD, 30), (MILK, TOMATO, 20), (MILK, SODA, 10))
    beto.order((TOMATO, "9.5"))
    ana.add(MILK)
    ana.add(BREAD)

    assert suggest(ana)["sku"] == SODA, "the half libra of tomatoes that is left is no usual unit"


def test_an_accepted_offer_adds_one_usual_unit_once(ana, curate):
    curate((MILK, TOMATO, 20))
    ana.add(MILK)
    offered = suggest(ana)

    first = ana.act("POST", f"/suggestions/{offered['id']}/accept")
    again = ana.act("POST", f"/suggestions/{offered['id']}/accept")

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json() == ana.cart()
    assert [(line["sku"], line["base_quantity"]) for line in ana.cart()["lines"]] == [(MILK, 1), (TOMATO, 500)]
    assert suggest(ana) is None
    assert code_of(ana.act("POST", f"/suggestions/{offered['id']}/decline")) == (409, "suggestion_over")


def test_what_was_declined_is_never_offered_again(ana, curate):
    curate((MILK, BREAD, 20), (MILK, SODA, 10))
    ana.add(MILK)
    offered = suggest(ana)

    declined = ana.act("POST", f"/suggestions/{offered['id']}/decline")
    assert (offered["sku"], declined.status_code) == (BREAD, 200)
    assert suggest(ana) is None, "one offer a cart"
    assert code_of(ana.act("POST", f"/suggestions/{offered['id']}/accept")) == (409, "suggestion_over")
    ana.order((MILK, "1"))

    ana.add(MILK)
    assert suggest(ana)["sku"] == SODA


def test_an_offer_that_is_sold_out_meanwhile_is_refused_and_not_counted_as_accepted(ana, beto, curate, database):
    curate((MILK, BREAD, 20))
    ana.add(MILK)
    offered = suggest(ana)
    beto.order((BREAD, "10"))

    refused = ana.act("POST", f"/suggestions/{offered['id']}/accept")

    assert code_of(refused) == (409, "out_of_stock")
    assert suggest(ana) is None
    assert [line["sku"] for line in ana.cart()["lines"]] == [MILK]
    with database.read() as session:
        assert session.scalars(select(Offer.outcome)).all() == ["offered"]


def test_an_offer_of_a_cart_that_became_an_order_is_over(ana, curate):
    curate((MILK, BREAD, 20))
    ana.add(MILK)
    offered = suggest(ana)
    ana.order((MILK, "1"))

    assert code_of(ana.act("POST", f"/suggestions/{offered['id']}/accept")) == (409, "suggestion_over")
    assert ana.cart()["lines"] == []


def test_someone_elses_suggestion_is_as_unknown_as_none(ana, beto, curate):
    curate((MILK, BREAD, 20))
    ana.add(MILK)
    offered = suggest(ana)

    for suggestion_id in (offered["id"], "nothing"):
        for answer in ("accept", "decline"):
            refused = beto.act("POST", f"/suggestions/{suggestion_id}/{answer}")
            assert code_of(refused) == (404, "suggestion_not_found")


def test_who_is_held_out_is_offered_nothing_but_it_is_noted(ana, curate, database, monkeypatch):
    monkeypatch.setattr(suggestions, "is_held_out", lambda customer_id: customer_id == ana.id)
    curate((MILK, BREAD, 20))
    ana.add(MILK)

    assert suggest(ana) is None
    assert suggest(ana) is None

    with database.read() as session:
        withheld = session.scalars(select(Offer)).one()
    assert (withheld.customer_id, withheld.suggested_sku, withheld.outcome) == (ana.id, BREAD, "withheld")
    assert code_of(ana.act("POST", f"/suggestions/{withheld.id}/accept")) == (404, "suggestion_not_found")


def test_a_stable_tenth_of_customers_is_held_out(monkeypatch):
    monkeypatch.undo()
    ids = [f"customer-{number}" for number in range(10_000)]

    held_out = [customer_id for customer_id in ids if suggestions.is_held_out(customer_id)]

    assert len(held_out) == 932
    assert held_out == [customer_id for customer_id in ids if suggestions.is_held_out(customer_id)]


def test_what_is_bought_together_twice_is_a_pair_and_cancelled_orders_do_not_count(ana, beto, database, count_rows):
    for shopper in (ana, beto):
        shopper.order((MILK, "1"), (BREAD, "1"))
    ana.order((MILK, "1"), (SODA, "1"))
    cancelled = beto.order((MILK, "1"), (SODA, "1"))
    beto.act("POST", f"/orders/{cancelled['number']}/cancel", {})

    for _ in range(2):
        with database.write() as session:
            assert count_bought_together(session) == 2

    with database.read() as session:
        pairs = {(pair.sku, pair.suggested_sku, pair.source, pair.score) for pair in session.scalars(select(Pair))}
    assert pairs == {(MILK, BREAD, "bought_together", 2), (BREAD, MILK, "bought_together", 2)}


def test_a_line_that_was_changed_away_does_not_count(ana, beto, database):
    for shopper in (ana, beto):
        shopper.order((MILK, "1"), (BREAD, "1"))
    with database.write() as session:
        assert count_bought_together(session) == 2
        gone = session.scalars(select(OrderLine.id).where(OrderLine.sku == BREAD).limit(1)).one()
        session.add(OrderLineEnd(order_line_id=gone, version=2, reason="dropped", who="system", ended_at=clock.now()))
        session.flush()
        assert count_bought_together(session) == 0
        session.rollback()


def test_curated_pairs_come_before_what_is_bought_together(ana, beto, curate, database):
    for shopper in (ana, beto):
        shopper.order((MILK, "1"), (BREAD, "1"))
    with database.write() as session:
        count_bought_together(session)
    ana.add(MILK)
    assert suggest(ana)["sku"] == BREAD

    curate((MILK, SODA, 1))
    beto.add(MILK)
    assert suggest(beto)["sku"] == SODA


def test_the_report_sets_what_was_offered_beside_what_was_withheld(
    new_shopper, curate, http, staff, monkeypatch, market, database
):
    """Four are offered bread: one accepts, one declines, one buys it anyway, one buys nothing. Two are held out."""
    accepts, declines, anyway, _leaves, buys_bread, buys_none = shoppers = [new_shopper() for _ in range(6)]
    held_out = {buys_bread.id, buys_none.id}
    monkeypatch.setattr(suggestions, "is_held_out", lambda customer_id: customer_id in held_out)
    curate((MILK, BREAD, 20))
    offers = {}
    for shopper in shoppers:
        shopper.add(MILK)
        offers[shopper.id] = suggest(shopper)
    accepts.act("POST", f"/suggestions/{offers[accepts.id]['id']}/accept")
    declines.act("POST", f"/suggestions/{offers[declines.id]['id']}/decline")
    for shopper, wishes in (
        (accepts, ()),
        (declines, ()),
        (anyway, ((BREAD, "2"),)),
        (buys_bread, ((BREAD, "1"),)),
        (buys_none, ()),
    ):
        shopper.order(*wishes)
    undone = anyway.order((BREAD, "1"))
    anyway.act("POST", f"/orders/{undone['number']}/cancel", {})

    report = http.request("GET", "/staff/suggestions/report", headers=staff).json()

    assert report["offered"] == {
        "offers": 4, "accepted": 1, "declined": 1, "orders": 3, "bought": 2, "attach_rate": "0.6667",
    }  # fmt: skip
    assert report["withheld"] == {
        "offers": 2, "accepted": 0, "declined": 0, "orders": 2, "bought": 1, "attach_rate": "0.5000",
    }  # fmt: skip


def test_staff_curate_and_withdraw_pairs(http, staff, market):
    def act(method, path, body, key):
        return http.request(method, path, json=body, headers=staff | {"Idempotency-Key": key})

    path = f"/staff/suggestions/{MILK}/{BREAD}"
    pair = {"sku": MILK, "suggested_sku": BREAD, "source": "curated", "score": 30}
    assert act("PUT", path, {"score": 10}, "1").json()["score"] == 10
    assert act("PUT", path, {"score": 30}, "2").json() == pair
    assert http.request("GET", f"/staff/suggestions?sku={MILK}", headers=staff).json() == [pair]
    assert act("DELETE", path, None, "3").json() == pair
    assert code_of(act("DELETE", path, None, "4")) == (404, "pair_not_found")
    assert code_of(act("PUT", f"/staff/suggestions/{MILK}/{MILK}", {}, "5")) == (422, "pair_invalid")
    assert code_of(act("PUT", f"/staff/suggestions/{MILK}/NADA", {}, "6")) == (404, "unknown_sku")
    assert code_of(act("PUT", path, {"score": 0}, "7")) == (422, "invalid_request")
    assert http.request("GET", "/staff/suggestions", headers=staff).json() == []


GOODS = (MILK, BREAD, SODA, TOMATO)
USUAL = {MILK: 1, BREAD: 1, SODA: 1, TOMATO: 500}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(
        st.tuples(st.sampled_from(GOODS), st.sampled_from(GOODS), st.integers(1, 3)).filter(lambda p: p[0] != p[1]),
        max_size=8,
    ),
    in_cart=st.sets(st.sampled_from(GOODS), min_size=1),
    stock=st.fixed_dictionaries({sku: st.sampled_from([0, 1, 499, 500]) for sku in GOODS}),
    sold=st.fixed_dictionaries({sku: st.booleans() for sku in GOODS}),
    declined=st.sets(st.sampled_from(GOODS)),
)
def test_never_a_declined_absent_unsold_or_present_product(
    database, http, market, pairs, in_cart, stock, sold, declined
):
    """Each example is undone at its end."""
    with database.write() as session:
        customer = Shopper(http, add_customer(session)).id
        for sku in GOODS:
            free = inventory.available(session, [sku])[sku]
            if stock[sku] != free:
                inventory.adjust(session, sku, market.centro, stock[sku] - free, note="an example")
        for sku, suggested_sku, score in pairs:
            suggestions.curate(session, sku, suggested_sku, score)
        _once_declined(session, customer, declined)
        cart = _cart_of(session, customer, in_cart)
        session.execute(update(Variant).values(is_sold=True))
        for sku in GOODS:
            session.execute(update(Variant).where(Variant.sku == sku).values(is_sold=sold[sku]))

        offered = offer_suggestion(session, customer)

        fit = {
            other
            for sku, other, _ in pairs
            if sku in in_cart and other not in in_cart | declined and sold[other] and stock[other] >= USUAL[other]
        }
        assert (offered is None) == (not fit)
        if offered is not None:
            assert offered.suggested.sku in fit
            scores = {(sku, other): score for sku, other, score in pairs}  # the last one said counts
            best = max(score for (sku, other), score in scores.items() if sku in in_cart and other in fit)
            assert best == scores[offered.sku, offered.suggested.sku]
        assert cart is not None
        session.rollback()


def _cart_of(session, customer, skus):
    cart = carts.open_for_change(session, customer)
    for position, sku in enumerate(sorted(skus)):
        session.add(CartLine(cart_id=cart.id, sku=sku, unit="unidad", position=position, factor=1, base_quantity=1))
    session.flush()
    return cart.id


def _once_declined(session, customer, skus):
    for sku in sorted(skus):
        old = Cart(id=new_id(), customer_id=customer, status="ordered", version=1, changed_at=clock.now())
        session.add(old)
        session.flush()
        session.add(
            Offer(
                customer_id=customer,
                cart_id=old.id,
                sku=next(other for other in GOODS if other != sku),
                suggested_sku=sku,
                outcome="declined",
                offered_at=clock.now(),
                answered_at=clock.now(),
            )
        )
    session.flush()
