"""Whether one serial order explains all that everyone was told, and all that is left in the books.

Each check looks at one kind of thing, from outside: at the history, at the database's rows, and at what the stand-ins
of provider and Twilio know. None asks `comanda audit`, which is another judge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bench.storm.checks import acts, messages, money, orders, stock
from bench.storm.checks.evidence import Evidence, Unexplained

# What is looked at, in this order: the first tells the others which of the unknown acts have happened.
CHECKS: dict[str, Callable[[Evidence], Iterator[Unexplained]]] = {
    "acts": acts.check,
    "stock": stock.check,
    "orders": orders.check,
    "money": money.check,
    "messages": messages.check,
}


def explain(evidence: Evidence) -> dict[str, list[Unexplained]]:
    """What each check cannot explain: nothing, if a serial order exists."""
    return {name: list(check(evidence)) for name, check in CHECKS.items()}
