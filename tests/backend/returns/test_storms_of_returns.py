"""Several people who want the same of one return at the same moment: one of them gets it."""

from backend.returns import service as returns
from tests.backend.returns.conftest import arrive, asked
from tests.backend.shopper import BREAD
from tests.backend.storm import Storm, return_step

PEOPLE = ("staff:1", "staff:2", "staff:3", "customer:1")


def test_the_same_goods_asked_for_at_once_are_returned_once(database, database_url, ana, warehouse):  # case 81
    number = ana.order((BREAD, "2"))["number"]
    warehouse.ship_all(f"{number}-1")
    arrive(warehouse, number)

    with Storm(database_url, len(PEOPLE)) as storm:
        answers = storm.rage([(return_step, "ask", number, who) for who in PEOPLE])

    assert sorted(answers) == ["already_returned"] * 3 + ["done"]


def test_of_two_agents_and_a_customer_who_end_a_return_one_wins(
    database, database_url, ana, desk, delivered, finance
):  # case 71, case 81
    desk.policy(keep_goods_up_to_minor=700_000)
    number = delivered(ana, (BREAD, "1"))
    finance.pay(number, 1_020_000)
    # Nothing has to come back: who accepts it resolves it.
    rma = asked(ana, number, (BREAD, 1, "damaged"), wish="store_credit")
    steps = ["accept", "reject", "cancel"]

    with Storm(database_url, len(steps)) as storm:
        answers = storm.rage([(return_step, step, rma, who) for step, who in zip(steps, PEOPLE[1:], strict=True)])

    assert sorted(answers) == ["done"] + ["return_step_illegal"] * 2
    winner = steps[answers.index("done")]
    said = desk.get(f"/returns/{rma}")
    ends = {"accept": "resolved", "reject": "rejected", "cancel": "cancelled"}
    assert said["status"] == ends[winner]
    # The delivery goes back with it.
    assert finance.balance(ana.id) == (1_020_000 if winner == "accept" else 0)
    assert [entry["what"] for entry in said["history"]][1:] in (["accepted", "resolved"], [ends[winner]])


def test_one_of_many_who_resolve_a_return_wins(database, database_url, ana, desk, delivered):  # case 71
    rma = asked(ana, delivered(ana, (BREAD, "1")), (BREAD, 1), wish="store_credit")
    desk.done(rma, "accept")
    desk.receive(rma, (BREAD, 1))
    desk.inspect(rma, (BREAD, 1, "restock"))

    with Storm(database_url, len(PEOPLE)) as storm:
        answers = storm.rage([(return_step, "resolve", rma, who) for who in PEOPLE])

    assert sorted(answers) == ["done"] + ["return_step_illegal"] * 3
    with database.read() as session:
        history = returns.history(session, returns.find(session, rma).id)
    assert [entry.what for entry in history].count("resolved") == 1
