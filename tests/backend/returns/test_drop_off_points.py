"""Where customers may leave what comes back: the shop says so once, and everyone who asks is told."""

from tests.backend.shopper import code_of

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
