"""Money: what came and went back is what provider and people know of, is booked once, and invoices bill what left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from backend.ledger import chart
from bench.storm.checks.evidence import Evidence, Unexplained

_WHERE_MONEY_IS = (chart.CASH, chart.BANK, chart.CLEARING)


def check(evidence: Evidence) -> Iterator[Unexplained]:
    yield from _recorded(evidence)
    yield from _at_the_provider(evidence)
    yield from _given_back(evidence)
    yield from _booked(evidence)
    yield from _invoiced(evidence)


def _recorded(evidence: Evidence) -> Iterator[Unexplained]:
    """Each payment by hand was recorded by someone, once."""
    query = (
        "SELECT p.number, p.captured_minor, o.number AS order_number FROM oms_payment p"
        " JOIN oms_order o ON o.id = p.order_id WHERE p.provider = 'manual'"
    )
    found = {row["number"]: row for row in evidence.rows(query)}
    told = Counter[str]()
    for operation, answer, _ in evidence.happened("record payment"):
        row = found.get(answer["number"])
        told[answer["number"]] += 1
        if row is None:
            yield Unexplained("acknowledged, and there is no such payment", str(operation))
        elif (row["order_number"], row["captured_minor"]) != (
            operation.facts["order"],
            operation.facts["amount_minor"],
        ):
            yield Unexplained("the payment is another one", answer["number"], row)
    for number, count in told.items():
        if count > 1:
            yield Unexplained("two payments became one", number, {"acts": count})
    for number in found.keys() - told.keys():
        yield Unexplained("nobody recorded this payment", number, found[number])


def _at_the_provider(evidence: Evidence) -> Iterator[Unexplained]:
    there = {row["id"]: row for row in evidence.provider_rows("SELECT * FROM payment")}
    query = "SELECT number, provider_ref, captured_minor FROM oms_payment WHERE provider = 'demo'"
    here = {row["provider_ref"]: row for row in evidence.rows(query) if row["provider_ref"]}
    for operation in evidence.history.of("pay", outcome="ok"):
        # It may have ended another way before: then the page says so.
        status = there.get(operation.facts["ref"], {}).get("status")
        if status in (None, "open"):
            yield Unexplained("the provider answered, and has nothing", str(operation), {"status": status})
    for ref, row in there.items():
        captured = row["amount_minor"] if row["status"] == "captured" else 0
        ours = here.get(ref, {}).get("captured_minor", 0)
        if captured != ours:
            yield Unexplained("provider and books disagree", row["number"], {"provider": captured, "books": ours})
    for ref, row in here.items():
        if row["captured_minor"] and ref not in there:
            yield Unexplained("the provider has no such payment", row["number"], row)


def _given_back(evidence: Evidence) -> Iterator[Unexplained]:
    query = (
        "SELECT r.number, r.amount_minor, r.way, r.status, r.refund_ref, p.number AS payment, p.captured_minor"
        " FROM oms_refund r JOIN oms_payment p ON p.id = r.payment_id"
    )
    rows = evidence.rows(query)
    ours = {row["number"]: row for row in rows}
    there: dict[str, int] = Counter()
    for row in evidence.provider_rows("SELECT number, amount_minor FROM refund WHERE status = 'succeeded'"):
        there[row["number"]] += row["amount_minor"]
    given: dict[str, int] = Counter()
    for number, row in ours.items():
        is_out = row["amount_minor"] if row["status"] == "succeeded" else 0
        given[row["payment"]] += is_out
        if row["way"] == "provider" and there.get(number, 0) != is_out:
            facts = {"provider": there.get(number, 0), "books": is_out, "status": row["status"]}
            yield Unexplained("provider and books disagree about what went back", number, facts)
    for row in rows:
        if given[row["payment"]] > row["captured_minor"]:
            yield Unexplained("more went back than came", row["payment"], {"back": given[row["payment"]]})
    for number in there.keys() - ours.keys():
        yield Unexplained("the provider gave back what nobody asked for", number, {"amount": there[number]})
    for operation, _, _ in evidence.happened("pay out"):
        if ours.get(operation.facts["refund"], {}).get("status") != "succeeded":
            yield Unexplained("it was paid out, and the refund is still open", str(operation))


def _booked(evidence: Evidence) -> Iterator[Unexplained]:
    """Where the books say money is, is what came less what went, order by order; and every entry balances."""
    query = (
        "SELECT e.id, e.subject, e.fact, p.account_code, p.debit_minor - p.credit_minor AS moved"
        " FROM oms_posting p JOIN oms_journal_entry e ON e.id = p.entry_id"
    )
    balance: dict[str, int] = defaultdict(int)
    money: dict[str, int] = defaultdict(int)
    for row in evidence.rows(query):
        balance[row["id"]] += row["moved"]
        if row["account_code"] in _WHERE_MONEY_IS:
            money[row["subject"]] += row["moved"]
    for entry, left in balance.items():
        if left:
            yield Unexplained("the entry does not balance", entry, {"left": left})
    came: dict[str, int] = defaultdict(int)
    query = (
        "SELECT o.number, p.captured_minor - p.fee_minor AS came FROM oms_payment p"
        " JOIN oms_order o ON o.id = p.order_id"
    )
    for row in evidence.rows(query):
        came[row["number"]] += row["came"]
    for row in evidence.rows(
        "SELECT o.number, r.amount_minor FROM oms_refund r JOIN oms_order o ON o.id = r.order_id"
        " WHERE r.status = 'succeeded'"
    ):
        came[row["number"]] -= row["amount_minor"]
    for number in came.keys() | {subject for subject in money if subject.startswith("PED-")}:
        if came[number] != money[number]:
            yield Unexplained(
                "the money in the books is not what came", number, {"came": came[number], "booked": money[number]}
            )


def _invoiced(evidence: Evidence) -> Iterator[Unexplained]:
    """An invoice for each parcel, for what is in it; its numbers without a gap."""
    billed: dict[str, Counter[str]] = defaultdict(Counter)
    query = (
        "SELECT o.number, l.sku, l.base_quantity FROM oms_invoice_line l JOIN oms_invoice i ON i.id = l.invoice_id"
        " JOIN oms_order o ON o.id = i.order_id WHERE i.kind = 'invoice' AND l.sku IS NOT NULL"
    )
    for row in evidence.rows(query):
        billed[row["number"]][row["sku"]] += row["base_quantity"]
    left: dict[str, Counter[str]] = defaultdict(Counter)
    for operation, _, _ in evidence.happened("ship"):
        left[operation.facts["order"]].update(operation.facts["goods"])
    for number in billed.keys() | left.keys():
        if +billed[number] != +left[number]:
            facts = {"left": dict(left[number]), "billed": dict(billed[number])}
            yield Unexplained("what left is not what was billed", number, facts)
    series: dict[str, list[int]] = defaultdict(list)
    for row in evidence.rows("SELECT kind, sequence FROM oms_invoice ORDER BY kind, sequence"):
        series[row["kind"]].append(row["sequence"])
    for kind, numbers in series.items():
        if numbers != list(range(1, len(numbers) + 1)):
            yield Unexplained("the numbers have a gap, or one twice", kind, {"numbers": numbers[-5:]})
