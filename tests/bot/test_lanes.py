"""A conversation's messages are answered one after the other, whoever answers: the database sees to it."""

from __future__ import annotations

import threading
import time

import pytest

from tests.bot.conftest import START_S, Running
from tests.bot.neighbours import Items, Question, echo

pytestmark = pytest.mark.chaos

WORKERS = {"worker-1", "worker-2"}


def start_both(bot: Running) -> None:
    """The second may not be there yet."""
    for name in sorted(WORKERS):
        bot.environment["COMANDA_EXECUTOR"] = name
        bot.start_worker()
        bot.processes[name] = bot.processes.pop("worker")


def workers_at_work(bot: Running) -> set[object]:
    """Those that have ended a turn."""
    table = "workflow_status" if bot.database.is_sqlite else "dbos.workflow_status"
    ended = f"SELECT DISTINCT executor_id FROM {table} WHERE status = 'SUCCESS' AND name = 'handle_turn'"
    return {name for (name,) in bot.rows(ended)}


# case 53
def test_a_conversation_has_one_turn_at_a_time_whichever_worker_takes_it(own_bot: Running) -> None:
    own_bot.start_web()
    lane, others = own_bot.page(), [own_bot.page() for _ in range(3)]
    is_thinking, leave = threading.Event(), threading.Event()

    def think(question: Question) -> Items:
        if question["message"] == "uno":
            is_thinking.set()
            leave.wait(120)
        return echo(question)

    own_bot.neighbours.answer = think
    texts = ["uno", "dos", "tres"]
    for text in texts:
        lane.say(text)
        lane.receive("ack")
    start_both(own_bot)
    assert is_thinking.wait(30)

    # Both find work in other lanes meanwhile.
    deadline = time.monotonic() + START_S
    while workers_at_work(own_bot) != WORKERS:
        assert time.monotonic() < deadline, "one of them does nothing"
        for page in others:
            page.say("de paso")
        for page in others:
            page.receive("message", text="echo: de paso", timeout_s=60)
    assert own_bot.neighbours.asked(lane.conversation_id) == ["uno"]

    leave.set()
    lane.receive("message", text="echo: tres", timeout_s=60)
    assert own_bot.neighbours.asked(lane.conversation_id) == texts
    assert [reply for reply in lane.replies if reply.startswith("echo: ")] == [f"echo: {text}" for text in texts]
