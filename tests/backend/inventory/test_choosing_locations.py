"""Which locations serve an order: the nearest that has it all, else the fewest."""

import random
from itertools import combinations

import pytest

from backend.inventory import allocation
from backend.inventory.allocation import Candidate, Point, allocate

BOGOTA, MEDELLIN, CALI = Point(4.711, -74.0721), Point(6.2442, -75.5812), Point(3.4516, -76.532)


def place(code, km, **free):
    return Candidate(code.lower(), code, 1, km, free)


def test_the_distance_is_the_great_circle():
    assert BOGOTA.km_to(MEDELLIN) == pytest.approx(239, abs=2)
    assert BOGOTA.km_to(CALI) == pytest.approx(CALI.km_to(BOGOTA))
    assert BOGOTA.km_to(BOGOTA) == 0


def test_the_nearest_that_has_it_all_serves_it_alone():
    chosen = allocate(
        {"milk": 2, "bread": 1},
        [place("FAR", 90, milk=9, bread=9), place("NEAR", 5, milk=9), place("MIDDLE", 30, milk=2, bread=1)],
    )

    assert chosen.rule == "nearest_complete"
    assert chosen.parts == {"milk": [("middle", 2)], "bread": [("middle", 1)]}
    assert chosen.explanation == {
        "near": None,
        "chosen": ["MIDDLE"],
        "is_exact": True,
        "weighed": [
            {"location": "NEAR", "km": 5, "complete": 1},
            {"location": "MIDDLE", "km": 30, "complete": 2},
            {"location": "FAR", "km": 90, "complete": 2},
        ],
    }


def test_without_distances_the_preferred_serves():
    chosen = allocate(
        {"milk": 1}, [Candidate("b", "B", 2, None, {"milk": 1}), Candidate("a", "A", 1, None, {"milk": 1})]
    )

    assert chosen.parts == {"milk": [("a", 1)]}


def test_a_location_of_unknown_distance_comes_last():
    chosen = allocate(
        {"milk": 1}, [Candidate("x", "X", 1, None, {"milk": 1}), Candidate("a", "A", 9, 800.0, {"milk": 1})]
    )

    assert chosen.parts == {"milk": [("a", 1)]}


def test_otherwise_the_fewest_serve_it_though_others_are_nearer():
    chosen = allocate(
        {"milk": 1, "bread": 1, "soda": 1},
        [place("A", 1, milk=1), place("B", 2, bread=1), place("C", 3, soda=1), place("D", 80, milk=1, bread=1)],
    )

    assert chosen.rule == "fewest_parcels"
    assert chosen.explanation["chosen"] == ["C", "D"]
    assert chosen.parts == {"milk": [("d", 1)], "bread": [("d", 1)], "soda": [("c", 1)]}


def test_of_two_equally_small_sets_the_nearer_serves():
    chosen = allocate(
        {"milk": 1, "bread": 1},
        [place("A", 1, milk=1), place("B", 50, bread=1), place("C", 10, milk=1), place("D", 20, bread=1)],
    )

    assert chosen.explanation["chosen"] == ["A", "D"]


def test_a_product_that_no_place_has_whole_is_taken_in_parts_nearest_first():
    chosen = allocate({"milk": 12}, [place("A", 1, milk=5), place("B", 2, milk=10)])

    assert chosen.parts == {"milk": [("a", 5), ("b", 7)]}


def brute_force(needs, candidates):
    for size in range(1, len(candidates) + 1):
        for some in combinations(candidates, size):
            if all(sum(each.free.get(sku, 0) for each in some) >= need for sku, need in needs.items()):
                return size
    raise AssertionError("together they have it")


@pytest.mark.parametrize("seed", range(60))
def test_no_smaller_set_than_the_chosen_one_has_it_all(seed):
    dice = random.Random(seed)
    needs = {f"sku-{n}": dice.randint(1, 6) for n in range(dice.randint(1, 5))}
    candidates = [
        place(f"L{n}", dice.randint(1, 500), **{sku: dice.randint(0, 5) for sku in needs if dice.random() < 0.6})
        for n in range(8)
    ]
    candidates.append(place("REST", 900, **dict.fromkeys(needs, 2)))
    needs = {sku: min(need, sum(each.free.get(sku, 0) for each in candidates)) for sku, need in needs.items()}

    chosen = allocate(needs, candidates)

    assert len(chosen.explanation["chosen"]) == brute_force(needs, candidates)
    assert {sku: sum(count for _, count in parts) for sku, parts in chosen.parts.items()} == needs
    free = {each.id: each.free for each in candidates}
    assert all(count <= free[place_id][sku] for sku, parts in chosen.parts.items() for place_id, count in parts)


def test_past_the_limit_a_good_set_is_taken_and_says_so(monkeypatch):
    monkeypatch.setattr(allocation, "MAX_SETS", 1)

    chosen = allocate(
        {"milk": 1, "bread": 1},
        [place("A", 1, milk=1), place("B", 2, bread=1), place("C", 3, milk=1), place("D", 4, bread=1)],
    )

    assert chosen.explanation["is_exact"] is False
    assert chosen.parts == {"milk": [("a", 1)], "bread": [("b", 1)]}


def test_whom_the_good_set_turns_out_not_to_need_is_dropped(monkeypatch):
    monkeypatch.setattr(allocation, "MAX_SETS", 1)

    chosen = allocate(
        {"a": 2, "b": 2, "c": 2, "d": 2},
        [
            place("MOST", 1, a=2, b=2, c=1),
            place("LEFT", 2, a=2, c=2, d=0),
            place("RIGHT", 3, b=2, d=2),
            place("MORE", 4, c=1, d=1, a=1),
        ],
    )

    assert chosen.explanation["chosen"] == ["LEFT", "RIGHT"]
