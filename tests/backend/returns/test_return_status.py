"""How much of an order came back, as the order itself says it."""

from tests.backend.returns.conftest import asked
from tests.backend.shopper import BREAD, MILK


def test_an_order_says_how_much_of_it_came_back(ana, desk, delivered):
    number = delivered(ana, (MILK, "2"), (BREAD, "1"))

    def said():
        theirs, ours = ana.get(f"/orders/{number}").json(), desk.get(f"/orders/{number}")
        assert theirs["return_status"] == ours["return_status"]
        return theirs["return_status"]

    assert said() == "none"
    rma = asked(ana, number, (MILK, 2))
    desk.done(rma, "accept")
    assert said() == "none"
    desk.receive(rma, (MILK, 1))
    assert said() == "partial"
    desk.receive(rma, (MILK, 1))
    assert said() == "partial"
    desk.resolved(asked(ana, number, (BREAD, 1)), BREAD, 1, "scrap")
    assert said() == "full"


def test_what_was_rejected_or_cancelled_did_not(ana, desk, delivered):
    number = delivered(ana, (MILK, "2"))
    desk.done(asked(ana, number, (MILK, 2)), "reject", reason="no")
    ana.act("POST", f"/returns/{asked(ana, number, (MILK, 2))}/cancel", {})

    assert ana.get(f"/orders/{number}").json()["return_status"] == "none"
