"""Stock as two counters for each variant, each of which must be linearisable.

*On hand* is what lies here: every answer about stock says it exactly. *Unordered* is what of it no order has: it is
never below zero, an order takes from it, what is cancelled comes back to it, and whoever was told how much is available
was told no more than that (carts may hold some of it).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from bench.storm.checks.evidence import Evidence, Unexplained
from bench.storm.history import Operation
from bench.storm.serial import Step, Undecided, unexplained


def check(evidence: Evidence) -> Iterator[Unexplained]:
    for sku in evidence.skus:
        opening = next(each for each in evidence.history.of("opening stock", outcome="ok") if each.facts["sku"] == sku)
        start = _sum(opening.answer, sku, "on_hand")
        moves = list(_moves(evidence, sku))
        on_hand, unordered = _at_the_end(evidence, sku)
        yield from _judged(sku, "on hand", [*moves, *_looks(evidence, sku)], start, on_hand)
        promised = [*map(_loosely, moves), *_orders(evidence, sku), *_bounds(evidence, sku)]
        yield from _judged(sku, "unordered", promised, start, unordered, lowest=0)
        yield from _counted(evidence, sku)


def _judged(
    sku: str, counter: str, steps: list[Step], start: int, last: int, lowest: int | None = None
) -> Iterator[Unexplained]:
    whole = start + sum(step.adds for step in steps)
    if whole != last:
        yield Unexplained(f"{counter}: what was done does not lead there", sku, {"done": whole, "there": last})
    try:
        odd = unexplained(steps, start, lowest)
    except Undecided:
        yield Unexplained(f"{counter}: too many orders to look at", sku)
        return
    if odd is not None:
        told = {"adds": odd.adds, "before": odd.before, "after": odd.after, "at_least": odd.at_least}
        facts = {name: value for name, value in told.items() if value is not None}
        yield Unexplained(f"{counter}: no serial order explains {odd.name}", sku, facts)


def _moves(evidence: Evidence, sku: str) -> Iterator[Step]:
    """Goods that came, went, and were counted."""
    for operation, answer, ended_s in evidence.happened("receive", "adjust", "count", "ship", "inspect"):
        adds, after = 0, None
        if operation.facts.get("sku") == sku:
            if operation.kind == "count":
                adds = answer["counted"] - answer["expected"]
            else:
                adds, after = operation.facts["adds"], _sum(answer, sku, "on_hand")
        elif sku in operation.facts.get("goods", {}):
            adds = operation.facts["goods"][sku] * (-1 if operation.kind == "ship" else 1)
        if adds:
            yield Step(str(operation), operation.began_s, ended_s, adds, after=after)


def _loosely(step: Step) -> Step:
    """The same move of what is unordered: a parcel that leaves was ordered, and what is on hand is another counter."""
    is_parcel = step.name.split()[1] == "ship"
    return Step(step.name, step.began_s, step.ended_s, 0 if is_parcel else step.adds)


def _looks(evidence: Evidence, sku: str) -> Iterator[Step]:
    for look in evidence.history.of("look at stock", outcome="ok"):
        if look.facts["sku"] == sku:
            seen = _sum(look.answer, sku, "on_hand")
            yield Step(str(look), look.began_s, _ended(look), before=seen)


def _orders(evidence: Evidence, sku: str) -> Iterator[Step]:
    ordered: dict[str, tuple[int, float]] = {}
    for operation, answer, ended_s in evidence.happened("place"):
        quantity = operation.facts["lines"].get(sku, 0)
        if quantity:
            ordered[answer["number"]] = (quantity, operation.began_s)
            yield Step(str(operation), operation.began_s, ended_s, -quantity)
    left = dict.fromkeys(ordered, 0)
    for operation, _, _ in evidence.happened("ship"):
        if operation.facts["order"] in left:
            left[operation.facts["order"]] += operation.facts["goods"].get(sku, 0)
    ours = set()
    for operation, _, ended_s in evidence.happened("cancel"):
        number = operation.facts["order"]
        ours.add(number)
        free = ordered.get(number, (0, 0.0))[0] - left.get(number, 0)
        if free:
            yield Step(str(operation), operation.began_s, ended_s, free)
    for number in _cancelled_by_the_clock(evidence):
        if number in ordered and number not in ours:
            quantity, since_s = ordered[number]
            yield Step(f"the end of {number}", since_s, math.inf, quantity)


def _cancelled_by_the_clock(evidence: Evidence) -> Iterator[str]:
    """Orders that were to be paid in time and were not: nobody's act."""
    query = (
        "SELECT o.number FROM oms_order o JOIN oms_order_entry e ON e.order_id = o.id"
        " WHERE e.what = 'cancelled' AND e.who = 'system' AND o.payment_method = 'online'"
    )
    for row in evidence.rows(query):
        yield row["number"]


def _bounds(evidence: Evidence, sku: str) -> Iterator[Step]:
    """Who was told that so many are available, or that there are only so many."""
    for look in evidence.history.of("look at stock", outcome="ok"):
        if look.facts["sku"] == sku:
            yield Step(str(look), look.began_s, _ended(look), at_least=_sum(look.answer, sku, "available"))
    for refused in evidence.history.of("place", outcome="fail"):
        told = refused.answer or {}
        if told.get("code") == "out_of_stock" and told.get("sku") == sku:
            yield Step(str(refused), refused.began_s, _ended(refused), at_least=int(told["available"]))


def _at_the_end(evidence: Evidence, sku: str) -> tuple[int, int]:
    """What the moves sum to, and what of it no order has."""
    query = (
        "SELECT (SELECT sum(quantity) FROM oms_stock_move WHERE sku = :sku) AS on_hand,"
        " (SELECT coalesce(sum(quantity), 0) FROM oms_reservation WHERE sku = :sku AND state = 'live') AS ordered"
    )
    [row] = evidence.rows(query, sku=sku)
    return int(row["on_hand"]), int(row["on_hand"] - row["ordered"])


def _counted(evidence: Evidence, sku: str) -> Iterator[Unexplained]:
    """The running sums are those of the rows."""
    query = (
        "SELECT sum(on_hand) AS on_hand, sum(reserved) AS reserved,"
        " (SELECT sum(quantity) FROM oms_stock_move WHERE sku = :sku) AS moved,"
        " (SELECT coalesce(sum(quantity), 0) FROM oms_reservation WHERE sku = :sku AND state = 'live')"
        " + (SELECT coalesce(sum(quantity), 0) FROM oms_stock_hold WHERE sku = :sku AND state = 'live') AS promised"
        " FROM oms_stock_level WHERE sku = :sku"
    )
    [row] = evidence.rows(query, sku=sku)
    if row["on_hand"] != row["moved"]:
        yield Unexplained("on hand is not what the moves sum to", sku, row)
    if row["reserved"] != row["promised"]:
        yield Unexplained("reserved is not what is promised", sku, row)


def _sum(answer: Any, sku: str, figure: str) -> int:
    return sum(level[figure] for level in answer["levels"] if level["sku"] == sku)


def _ended(operation: Operation) -> float:
    assert operation.ended_s is not None, "what was answered has ended"
    return operation.ended_s
