"""Several orders picked in one walk: each in its own basket, none by two pickers, and each goes on by itself."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from backend.fulfillment.models import Fulfillment, PickingBasket, PickingWalk
from backend.inventory import service as inventory
from backend.shipping.models import Shipment
from kernel.clock import now
from kernel.ids import new_id
from kernel.tokens import Principal
from tests.backend.shopper import BREAD, MILK, SODA, Http, bearer, code_of
from tests.backend.warehouse import Warehouse

ONE, TWO, THREE = "PED-10001-1", "PED-10002-1", "PED-10003-1"


class Picker(Warehouse):
    def __init__(self, http, name="wendy"):
        super().__init__(http)
        self.headers = bearer(Principal("staff", name, grants=frozenset({"role:warehouse"})))

    def start(self, *numbers, upto=None, place="CENTRO", key=None):
        body = {"location": place} | ({"next": upto} if upto else {"fulfillments": list(numbers)})
        return self.post("picking-walks", body, key)

    def walks(self, *numbers, **given):
        answer = self.start(*numbers, **given)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def walk(self, walk):
        return self.http.request("GET", f"/staff/picking-walks/{walk['id']}", headers=self.headers).json()

    def step(self, walk, step, body=None):
        return self.post(f"picking-walks/{walk['id']}/{step}", body)

    def open_walks(self):
        return self.http.request("GET", "/staff/picking-walks", headers=self.headers).json()["walks"]


@pytest.fixture
def wendy(http, market):
    return Picker(http)


@pytest.fixture
def otto(http, market):
    return Picker(http, "otto")


def baskets(walk):
    return {basket["letter"]: basket["fulfillment"]["number"] for basket in walk["baskets"]}


def statuses(database):
    with database.read() as session:
        return dict(session.query(Fulfillment.number, Fulfillment.status).order_by(Fulfillment.number).all())


def test_two_orders_share_a_walk_and_each_has_its_basket_at_every_stop(ana, beto, wendy, database, market):
    with database.write() as session:
        for at, (code, sku) in enumerate({"Z-9": MILK, "A-1": BREAD}.items()):
            shelf = inventory.add_bin(session, market.centro, code, at)
            inventory.receive(session, sku, market.centro, 9, bin_id=shelf)
    ana.order((MILK, "2"), (BREAD, "1"))
    beto.order((MILK, "3"))

    walk = wendy.walks(ONE, TWO)

    assert baskets(walk) == {"A": ONE, "B": TWO}
    letters = {basket["fulfillment"]["number"]: basket["letter"] for basket in walk["baskets"]}
    assert [
        (stop["bin"], stop["sku"], [(letters[each["fulfillment"]], each["quantity"]) for each in stop["for"]])
        for stop in walk["pick_list"]["lines"]
    ] == [("Z-9", MILK, [("A", 2), ("B", 3)]), ("A-1", BREAD, [("A", 1)])]
    assert statuses(database) == {ONE: "picking", TWO: "picking"}
    assert wendy.get(f"/{TWO}")["basket"] == {
        "walk": walk["id"],
        "letter": "B",
        "picker": {"id": "wendy", "name": "wendy"},
        "is_carried": True,
    }
    assert [row["basket"]["letter"] for row in wendy.get("?status=picking")["fulfillments"]] == ["A", "B"]


def test_each_order_of_a_walk_goes_on_by_itself(ana, beto, wendy):
    ana.order((MILK, "2"))
    beto.order((MILK, "3"), (BREAD, "1"))
    walk = wendy.walks(ONE, TWO)
    wendy.pick(ONE, (MILK, 2))

    wendy.pack(ONE)
    assert wendy.ship(ONE)["status"] == "shipped"

    now_ = wendy.walk(walk)
    assert [(stop["sku"], stop["quantity"]) for stop in now_["pick_list"]["lines"]] == [(MILK, 3), (BREAD, 1)]
    assert wendy.open_walks() == [
        {
            "id": walk["id"],
            "location": "CENTRO",
            "picker": {"id": "wendy", "name": "wendy"},
            "started_at": walk["started_at"],
            "baskets_count": 2,
            "left_count": 2,
        }
    ]


def test_what_is_short_for_one_basket_is_not_short_for_the_other(ana, beto, wendy):
    ana.order((MILK, "2"), (BREAD, "1"))
    beto.order((MILK, "3"))
    walk = wendy.walks(ONE, TWO)

    wendy.done(TWO, "picks", picks=[{"line": MILK, "quantity": 2, "short": 1, "reason": "damaged"}])

    hers, his = (wendy.get(f"/{number}") for number in (ONE, TWO))
    assert [(line["sku"], line["picked"], line["short"]) for line in his["lines"]] == [(MILK, 2, 1)]
    assert {(line["sku"], line["picked"], line["short"]) for line in hers["lines"]} == {(MILK, 0, 0), (BREAD, 0, 0)}
    assert (his["status"], hers["status"]) == ("picked", "picking")
    assert {stop["sku"] for stop in wendy.walk(walk)["pick_list"]["lines"]} == {MILK, BREAD}
    assert len(beto.get("/orders/PED-10002/shortages").json()["shortages"]) == 1
    assert ana.get("/orders/PED-10001/shortages").json()["shortages"] == []


def test_the_next_ones_are_those_promised_first_and_the_next_picker_gets_the_rest(ana, wendy, otto, database):
    for _ in range(3):
        ana.order((MILK, "1"))
    days = {ONE: None, TWO: date(2026, 12, 9), THREE: date(2026, 12, 3)}
    with database.write() as session:
        for number, day in days.items():
            session.execute(update(Fulfillment).where(Fulfillment.number == number).values(promised_on=day))

    assert baskets(wendy.walks(upto=2)) == {"A": THREE, "B": TWO}
    assert baskets(otto.walks(upto=2)) == {"A": ONE}


def test_where_nothing_waits_no_walk_begins(ana, wendy, database, count_rows):
    ana.order((MILK, "1"))
    with database.write() as session:
        session.execute(text("UPDATE oms_order SET status = 'on_hold'"))

    assert code_of(wendy.start(upto=5)) == (409, "nothing_to_walk")
    assert code_of(wendy.start(upto=5, place="NORTE")) == (409, "nothing_to_walk")
    assert code_of(wendy.start(upto=5, place="LUNA")) == (404, "location_not_found")
    assert (count_rows(PickingWalk), count_rows(PickingBasket)) == (0, 0)
    with database.write() as session:
        session.execute(text("UPDATE oms_order SET status = 'confirmed'"))


def test_two_who_ask_for_the_next_ones_at_once_get_different_ones(ana, app, market):  # case 61
    for _ in range(8):
        ana.order((MILK, "1"))

    def take(name):
        with Http(app) as http:
            return set(baskets(Picker(http, name).walks(upto=2)).values())

    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(take, ("p1", "p2", "p3", "p4")))

    assert [len(each) for each in taken] == [2, 2, 2, 2]
    assert len(set.union(*taken)) == 8


def test_what_someone_carries_nobody_else_gets_and_of_those_chosen_with_it_none(ana, wendy, otto, database, count_rows):
    for _ in range(3):
        ana.order((MILK, "1"))
    walk = wendy.walks(ONE)
    wendy.done(THREE, "start")

    refused = otto.start(TWO, ONE)
    alone = otto.start(TWO, THREE)

    assert code_of(refused) == (409, "fulfillment_in_walk")
    assert refused.json()["params"] == {"number": ONE}
    assert code_of(alone) == (409, "fulfillment_step_illegal")
    assert statuses(database) == {ONE: "picking", TWO: "pending", THREE: "picking"}
    assert (count_rows(PickingWalk), count_rows(PickingBasket)) == (1, 1)
    assert wendy.walk(walk)["picker"]["id"] == "wendy"


# case 61
def test_what_someone_carries_only_they_pick_and_put_back_until_another_takes_the_walk_over(ana, wendy, otto):
    ana.order((MILK, "3"))
    walk = wendy.walks(ONE)
    before = wendy.pick(ONE, (MILK, 1))

    found = otto.act(ONE, "picks", picks=[{"line": MILK, "quantity": 1}])
    missed = otto.act(ONE, "picks", picks=[{"line": MILK, "quantity": 0, "short": 1, "reason": "not_found"}])
    taken = otto.act(ONE, "put-back", line=MILK, quantity=1)

    assert [code_of(each) for each in (found, missed, taken)] == [(409, "fulfillment_in_walk")] * 3
    assert found.json()["params"] == {"number": ONE}
    assert wendy.get(f"/{ONE}") == before
    assert ana.get("/orders/PED-10001/shortages").json()["shortages"] == []
    otto.step(walk, "take-over")
    assert code_of(wendy.act(ONE, "picks", picks=[{"line": MILK, "quantity": 1}])) == (409, "fulfillment_in_walk")
    assert otto.pick(ONE, (MILK, 2))["status"] == "picked"


# case 61
def test_what_someone_still_picks_only_they_pack_and_anyone_once_it_is_picked(ana, wendy, otto, count_rows):
    ana.order((MILK, "3"))
    walk = wendy.walks(ONE)
    before = wendy.pick(ONE, (MILK, 2))

    refused = otto.act(ONE, "parcels", parcels=[{}])

    assert code_of(refused) == (409, "fulfillment_in_walk")
    assert refused.json()["params"] == {"number": ONE}
    assert (wendy.get(f"/{ONE}"), count_rows(Shipment)) == (before, 0)
    assert [parcel["number"] for parcel in wendy.pack(ONE)["parcels"]] == [f"{ONE}-A"]
    wendy.pick(ONE, (MILK, 1))
    assert otto.pack(ONE)["status"] == "packed"
    assert [basket["left_at"] for basket in wendy.walk(walk)["baskets"]] == [None]


def test_what_a_walk_left_or_has_picked_is_anyones(ana, wendy, otto):
    ana.order((MILK, "2"))
    ana.order((MILK, "1"))
    walk = wendy.walks(ONE, TWO)
    wendy.pick(TWO, (MILK, 1))
    wendy.step(walk, "leave-out", {"fulfillment": ONE})

    assert otto.pick(ONE, (MILK, 2))["status"] == "picked"
    assert otto.done(TWO, "put-back", line=MILK, quantity=1)["status"] == "picking"


def test_the_same_act_again_is_the_same_walk(ana, wendy, count_rows):
    ana.order((MILK, "1"))

    first, again = (wendy.walks(ONE, key="one") for _ in range(2))

    assert first["id"] == again["id"]
    assert (count_rows(PickingWalk), count_rows(PickingBasket)) == (1, 1)


def test_a_walk_waits_through_a_break_and_is_the_only_one_of_its_picker(ana, wendy):
    ana.order((MILK, "2"))
    ana.order((MILK, "1"))
    walk = wendy.walks(ONE)
    wendy.pick(ONE, (MILK, 1))

    refused = wendy.start(TWO)

    assert code_of(refused) == (409, "walk_under_way")
    assert refused.json()["params"] == {"walk": walk["id"]}
    assert [stop["quantity"] for stop in wendy.walk(walk)["pick_list"]["lines"]] == [1]
    assert statuses_of(wendy, ONE, TWO) == ["picking", "pending"]


def statuses_of(picker, *numbers):
    return [picker.get(f"/{number}")["status"] for number in numbers]


def test_a_walk_with_nothing_left_to_find_ends_when_its_picker_takes_another(ana, wendy):
    ana.order((MILK, "1"))
    ana.order((MILK, "1"))
    done = wendy.walks(ONE)
    wendy.pick(ONE, (MILK, 1))

    wendy.walks(TWO)

    ended = wendy.walk(done)
    assert ended["ended_at"] is not None
    assert ended["baskets"][0]["left_at"] is not None
    assert [walk["baskets_count"] for walk in wendy.open_walks()] == [1]
    assert wendy.get(f"/{ONE}")["basket"]["is_carried"] is False


def test_someone_else_goes_on_with_a_walk_whose_phone_was_lost(ana, wendy, otto):
    ana.order((MILK, "1"))
    ana.order((MILK, "1"))
    walk = wendy.walks(ONE)
    his = otto.walks(TWO)
    assert code_of(otto.step(walk, "take-over")) == (409, "walk_under_way")
    otto.pick(TWO, (MILK, 1))

    taken = otto.step(walk, "take-over").json()

    assert taken["picker"]["id"] == "otto"
    assert otto.walk(his)["ended_at"] is not None
    assert otto.step(walk, "take-over").json()["picker"]["id"] == "otto"
    wendy.step(walk, "end")
    assert code_of(wendy.step(walk, "take-over")) == (409, "walk_ended")
    assert code_of(wendy.step({"id": "nothing"}, "take-over")) == (404, "walk_not_found")


def test_what_a_walk_leaves_out_goes_into_another_and_the_last_one_ends_it(ana, wendy, otto):
    ana.order((MILK, "2"))
    ana.order((MILK, "1"))
    walk = wendy.walks(ONE, TWO)
    wendy.pick(ONE, (MILK, 1))

    wendy.step(walk, "leave-out", {"fulfillment": ONE})

    assert [basket["left_at"] is None for basket in wendy.walk(walk)["baskets"]] == [False, True]
    assert [stop["quantity"] for stop in wendy.walk(walk)["pick_list"]["lines"]] == [1]
    assert code_of(wendy.step(walk, "leave-out", {"fulfillment": ONE})) == (404, "fulfillment_not_found")
    his = otto.walks(ONE)
    assert [stop["quantity"] for stop in his["pick_list"]["lines"]] == [1]
    assert wendy.step(walk, "leave-out", {"fulfillment": TWO}).status_code == 200
    assert wendy.walk(walk)["ended_at"] is not None
    assert code_of(wendy.step(walk, "leave-out", {"fulfillment": TWO})) == (409, "walk_ended")


def test_a_walk_ends_once(ana, wendy, otto):
    ana.order((MILK, "1"))
    walk = wendy.walks(ONE)

    first, again = (wendy.step(walk, "end").json() for _ in range(2))

    assert first == again
    assert (first["pick_list"]["lines"], statuses_of(wendy, ONE)) == ([], ["picking"])
    assert baskets(otto.walks(ONE)) == {"A": ONE}


def test_an_order_that_is_cancelled_on_the_way_stays_in_its_basket_and_off_the_list(ana, beto, wendy):
    ana.order((MILK, "2"))
    beto.order((SODA, "1"))
    walk = wendy.walks(ONE, TWO)
    wendy.pick(ONE, (MILK, 1))

    assert ana.act("POST", "/orders/PED-10001/cancel", {}).status_code == 200

    seen = wendy.walk(walk)
    assert [basket["fulfillment"]["status"] for basket in seen["baskets"]] == ["cancelled", "picking"]
    assert [stop["sku"] for stop in seen["pick_list"]["lines"]] == [SODA]


def test_a_walk_is_along_the_shelves_of_one_place(ana, wendy, database, market, count_rows):
    ana.order((MILK, "1"))

    assert code_of(wendy.start(ONE, place="NORTE")) == (404, "fulfillment_not_found")
    assert code_of(wendy.start("PED-9-1")) == (404, "fulfillment_not_found")
    assert count_rows(PickingWalk) == 0


@pytest.mark.parametrize("which", [{}, {"fulfillments": []}, {"fulfillments": [ONE], "next": 1}, {"next": 21}])
def test_a_walk_says_either_which_ones_or_how_many(wendy, which):
    assert wendy.post("picking-walks", {"location": "CENTRO"} | which).status_code == 422


def test_the_database_itself_lets_nobody_carry_what_another_carries(ana, wendy, otto, database, market):
    ana.order((MILK, "1"))
    ana.order((MILK, "1"))
    wendy.walks(ONE)
    his = otto.walks(TWO)
    with database.read() as session:
        carried = session.query(Fulfillment.id).where(Fulfillment.number == ONE).scalar()
    second_walk = {"id": new_id(), "location": market.centro, "who": "staff:wendy", "now": now()}

    with pytest.raises(IntegrityError), database.write() as session:
        session.add(PickingBasket(id=new_id(), walk_id=his["id"], fulfillment_id=carried, position=2))
    insert = "INSERT INTO oms_picking_walk (id, location_id, picker, started_at) VALUES (:id, :location, :who, :now)"
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(text(insert), second_walk)
