"""What someone of the shop takes off a quote: once, by its limit, and never more than was agreed to."""

import pytest
from sqlalchemy import select

from backend.approvals.models import PendingAct
from backend.discounts.models import Discount
from backend.orders.models import Order
from backend.quotes.models import Quote
from kernel.tokens import Principal
from tests.backend.quotes.conftest import WHOLE
from tests.backend.shopper import BREAD, DELIVERY_FEE, MILK, bearer, code_of, staff_as

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
REASON = "Compra todas las semanas"


def set_limit(desk, most):
    headers = staff_as("admin") | {"Idempotency-Key": "limits"}
    body = {"limits": {"discount": {"sales": most}}}
    assert desk.http.request("PUT", "/staff/limits", json=body, headers=headers).status_code == 200


def give(desk, quote, amount_minor, **more):
    body = {"version": quote["version"], "amount_minor": amount_minor, "reason": REASON} | more
    return desk.act("POST", f"/quotes/{quote['number']}/discount", body)


def rows(database, model):
    with database.read() as session:
        return session.scalars(select(model)).all()


def someone_else(role):
    return bearer(Principal("staff", f"other-{role}", grants=frozenset({f"role:{role}"})))


def decide(desk, number, step, role, key, body=None, *, is_same=False):
    headers = (staff_as(role) if is_same else someone_else(role)) | {"Idempotency-Key": key}
    return desk.http.request("POST", f"/staff/pending-acts/{number}/{step}", json=body, headers=headers)


def test_an_amount_is_taken_off_and_the_order_has_it_once(desk, ana, database):
    quote = desk.draft(ana.id, (MILK, "2")).json()

    given = give(desk, quote, 100_000).json()

    assert given["cart"]["total"]["amount_minor"] == 2 * 450_000 - 100_000 + DELIVERY_FEE
    assert given["cart"]["discount"]["name"]["es"] == "Descuento de la cotización COT-10001"
    order = desk.place(given).json()
    assert order["total"]["amount_minor"] == 2 * 450_000 - 100_000 + DELIVERY_FEE
    [kept] = rows(database, Order)
    [discount] = rows(database, Discount)
    assert (kept.discount_minor, discount.uses, discount.max_uses) == (100_000, 1, 1)


def test_more_goods_do_not_make_it_more_and_another_takes_its_place(desk, ana, database):
    quote = give(desk, desk.draft(ana.id, (MILK, "1")).json(), 100_000).json()
    lines = [{"sku": MILK, "quantity": "9"}, {"sku": BREAD, "quantity": "1"}]
    more = desk.act("PUT", "/quotes/COT-10001", {"version": quote["version"], "lines": lines} | WHOLE).json()
    assert more["cart"]["discount"]["amount"]["amount_minor"] == 100_000

    on_bread = give(desk, more, 999_999_999, sku=BREAD).json()

    assert on_bread["cart"]["discount"]["amount"]["amount_minor"] == 620_000
    assert [each.withdrawn_at is None for each in rows(database, Discount)].count(True) == 1
    off = desk.act("POST", "/quotes/COT-10001/discount/withdrawal", {"version": on_bread["version"]}).json()
    assert off["cart"]["discount"] is None
    assert [each.withdrawn_at is None for each in rows(database, Discount)].count(True) == 0


def test_above_the_limit_a_second_person_gives_it(desk, ana, database):
    set_limit(desk, 50_000)
    quote = desk.draft(ana.id, (MILK, "2")).json()
    assert give(desk, quote, 50_000).status_code == 200
    quote = desk.look("COT-10001")

    waits = give(desk, quote, 50_001)

    assert (waits.status_code, waits.json()["number"], waits.json()["act"]) == (202, "APR-10001", "discount")
    assert desk.look("COT-10001")["cart"]["discount"]["amount"]["amount_minor"] == 50_000
    assert desk.look("COT-10001")["version"] == quote["version"]
    assert code_of(decide(desk, "APR-10001", "approval", "sales", "a", is_same=True)) == (403, "same_person")
    assert code_of(decide(desk, "APR-10001", "approval", "sales", "e")) == (403, "above_limit")
    assert code_of(decide(desk, "APR-10001", "approval", "agent", "b")) == (403, "wrong_role")
    assert code_of(decide(desk, "APR-10001", "approval", "warehouse", "c")) == (403, "wrong_role")

    done = decide(desk, "APR-10001", "approval", "admin", "d").json()

    assert (done["status"], done["result"]) == ("approved", "COT-10001")
    assert desk.look("COT-10001")["cart"]["discount"]["amount"]["amount_minor"] == 50_001
    [kept] = rows(database, PendingAct)
    assert (kept.reason, kept.body) == (REASON, {"amount_minor": 50_001, "sku": None})


def test_each_sees_what_they_decide_or_asked_for(desk, ana):
    set_limit(desk, 0)
    give(desk, desk.draft(ana.id, (MILK, "1")).json(), 1_000)
    seen = {}
    for role in ("sales", "finance", "admin", "agent", "warehouse"):
        page = desk.http.request("GET", "/staff/pending-acts", headers=someone_else(role)).json()
        seen[role] = [each["number"] for each in page["acts"]]
    asked = desk.http.request("GET", "/staff/pending-acts", headers=staff_as("agent")).json()["acts"]
    assert {role for role, numbers in seen.items() if numbers == ["APR-10001"]} == {"sales", "finance", "admin"}
    assert seen["agent"] == seen["warehouse"] == []
    assert len(asked) == 1


def test_what_cannot_be_taken_off_is_refused_and_nothing_is_written(desk, ana, database):
    quote = desk.draft(ana.id, (MILK, "1")).json()
    assert code_of(give(desk, quote, 1_000, sku=BREAD)) == (409, "discount_on_nothing")
    assert code_of(give(desk, quote, 1_000, sku="NADA")) == (404, "unknown_sku")
    assert code_of(give(desk, quote | {"version": 7}, 1_000)) == (409, "quote_changed")
    sent = desk.sent(ana.id, (MILK, "1"))
    assert code_of(give(desk, sent, 1_000)) == (409, "quote_over")

    assert rows(database, Discount) == []
    assert [each.version for each in rows(database, Quote)] == [1, 2]


def test_a_quote_that_is_over_takes_its_discount_along(desk, ana, database):
    given = give(desk, desk.draft(ana.id, (MILK, "1")).json(), 1_000).json()
    sent = desk.act("POST", "/quotes/COT-10001/send", {"version": given["version"]}).json()
    [discount] = rows(database, Discount)
    assert discount.valid_until is not None
    assert discount.valid_until.isoformat()[:16] == sent["valid_until"][:16]

    desk.act("POST", "/quotes/COT-10001/withdraw", {"version": sent["version"]})

    ana.add(MILK)
    refused = ana.act("PUT", "/cart/discount", {"code": discount.code})
    assert code_of(refused)[1] in ("discount_ended", "discount_unknown")
