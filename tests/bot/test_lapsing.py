"""An agent who is gone keeps nothing: what they had is in the queue again, where it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from bot.desk.lapsing import return_lapsed
from kernel import clock
from kernel.db import Database
from tests.bot.desk_of import Shop, refusal

AGAIN = "Quien te atendía se desconectó, así que volviste a la fila donde estabas."


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path)


# case 46
async def test_what_an_agent_had_who_is_gone_waits_again_and_its_customer_hears_of_it(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    later = shop.opens(sender="later")
    await rosa.claim(conversation_id, 2, key="1")
    shop.hears(conversation_id, "¿sigues ahí?")
    with time_machine.travel(clock.now() + timedelta(minutes=4, seconds=50), tick=False):
        assert return_lapsed(shop.database, shop.delivery) == 0
    # The lease is five minutes, and the worker looks every ten seconds.
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=10), tick=False):
        assert return_lapsed(shop.database, shop.delivery) == 1
        assert return_lapsed(shop.database, shop.delivery) == 0
        luis = shop.agent("luis")
        assert [each.id for each in await luis.queue()] == [conversation_id, later]
        back = await luis.conversation(conversation_id)
        assert (back.owner, back.agent_name, back.version) == ("queued", None, 4)
        assert back.last_message_text.startswith(AGAIN)
        [act, _claim] = await luis.acts(conversation_id)
        assert (act.what, act.agent_id, act.before["agent"], act.after["owner"]) == (
            "lapse",
            "system",
            "Rosa",
            "queued",
        )

    assert (await refusal(rosa.say(conversation_id, "perdón", key="2")))[0] == "conversation_not_yours"
    print("returned within the lease of 5 min and 10 s")


# case 46
async def test_a_customer_who_was_answered_last_is_not_disturbed(shop: Shop) -> None:
    rosa, conversation_id = shop.agent("rosa"), shop.opens()
    await rosa.claim(conversation_id, 2, key="1")
    await rosa.say(conversation_id, "Te reviso y te cuento.", key="2")
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        assert return_lapsed(shop.database, shop.delivery) == 1
    assert (await rosa.conversation(conversation_id)).last_message_text == "Te reviso y te cuento."


async def test_who_is_there_keeps_what_they_have_and_so_does_what_is_put_aside(shop: Shop) -> None:
    rosa = shop.agent("rosa")
    kept, aside = shop.opens(sender="a"), shop.opens(sender="b")
    await rosa.claim(kept, 2, key="1")
    await rosa.claim(aside, 2, key="2")
    await rosa.snooze(aside, clock.now() + timedelta(hours=2), key="3")
    with time_machine.travel(clock.now() + timedelta(minutes=4), tick=False):
        await rosa.say(kept, "Ya casi.", key="4")
    with time_machine.travel(clock.now() + timedelta(minutes=8), tick=False):
        assert return_lapsed(shop.database, shop.delivery) == 0
    with time_machine.travel(clock.now() + timedelta(minutes=10), tick=False):
        assert return_lapsed(shop.database, shop.delivery) == 1
    with time_machine.travel(clock.now() + timedelta(hours=2, minutes=1), tick=False):
        assert return_lapsed(shop.database, shop.delivery) == 1
