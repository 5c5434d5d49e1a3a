"""What was written while nothing worked is answered in order, and who writes meanwhile does not wait for all of it.

The whole of it is `BACKLOG_CHATS=500 BACKLOG_EACH=10 pytest tests/bot/test_backlog.py`.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import datetime

import pytest

from bench.figures import percentile
from bench.webhooks import post_all
from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until
from tests.bot.test_webhook_storm import webhook_from

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

CHATS = int(os.environ.get("BACKLOG_CHATS", "24"))
EACH = int(os.environ.get("BACKLOG_EACH", "6"))
BURST, OTHERS = 50, 5
TURNS = (
    "SELECT m.conversation_id, m.seq, m.at, t.finished_at, t.status, c.sender FROM bot_turn t "
    "JOIN bot_message m ON m.id = t.message_id JOIN bot_conversation c ON c.id = m.conversation_id "
    "ORDER BY m.conversation_id, m.seq"
)


# case 116
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backlog_is_drained_in_order_and_a_new_chat_does_not_wait_for_it(own_bot: Running) -> None:
    own_bot.start_web()
    url = own_bot.settings.public_url
    webhooks = [webhook_from(url, number, number % CHATS) for number in range(CHATS * EACH)]
    asyncio.run(post_all(own_bot.port, webhooks, [number / 100 for number in range(len(webhooks))]))

    began = time.monotonic()
    own_bot.start_worker()
    number = len(webhooks)
    while own_bot.rows("SELECT 1 FROM bot_turn WHERE status = 'received' LIMIT 1"):
        asyncio.run(post_all(own_bot.port, [webhook_from(url, number, number)], [0.0]))
        number += 1
        time.sleep(0.3)
        assert time.monotonic() - began < 600
    drained_s = time.monotonic() - began

    turns = [(*row[:2], _at(row[2]), _at(row[3]), *row[4:]) for row in own_bot.rows(TURNS)]
    newcomers = [row for row in turns if int(str(row[5])[-7:]) >= len(webhooks)]
    waits_s = [(row[3] - row[2]).total_seconds() for row in newcomers]
    by_lane: dict[object, list[datetime]] = {}
    for row in turns:
        by_lane.setdefault(row[0], []).append(row[3])
    p95 = percentile(waits_s, 95)
    print(
        f"{len(webhooks)} messages of {CHATS} chats drained in {drained_s:.1f} s; "
        f"{len(newcomers)} new chats meanwhile, p95 {p95:.1f} s"
    )
    assert len(turns) == number
    assert {row[4] for row in turns} == {"answered"}
    assert all(ends == sorted(ends) for ends in by_lane.values())
    assert p95 < drained_s / 2

    # case 40
    chatty, others = number, range(number + 1, number + 1 + OTHERS)
    burst = [webhook_from(url, number + each, chatty) for each in range(BURST)]
    few = [webhook_from(url, number + BURST + each, other) for each, other in enumerate(others)]
    moments = [each / BURST for each in range(BURST)] + [0.5 + each / OTHERS for each in range(OTHERS)]
    posted = sorted(zip(moments, [*burst, *few], strict=True), key=lambda each: each[0])
    asyncio.run(post_all(own_bot.port, [each for _, each in posted], [moment for moment, _ in posted]))
    wait_until(
        lambda: not own_bot.rows("SELECT 1 FROM bot_turn WHERE status = 'received'"), timeout_s=120, what="the burst"
    )

    after = [(*row[:2], _at(row[2]), _at(row[3]), *row[4:]) for row in own_bot.rows(TURNS)]
    of_chatty = [row for row in after if int(str(row[5])[-7:]) == chatty]
    of_others = [row for row in after if int(str(row[5])[-7:]) in others]
    whole_s = (max(row[3] for row in of_chatty) - min(row[2] for row in of_chatty)).total_seconds()
    waited_s = [(row[3] - row[2]).total_seconds() for row in of_others]
    print(f"{BURST} messages of one chat in a second: in order, {whole_s:.1f} s; others waited {max(waited_s):.1f} s")
    assert (len(of_chatty), len(of_others)) == (BURST, OTHERS)
    assert [row[3] for row in of_chatty] == sorted(row[3] for row in of_chatty)
    assert max(waited_s) < whole_s / 2


def _at(told: object) -> datetime:
    return datetime.fromisoformat(str(told))
