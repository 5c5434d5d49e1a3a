"""A provider that is away for long: what waits for it outlasts that, and does not fall upon it when it is back."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest

from bot.channels.breaker import HOLD_MAX_S, HOLD_MIN_S, OPENS_AFTER, SPREAD, Breaker
from bot.contacts import service as contacts
from bot.conversations import service
from kernel import clock
from kernel.db import Database
from tests.bot.line import Line
from tests.bot.neighbours import Neighbours
from tests.bot.test_bulk import most_in_a_second
from tests.bot.twilio import Twilio

AWAY = (503, 20503, None)
PENDING, ROUNDS = 1_000, 7
PER_SECOND = 80


def say_to_each(line: Line, count: int) -> None:
    """News for so many customers, each of whom wrote lately."""
    for number in range(count):
        sender = f"+5730{number:08d}"
        with line.database.write() as session:
            contacts.hear(contacts.ensure(session, "whatsapp", sender, sender), clock.now(), None)
            conversation_id = service.open_for(session, "whatsapp", sender, "es").id
        with line.delivery.to(conversation_id) as (session, conversation):
            service.append(session, conversation, "assistant", f"noticia {number}")


# case 120
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_thousand_messages_outlast_an_outage_while_one_at_a_time_looks_whether_it_is_over(
    database: Database, neighbours: Neighbours, tmp_path: Path
) -> None:
    twilio = Twilio()
    line = Line(database, neighbours, twilio, tmp_path)
    say_to_each(line, PENDING)
    twilio.fail = [AWAY] * 100_000

    began_at = time.monotonic()
    for _ in range(ROUNDS):
        line.send()
    asked, lasted_s = 100_000 - len(twilio.fail), time.monotonic() - began_at
    kept = Counter(status for status, _reason in line.outgoing())
    twilio.fail = []
    line.sends._breakers["whatsapp"]._open_until = 0.0
    while any(status == "queued" for status, _reason in line.outgoing()):
        line.send()
    peak = most_in_a_second(twilio.times)
    twilio.stop()

    print(f"{PENDING} pending: asked {asked} times in an outage of {lasted_s:.0f} s; then at most {peak} in a second")
    assert kept == {"queued": PENDING}
    assert asked <= OPENS_AFTER + lasted_s / HOLD_MIN_S + 1
    assert sorted(twilio.bodies()) == sorted(f"noticia {number}" for number in range(PENDING))
    assert {status for status, _reason in line.outgoing()} == {"sent"}
    assert peak <= PER_SECOND


def test_one_message_that_never_goes_holds_up_no_other() -> None:
    breaker = Breaker()
    for _ in range(OPENS_AFTER * 2):
        breaker.failed("the same")

    assert not breaker.is_open
    assert breaker.wait_s() == 0.0


def test_of_those_who_come_when_the_wait_is_over_one_looks() -> None:
    breaker = Breaker()
    for number in range(OPENS_AFTER):
        breaker.failed(str(number))
    waits = {round(breaker.wait_s(), 3) for _ in range(50)}
    breaker._open_until = 0.0

    looks = [breaker.wait_s() for _ in range(50)]

    assert min(waits) > 0
    assert len(waits) > 1
    assert looks.count(0.0) == 1
    breaker.worked()
    assert breaker.wait_s() == 0.0


def test_an_outage_that_lasts_for_days_is_looked_at_every_half_minute() -> None:
    breaker = Breaker()
    for each in range(2_000):
        breaker.failed(str(each))

    assert HOLD_MAX_S - 5 < breaker.wait_s() <= HOLD_MAX_S * (1 + SPREAD)
