"""Signed webhooks by an open loop, each message several times, while `kill -9` hits the web process and the worker."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from bench.arrivals import arrivals
from bench.figures import percentile
from bench.webhooks import post_all
from tests.bot.conftest import Running
from tests.bot.neighbours import Items, Question, echo, wait_until
from tests.bot.twilio import ACCOUNT, TOKEN

pytestmark = pytest.mark.chaos

# 320 webhooks a second, for a minute with `WEBHOOKS_SECONDS=60`.
PER_SECOND, COPIES, SENDERS = 40.0, 8, 60
LOAD_S = float(os.environ.get("WEBHOOKS_SECONDS", "6"))
PATH = "/channels/whatsapp"


def webhook(url: str, number: int) -> bytes:
    return webhook_from(url, number, number % SENDERS)


def webhook_from(url: str, number: int, sender: int) -> bytes:
    fields = {"MessageSid": f"SM{number:032x}", "AccountSid": ACCOUNT, "NumMedia": "0", "Body": f"mensaje {number}"}
    fields |= {
        "From": f"whatsapp:+57300{sender:07d}",
        "To": "whatsapp:+14155238886",
    }
    content = urlencode(fields)
    signature = RequestValidator(TOKEN).compute_signature(url + PATH, fields)
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Twilio-Signature: {signature}\r\n"
    head += f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(content)}\r\n\r\n"
    return (head + content).encode()


def echoes(bot: Running) -> list[str]:
    return [body for body in bot.twilio.bodies() if body.startswith("echo: ")]


def test_what_was_acknowledged_is_kept_once_and_answered_at_most_once(own_bot: Running) -> None:  # case 5, 6
    own_bot.start_web()
    own_bot.start_worker()
    moments = [moment for moment in arrivals(PER_SECOND, LOAD_S, seed=3) for _ in range(COPIES)]
    count = len(moments) // COPIES
    webhooks = [webhook(own_bot.settings.public_url, number // COPIES) for number in range(len(moments))]

    def kill() -> None:
        for name, start in (("web", own_bot.start_web), ("worker", own_bot.start_worker)):
            time.sleep(LOAD_S / 3)
            own_bot.kill(name)
            start()

    killer = threading.Thread(target=kill)
    killer.start()
    met = asyncio.run(post_all(own_bot.port, webhooks, moments))
    killer.join()

    assert len(met.at_once_ms) + len(met.again_ms) == COPIES * count
    kept = own_bot.rows("SELECT count(*), count(DISTINCT text) FROM bot_message WHERE author = 'customer'")
    assert kept == [(count, count)]
    open_ = "SELECT 1 FROM bot_turn WHERE status = 'received' UNION ALL"
    open_ += " SELECT 1 FROM bot_outgoing WHERE status IN ('queued', 'sending')"
    wait_until(lambda: not own_bot.rows(open_), timeout_s=240 + 10 * LOAD_S, what="every answer")
    copies = Counter(echoes(own_bot))
    sent = {f"echo: mensaje {number}" for number in range(count)} & copies.keys()
    assert copies.total() == len(sent)
    uncertain = own_bot.rows("SELECT id FROM bot_outgoing WHERE status = 'uncertain'")
    lost, double = count - kept[0][1], kept[0][0] - kept[0][1] + copies.total() - len(sent)
    print(
        f"{COPIES * count} webhooks in {LOAD_S:.0f} s, {count} messages, over 2 kills: "
        f"lost {lost}, double {double}, uncertain {len(uncertain)}"
    )
    assert count - len(sent) <= len(uncertain)


def test_webhooks_are_acknowledged_while_the_assistant_is_still_thinking(own_bot: Running) -> None:  # case 8
    thinking = threading.Event()

    def think(question: Question) -> Items:
        thinking.wait(40)
        return echo(question)

    own_bot.neighbours.answer = think
    own_bot.start_web()
    own_bot.start_worker()
    webhooks = [webhook(own_bot.settings.public_url, number) for number in range(100)]

    met = asyncio.run(post_all(own_bot.port, webhooks, [number / 50 for number in range(100)]))
    answered = echoes(own_bot)
    p50, p99 = (percentile(met.at_once_ms, share) for share in (50, 99))
    print(f"acknowledged: p50 {p50:.0f} ms, p99 {p99:.0f} ms, at most {max(met.at_once_ms):.0f} ms")
    thinking.set()

    assert (len(met.at_once_ms), len(met.again_ms), answered) == (100, 0, [])
    wait_until(lambda: len(echoes(own_bot)) == 100, timeout_s=120, what="every answer")
