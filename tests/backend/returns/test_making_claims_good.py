"""Claims: what is missing, wrong or faulty is made good by a return, or without one."""

from backend.claims.models import Claim
from tests.backend.returns.conftest import PHOTO
from tests.backend.shopper import BREAD, code_of

BREAD_PRICE = 620_000
LINES = [{"line": BREAD, "quantity": 1, "reason": "damaged", "photos": [PHOTO]}]


def claimed(shopper, number, kind):
    answer = shopper.act("POST", f"/orders/{number}/claims", {"kind": kind, "note": "falta un pan"})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def test_what_never_came_is_credited_without_goods_that_come_back(ana, desk, delivered, finance, available):
    number = delivered(ana, (BREAD, "2"))
    claim = claimed(ana, number, "missing")
    before = available(BREAD)

    body = {"lines": LINES, "needs_goods": False, "claim_id": claim}
    rma = desk.act(f"/orders/{number}/returns", body).json()["number"]
    said = desk.done(rma, "accept")

    assert (said["status"], said["credited"]["amount_minor"]) == ("resolved", BREAD_PRICE)
    assert available(BREAD) == before
    assert desk.get("/claims") == []
    timeline = desk.get(f"/orders/{number}")["timeline"]
    [closed] = [entry for entry in timeline if entry["what"] == "claim_closed"]
    assert closed["facts"] == {"return": rma}


def test_what_is_faulty_comes_back(ana, desk, delivered):
    number = delivered(ana, (BREAD, "2"))
    claim = claimed(ana, number, "faulty")

    said = desk.act(f"/orders/{number}/returns", {"lines": LINES, "claim_id": claim}).json()

    assert (said["status"], said["needs_goods"]) == ("requested", True)
    again = desk.act(f"/orders/{number}/returns", {"lines": LINES, "claim_id": claim})
    assert code_of(again) == (409, "claim_closed")
    assert [each["number"] for each in desk.get("/returns")["returns"]] == [said["number"]]


def test_a_claim_may_be_closed_with_what_was_agreed(ana, desk, delivered):
    claim = claimed(ana, delivered(ana, (BREAD, "1")), "wrong")

    said = desk.act(f"/claims/{claim}/close", {"answer": "Se lo quedó con gusto"}).json()

    assert (said["kind"], said["state"], said["answer"]) == ("wrong", "closed", "Se lo quedó con gusto")
    assert code_of(desk.act(f"/claims/{claim}/close", {"answer": "otra vez"})) == (409, "claim_closed")
    assert code_of(desk.act("/claims/x/close", {"answer": "no"})) == (404, "claim_not_found")


def test_a_claim_about_another_order_is_not_made_good(ana, desk, delivered, count_rows):
    claim = claimed(ana, delivered(ana, (BREAD, "1")), "wrong")
    other = delivered(ana, (BREAD, "1"))

    answer = desk.act(f"/orders/{other}/returns", {"lines": LINES, "claim_id": claim})

    assert code_of(answer) == (404, "claim_not_found")
    assert (desk.get("/returns")["returns"], count_rows(Claim)) == ([], 1)
