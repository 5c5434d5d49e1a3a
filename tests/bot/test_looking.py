"""Looking for what may have arrived: it is found at Twilio, or surely not there, and never there twice."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.telling.looking import NEVER_ARRIVED, PUT_OFF_S
from bot.telling.sending import LOOK_WAITS_S, SendHandler
from kernel import clock
from kernel.db import Database
from tests.bot.line import PUBLIC, Line, message
from tests.bot.neighbours import Neighbours
from tests.bot.pushed_chat import KEY
from tests.bot.twilio import Twilio


@pytest.fixture
async def line(database: Database, neighbours: Neighbours, twilio: Twilio, tmp_path: Path) -> Line:
    """A line on which one message was answered."""
    line = Line(database, neighbours, twilio, tmp_path)
    await line.post(message())
    line.run()
    return line


def waits(line: Line) -> list[float]:
    """After how many seconds, to the nearest ten, each look was to be made when it was asked for."""
    workflows = "workflow_status" if line.database.is_sqlite else "dbos.workflow_status"
    query = (
        f"SELECT delay_until_epoch_ms - created_at FROM {workflows} WHERE name = 'look_for_part' ORDER BY created_at"
    )
    return [round(int(waited_ms) / 10_000) * 10 for (waited_ms,) in line.rows(query)]


# case 17
async def test_what_twilio_has_is_found_there_and_its_later_news_finds_it(line: Line) -> None:
    line.twilio.fail = ["reset"]
    line.say("Tu pedido  salió\nhoy")
    line.send()
    assert line.outgoing()[-1] == ("uncertain", "RemoteProtocolError")
    line.twilio.copies[0]["status"] = "queued"

    line.look()

    assert line.outgoing()[-1] == ("sent", None)
    [(outgoing_id, sid)] = line.rows(
        "SELECT id, provider_message_id FROM bot_outgoing ORDER BY created_at DESC LIMIT 1"
    )
    assert sid == line.twilio.copies[0]["sid"]
    told = {"MessageSid": str(sid), "MessageStatus": "read"}
    assert await line.post(told, f"/channels/whatsapp/sent/{outgoing_id}") == 200
    assert line.outgoing()[-1] == ("read", None)
    assert len(line.twilio.sent) == 2
    # Two lists, one of the days and one of what waits, are one look.
    day = f"{clock.now() - timedelta(seconds=60):%Y-%m-%d}T00:00:00Z"
    assert [each.get("DateSent>") for each in line.twilio.listed] == [day, None]


# case 18
async def test_what_a_process_that_died_had_sent_is_found(line: Line) -> None:
    line.say("uno")
    line.send()
    with line.database.write() as session:
        session.execute(text("UPDATE bot_outgoing SET status = 'sending', provider_message_id = NULL"))
    line.send()
    assert line.outgoing() == [("uncertain", "cut_off")] * 2

    line.look()

    assert line.outgoing() == [("delivered", None)] * 2
    assert line.twilio.bodies() == ["echo: hola", "uno"]


# case 17
async def test_what_three_looks_do_not_find_is_sent_once_more_and_never_a_third_time(line: Line) -> None:
    line.twilio.fail = ["lost", "lost"]
    line.say("¿Seguimos?")
    line.send()
    line.look()
    line.look()
    assert line.outgoing()[-1][0] == "uncertain"
    assert line.send() == []

    line.look()
    assert line.outgoing()[-1][0] == "queued"
    line.send()
    assert line.outgoing()[-1][0] == "uncertain"
    for _ in LOOK_WAITS_S:
        line.look()

    assert line.outgoing()[-1] == ("failed", NEVER_ARRIVED)
    assert line.send() == []
    assert line.twilio.fail == []
    assert line.twilio.bodies() == ["echo: hola"]
    assert waits(line) == [20, 120, 600] * 2


# case 17
async def test_what_was_overtaken_is_not_sent_once_more_but_told_as_lost(line: Line) -> None:
    line.twilio.fail = ["lost"]
    line.say("uno")
    line.say("dos")
    line.send()
    for _ in LOOK_WAITS_S:
        line.look()

    assert line.outgoing()[-2:] == [("failed", NEVER_ARRIVED), ("sent", None)]
    assert line.twilio.bodies() == ["echo: hola", "dos"]


# case 17
async def test_one_copy_is_not_found_for_two_parts_that_say_the_same(line: Line) -> None:
    line.twilio.fail = ["lost", "reset"]
    line.say("Sí")
    line.say("Sí")
    line.say("Sí")
    line.send()
    assert [status for status, _reason in line.outgoing()[1:]] == ["uncertain", "uncertain", "sent"]

    for _ in LOOK_WAITS_S:
        line.look()

    # Which of the two it was nobody can tell, and nothing hangs on it.
    assert line.outgoing()[1:] == [("delivered", None), ("failed", NEVER_ARRIVED), ("sent", None)]
    sids = [sid for (sid,) in line.rows("SELECT provider_message_id FROM bot_outgoing") if sid]
    assert len(sids) == len(set(sids)) == 3


# case 17
async def test_a_copy_may_be_that_of_a_part_that_is_just_being_sent(line: Line) -> None:
    line.twilio.fail = ["lost"]
    line.say("Sí")
    line.say("Sí")
    line.send()
    last = "SELECT id FROM bot_outgoing WHERE status = 'sent' ORDER BY created_at DESC LIMIT 1"
    [(sent_id,)] = line.rows(last)
    with line.database.write() as session:
        being = text("UPDATE bot_outgoing SET status = 'sending', provider_message_id = NULL WHERE id = :id")
        session.execute(being, {"id": sent_id})

    line.look()

    assert [status for status, _reason in line.outgoing()[1:]] == ["uncertain", "sending"]
    assert line.rows("SELECT max(looks) FROM bot_outgoing") == [(0,)]
    assert waits(line) == [20, 20]


# case 17
async def test_a_template_that_is_not_found_is_never_sent_a_second_time(line: Line) -> None:
    with line.database.write() as session:
        session.execute(text("UPDATE bot_contact SET heard_at = NULL"))
    line.twilio.fail = ["reset", "lost"]
    line.say("Va en camino", notice="shipment.shipped")
    line.say("Ya llegó", notice="shipment.delivered")
    line.send()
    for _ in range(2 * len(LOOK_WAITS_S)):
        line.look()

    assert [status for status, _reason in line.outgoing()[1:]] == ["delivered", "uncertain"]
    assert len(line.twilio.sent) == 2


# case 17
async def test_buttons_and_documents_are_found_as_well(line: Line) -> None:
    line.twilio.fail = ["reset", "reset", "reset"]
    line.say("¿Seguimos?", "Sí", "No")
    line.say("Tu factura", enclosed=f"{PUBLIC}/f/a/pdf")
    line.send()
    assert [status for status, _reason in line.outgoing()[1:]] == ["uncertain"] * 3

    line.look()

    assert line.outgoing()[1:] == [("delivered", None)] * 3
    assert len(line.twilio.sent) == 4


# case 17
async def test_a_look_that_twilio_does_not_answer_is_put_off_and_counts_for_nothing(line: Line) -> None:
    line.twilio.fail = ["reset"]
    line.say("uno")
    line.send()
    line.twilio.is_listing = False

    line.look()

    assert line.outgoing()[-1][0] == "uncertain"
    assert waits(line) == [20, PUT_OFF_S]
    line.twilio.is_listing = True
    line.look()
    assert line.outgoing()[-1] == ("delivered", None)


# case 17
async def test_what_twilio_had_and_could_not_deliver_is_told_as_failed(line: Line) -> None:
    line.twilio.fail = ["reset"]
    line.say("uno")
    line.send()
    line.twilio.copies[0] |= {"status": "undelivered", "error_code": 30008}

    line.look()

    assert line.outgoing()[-1] == ("failed", "30008")
    assert len(line.twilio.sent) == 2


# case 17
async def test_of_two_hundred_messages_whose_line_is_cut_each_is_there_once_or_told_as_lost(line: Line) -> None:
    chance = random.Random(17)
    fates = [*(chance.choice(["reset", "lost", None]) for _ in range(199)), "lost"]
    line.twilio.fail = list(fates)
    channel = line.channels["whatsapp"]
    channel.limits = replace(channel.limits, per_second=1_000)
    line.sends = SendHandler(line.database, line.channels, KEY)
    for number in range(200):
        line.say(f"mensaje {number}")
    line.send()
    for _ in LOOK_WAITS_S:
        line.look()
        line.send()

    copies = Counter(line.twilio.bodies())
    told = Counter(status for status, _reason in line.outgoing()[1:])
    lost = [number for number in range(200) if not copies[f"mensaje {number}"]]
    most = max(copies.values())
    print(f"copies at the provider: at most {most} of 200; told as lost {told['failed']}, lost {len(lost)}")
    # The last of them nothing had overtaken: it was sent once more.
    assert lost == [number for number, fate in enumerate(fates[:-1]) if fate == "lost"]
    assert fates[-1] == "lost"
    assert most == 1
    assert told["failed"] == len(lost)
    assert told["uncertain"] == 0
