"""Orders: each one somebody's and as it was agreed, each step taken once, and goods that left are in the moves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from bench.storm.checks.evidence import Evidence, Unexplained

STEPS = ("start", "pick", "pack", "ship")
_LEFT = frozenset({"shipped", "delivered", "returned_to_origin"})


def check(evidence: Evidence) -> Iterator[Unexplained]:
    yield from _as_agreed(evidence)
    yield from _steps_once(evidence)
    yield from _ends(evidence)
    yield from _goods(evidence)


def _as_agreed(evidence: Evidence) -> Iterator[Unexplained]:
    found = {row["number"]: row for row in evidence.rows("SELECT id, number, total_minor, status FROM oms_order")}
    lines: dict[str, Counter[str]] = defaultdict(Counter)
    query = "SELECT o.number, l.sku, l.base_quantity FROM oms_order_line l JOIN oms_order o ON o.id = l.order_id"
    for row in evidence.rows(query):
        lines[row["number"]][row["sku"]] += row["base_quantity"]
    placed = Counter[str]()
    for operation, answer, _ in evidence.happened("place"):
        number = answer["number"]
        placed[number] += 1
        if number not in found:
            yield Unexplained("acknowledged, and there is no such order", str(operation), {"number": number})
            continue
        if dict(lines[number]) != operation.facts["lines"]:
            facts = {"agreed": operation.facts["lines"], "kept": dict(lines[number])}
            yield Unexplained("the order is not what was confirmed", number, facts)
        if found[number]["total_minor"] != operation.facts["total_minor"]:
            facts = {"agreed": operation.facts["total_minor"], "kept": found[number]["total_minor"]}
            yield Unexplained("the order costs something else", number, facts)
    for number, count in placed.items():
        if count > 1:
            yield Unexplained("several confirmations became one order", number, {"confirmations": count})
    for number in found.keys() - placed.keys():
        yield Unexplained("nobody placed this order", number)


def _steps_once(evidence: Evidence) -> Iterator[Unexplained]:
    """A part has a version, and each step names the one it saw: of two that saw the same, one is refused."""
    seen: dict[tuple[str, int], list[str]] = defaultdict(list)
    for operation, _, _ in evidence.happened(*STEPS):
        seen[operation.facts["part"], operation.facts["version"]].append(str(operation))
    for (part, version), done in seen.items():
        if len(done) > 1:
            yield Unexplained("two did the same step", part, {"version": version, "both": " and ".join(done)})


def _ends(evidence: Evidence) -> Iterator[Unexplained]:
    status = {row["number"]: row["status"] for row in evidence.rows("SELECT number, status FROM oms_order")}
    parts = {row["number"]: row["status"] for row in evidence.rows("SELECT number, status FROM oms_fulfillment")}
    shipped = {operation.facts["part"] for operation, _, _ in evidence.happened("ship")}
    for part in shipped:
        if parts.get(part) not in _LEFT:
            yield Unexplained("it was shipped, and is still here", part, {"status": parts.get(part)})
    for part, now in parts.items():
        if now in _LEFT and part not in shipped:
            yield Unexplained("it left, and nobody shipped it", part, {"status": now})
    left = {operation.facts["order"] for operation, _, _ in evidence.happened("ship")}
    for operation, _, _ in evidence.happened("cancel"):
        number = operation.facts["order"]
        if status.get(number) != "cancelled" and number not in left:
            yield Unexplained("it was cancelled, and goes on", number, {"status": status.get(number)})
    for number, now in status.items():
        if now == "cancelled" and number in left:
            yield Unexplained("it was cancelled, and left the house", number)


def _goods(evidence: Evidence) -> Iterator[Unexplained]:
    """What left, came in, was counted and came back is in the moves: no more, no less."""
    wanted: dict[str, Counter[str]] = defaultdict(Counter)
    for operation, answer, _ in evidence.happened("receive", "adjust", "count", "ship", "inspect"):
        if operation.kind == "receive":
            wanted["receipt"][operation.facts["sku"]] += operation.facts["adds"]
        elif operation.kind == "adjust":
            wanted["adjustment"][operation.facts["sku"]] += operation.facts["adds"]
        elif operation.kind == "count":
            wanted["adjustment"][operation.facts["sku"]] += answer["counted"] - answer["expected"]
        else:
            sign, kind = (-1, "issue") if operation.kind == "ship" else (1, "restock")
            for sku, quantity in operation.facts["goods"].items():
                wanted[kind][sku] += sign * quantity
            # What is thrown away comes in as everything that comes back, and is written off at once.
            for sku, quantity in operation.facts.get("scrapped", {}).items():
                wanted["restock"][sku] += quantity
                wanted["adjustment"][sku] -= quantity
    # What was there before anyone began: the demo shop's own stock, less what was taken out to have little.
    query = (
        "SELECT kind, sku, sum(quantity) AS quantity FROM oms_stock_move"
        " WHERE note NOT IN ('storm begins', 'opening stock of the demo shop') GROUP BY kind, sku"
    )
    moved = {(row["kind"], row["sku"]): int(row["quantity"]) for row in evidence.rows(query)}
    for kind in ("receipt", "adjustment", "issue", "restock"):
        for sku in evidence.skus:
            told, kept = wanted[kind][sku], moved.get((kind, sku), 0)
            if told != kept:
                yield Unexplained(f"the moves ({kind}) are not what was done", sku, {"done": told, "moved": kept})
