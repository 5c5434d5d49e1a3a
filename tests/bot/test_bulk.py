"""Much news at once, through real processes: no provider gets more than it allows, and no answer waits behind it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

import httpx
import pytest
from twilio.request_validator import RequestValidator

from bot.channels.pushed import PUSHED, open_channels
from bot.contacts import service as contacts
from bot.conversations import service
from bot.delivery import Delivery
from bot.hints import LocalHints
from bot.telling.sending import AT_MOST
from kernel import clock
from tests.bot.conftest import Running
from tests.bot.neighbours import wait_until
from tests.bot.telegram import example
from tests.bot.twilio import ACCOUNT, TOKEN

pytestmark = pytest.mark.chaos

NEWS, ANSWERS = 500, 10
# What each provider allows in any second.
MOST = {"whatsapp": 80, "telegram": 30}


# case 24
def test_no_answer_waits_behind_five_hundred_notices_and_no_second_has_too_many(own_bot: Running) -> None:
    own_bot.start_web()
    say_first(own_bot, ["telegram", "whatsapp"] * (NEWS // 2))
    own_bot.start_worker()
    wait_until(lambda: all(len(sent) > 5 for sent in told(own_bot).values()), timeout_s=60, what="the first news")

    asked_at = time.monotonic()
    ask(own_bot)
    wait_until(lambda: own_bot.rows(LEFT) == [(0,)], timeout_s=180, what="all to have left")

    waits = []
    for channel, sent in told(own_bot).items():
        busiest = most_in_a_second([at for _, at in sent])
        answers = [at for text, at in sent if text.startswith("echo: ")]
        news = [at for text, at in sent if text.startswith("Tu pedido")]
        print(f"{channel}: {len(news)} notices, {len(answers)} answers, at most {busiest} in a second")
        assert (len(news), len(answers)) == (NEWS // 2, ANSWERS)
        assert busiest <= MOST[channel]
        # In one line with the news they would be spread over all of it.
        assert sum(at < max(answers) for at in news) < 0.8 * len(news)
        waits += [at - asked_at for at in answers]
    print(f"answers during it: p95 {statistics.quantiles(waits, n=20)[-1]:.2f} s")
    assert own_bot.rows("SELECT DISTINCT status FROM bot_outgoing") == [("sent",)]


LEFT = "SELECT count(*) FROM bot_outgoing WHERE status IN ('queued', 'sending')"


# case 19
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_while_whatsapp_hangs_all_that_is_said_on_telegram_leaves(own_bot: Running) -> None:
    own_bot.twilio.is_answering.clear()
    say_first(own_bot, ["whatsapp"] * (4 * AT_MOST))
    say_first(own_bot, ["telegram"] * (4 * AT_MOST))

    own_bot.start_worker()
    wait_until(lambda: own_bot.twilio.hanging >= AT_MOST, timeout_s=60, what="WhatsApp to hang")
    wait_until(lambda: len(own_bot.telegram.texts()) == 4 * AT_MOST, timeout_s=60, what="all of Telegram's")
    [(waiting,)] = own_bot.rows("SELECT count(*) FROM bot_outgoing WHERE channel = 'whatsapp' AND status = 'queued'")

    print(f"while {waiting} of WhatsApp's {4 * AT_MOST} wait, Telegram has {len(own_bot.telegram.texts())}; lost 0")
    assert own_bot.twilio.sent == []
    assert waiting >= AT_MOST
    assert sorted(own_bot.telegram.texts()) == sorted(f"Tu pedido PED-{each} ya salió" for each in range(4 * AT_MOST))


def test_every_channel_that_can_be_opened_has_its_queues(own_bot: Running) -> None:
    channels = open_channels(own_bot.settings)
    channels["telegram"].close()

    assert tuple(channels) == PUSHED


def say_first(bot: Running, to: Sequence[str]) -> None:
    """A notice to so many customers, each on this channel."""
    channels = open_channels(bot.settings)
    delivery = Delivery(bot.database, LocalHints(lambda _: None), channels)
    for number, channel in enumerate(to):
        sender = f"+5730{number:08d}" if channel == "whatsapp" else str(1_000 + number)
        with bot.database.write() as session:
            contacts.hear(contacts.ensure(session, channel, sender, sender), clock.now(), None)
            conversation_id = service.open_for(session, channel, sender, "es").id
        with delivery.to(conversation_id) as (session, conversation):
            service.append(session, conversation, "assistant", f"Tu pedido PED-{number} ya salió")
    channels["telegram"].close()


def ask(bot: Running) -> None:
    """A question of each of a few others, on each channel."""
    for number in range(ANSWERS):
        who = {"id": 90 + number, "is_bot": False, "first_name": "Ana"}
        said = example(
            "Message", message_id=number, text=f"pregunta {number}", chat={"id": 90 + number, "type": "private"}
        )
        bot.telegram.updates.append({"update_id": number, "message": said | {"from": who}})
        fields = {"MessageSid": f"SM{number}", "AccountSid": ACCOUNT, "NumMedia": "0", "Body": f"pregunta {number}"}
        fields |= {"From": f"whatsapp:+57310000000{number}"}
        address = f"{bot.url}/channels/whatsapp"
        headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(address, fields)}
        assert httpx.post(address, data=fields, headers=headers, trust_env=False).status_code == 200


def told(bot: Running) -> dict[str, list[tuple[str, float]]]:
    """What each provider was sent so far, and when."""
    texts = [call.get("text", "") for _, call in bot.telegram.calls]
    return {
        "whatsapp": list(zip([each["Body"] for each in bot.twilio.sent], bot.twilio.times, strict=False)),
        "telegram": list(zip(texts, bot.telegram.times, strict=False)),
    }


def most_in_a_second(times: Sequence[float]) -> int:
    return max(sum(start <= at < start + 1.0 for at in times) for start in times)
