"""Many real processes at the same entries."""

import random
from datetime import date

import pytest

from backend.ledger import chart, service
from backend.ledger.errors import AlreadyReversed
from backend.ledger.models import JournalEntry
from backend.ledger.rules import payment_received
from backend.ledger.service import Fact
from tests.backend.storm import Storm

DAY = date(2026, 11, 25)
ENTRIES, WORKERS = 500, 20


def reverse_all(database, entry_ids):
    """How many of them this process reversed, and how often it was told that another had."""
    done = refused = 0
    for entry_id in entry_ids:
        try:
            with database.write() as session:
                service.reverse(session, entry_id, DAY, "staff:1", None)
            done += 1
        except AlreadyReversed:
            refused += 1
    return done, refused


@pytest.mark.timeout(900)
def test_five_hundred_entries_each_reversed_twice_at_once_are_reversed_once(
    database, database_url, count_rows
):  # case 73
    with database.write() as session:
        ids = [
            service.post(session, Fact(f"payment:{n}", service.BY_HAND, "x", "COP", DAY, "system"), legs)
            for n, legs in enumerate([payment_received(chart.BANK, 1_000)] * ENTRIES)
        ]
    tasks = []
    for first in range(WORKERS // 2):
        share = ids[first :: WORKERS // 2]
        # Both of a pair have the same entries, one of them in another order.
        tasks += [(reverse_all, share), (reverse_all, random.Random(first).sample(share, len(share)))]

    with Storm(database_url, WORKERS) as storm:
        answers = storm.rage(tasks)

    assert [sum(counts) for counts in zip(*answers, strict=True)] == [500, 500]
    assert count_rows(JournalEntry) == 1_000
    with database.read() as session:
        assert {line.code: line.balance_minor for line in service.trial_balance(session)} == {
            chart.BANK: 0,
            chart.RECEIVABLE: 0,
        }
