"""Where customers may leave what comes back: the shop says so once, and everyone who asks is told."""

from backend.returns.models import Return
from tests.backend.returns.conftest import ask, asked
from tests.backend.shopper import MILK, code_of

LAPIZ = {
    "code": "lapiz",
    "name": "Papelería El Lápiz",
    "address": "Carrera 13 # 60-15",
    "hours_es": "todos los días",
    "hours_en": "every day",
}


def test_a_shop_has_none_until_it_names_some(ana):
    assert ana.get("/drop-off-points").json() == []


def test_everyone_is_told_where_and_when(ana, desk):
    desk.policy(drop_off_points=[LAPIZ])

    assert ana.get("/drop-off-points").json() == [
        {
            "code": "lapiz",
            "name": "Papelería El Lápiz",
            "address": "Carrera 13 # 60-15",
            "hours": {"es": "todos los días", "en": "every day"},
        }
    ]


def test_two_points_of_one_code_are_no_policy(ana, desk):
    policy = desk.get("/return-policy") | {"drop_off_points": [LAPIZ, LAPIZ]}

    assert code_of(desk.act("/return-policy", policy, method="PUT")) == (422, "return_policy_invalid")
    assert ana.get("/drop-off-points").json() == []


CEDRITOS = LAPIZ | {"code": "cedritos", "name": "Droguería Cedritos"}


def test_the_point_that_was_chosen_is_kept_as_it_was_described(ana, desk, delivered):
    desk.policy(drop_off_points=[LAPIZ, CEDRITOS])
    number = delivered(ana, (MILK, "2"))

    anywhere = asked(ana, number, (MILK, 1), way="drop_off")
    there = asked(ana, number, (MILK, 1), way="drop_off", drop_off_point="cedritos")
    desk.policy(drop_off_points=[LAPIZ])

    seen = {rma["number"]: [point["name"] for point in rma["drop_off_points"]] for rma in ana.get("/returns").json()}
    assert seen == {anywhere: ["Papelería El Lápiz"], there: ["Droguería Cedritos"]}


def test_a_place_that_is_none_of_the_shops_is_refused_and_nothing_is_written(ana, desk, delivered, count_rows):
    desk.policy(drop_off_points=[LAPIZ])
    number = delivered(ana, (MILK, "1"))

    for way, point in (("drop_off", "cedritos"), ("store", "lapiz")):
        answer = ask(ana, number, (MILK, 1), way=way, drop_off_point=point)
        assert code_of(answer) == (422, "drop_off_point_unknown")
    assert count_rows(Return) == 0
