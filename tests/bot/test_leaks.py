"""What a worker and a web process hold after many turns: as much memory and as many files as after few.

For half an hour, and of every process: `make bench ARGS=soak`.
"""

from __future__ import annotations

import psutil
import pytest

from bot.channels.web import HISTORY_LIMIT
from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

WARM_UP, CHATS, EACH = 10, 30, 10
# What a turn leaves in rows and spans is some kB: this much more each time is an object with all it holds.
KB_OF_A_TURN_MOST = 50
# Pools keep the connections that they once needed at the same time; one left open by each chat would be more.
FILES_MOST = 20


def chat(bot: Running, count: int) -> None:
    """Someone new, who says so much, each after the answer before."""
    page = bot.page()
    for number in range(count):
        page.say(f"hola {number}")
        page.until_replies(number + 1, timeout_s=60)
    bot.close_pages()


def held(bot: Running, name: str) -> tuple[float, int, int]:
    """Resident kB, open files and sockets, threads."""
    process = psutil.Process(bot.processes[name].pid)
    with process.oneshot():
        return process.memory_info().rss / 1_000, process.num_fds(), process.num_threads()


# case 118
def test_three_hundred_turns_leave_no_file_open_and_no_memory_held(own_bot: Running) -> None:
    assert EACH < HISTORY_LIMIT
    own_bot.start_web()
    own_bot.start_worker()
    for _ in range(WARM_UP):
        chat(own_bot, EACH)
    before = {name: held(own_bot, name) for name in ("web", "worker")}

    for _ in range(CHATS):
        chat(own_bot, EACH)
    wait_until(lambda: files(own_bot, before) <= FILES_MOST, timeout_s=30, what="closed sockets")

    turns = CHATS * EACH
    for name, (kb, fds, threads) in before.items():
        now_kb, now_fds, now_threads = held(own_bot, name)
        a_turn_kb = (now_kb - kb) / turns
        more = f"files {fds} → {now_fds}, threads {threads} → {now_threads}"
        print(f"{name}: {a_turn_kb:.1f} kB a turn, {more}")
        assert a_turn_kb < KB_OF_A_TURN_MOST
        assert now_threads - threads <= 8


def files(bot: Running, before: dict[str, tuple[float, int, int]]) -> int:
    """How many more are open than before, in the one or the other."""
    return max(held(bot, name)[1] - fds for name, (_kb, fds, _threads) in before.items())
