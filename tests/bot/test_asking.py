"""Asking Telegram what has come, by real processes that are killed: nothing is lost, and nothing is taken twice."""

from __future__ import annotations

import os
import threading
from collections import Counter

import pytest

from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until
from tests.bot.telegram import example
from tests.forked import Forked

pytestmark = pytest.mark.chaos

# Twenty take minutes: KILLS=20 pytest tests/bot/test_asking.py
RESTARTS, EACH = int(os.environ.get("KILLS", "5")), 10


# case 14
def test_two_who_ask_lose_and_double_nothing_over_many_kills(own_bot: Running) -> None:
    own_bot.start_web()
    own_bot.kill("web")
    both = [start(own_bot), start(own_bot)]
    told: list[str] = []
    for number in range(RESTARTS):
        wait_for(own_bot, len(told))
        more = [f"mensaje {number}.{each}" for each in range(EACH)]
        told += more
        killed = threading.Timer(0.02 * (number % 5), both[number % 2].kill)
        killed.start()
        come(own_bot, more)
        killed.join()
        both[number % 2].wait()
        both[number % 2] = start(own_bot)
    wait_for(own_bot, len(told))
    for each in both:
        each.kill()
        each.wait()

    taken = Counter(str(said) for (said,) in own_bot.rows("SELECT text FROM bot_message WHERE author = 'customer'"))
    lost, double = set(told) - taken.keys(), [said for said, times in taken.items() if times > 1]
    print(f"{len(told)} messages over {RESTARTS} kills: lost {len(lost)}, double {len(double)}")
    assert (sorted(taken), lost, double) == (sorted(told), set(), [])
    assert own_bot.telegram.violations == []


def start(bot: Running) -> Forked:
    return Forked("tests.bot.poller_process", os.environ | bot.environment)


def wait_for(bot: Running, count: int) -> None:
    heard = "SELECT 1 FROM bot_message WHERE author = 'customer'"
    wait_until(lambda: len(bot.rows(heard)) >= count, timeout_s=120, what=f"{count} messages")


def come(bot: Running, texts: list[str]) -> None:
    """One person writes all of it, while we are being asked and killed."""
    for text in texts:
        with bot.telegram.lock:
            bot.telegram.last_update += 1
            number = bot.telegram.last_update
            who = {"from": {"id": 42, "is_bot": False, "first_name": "Ana"}}
            message = example("Message", message_id=number, text=text, **who)
            bot.telegram.updates.append({"update_id": number, "message": message})
