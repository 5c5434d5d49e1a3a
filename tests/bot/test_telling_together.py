"""News that waits for one person outside WhatsApp's window leaves as one paid template, where the shop has one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text

from bot.notices.models import Notice
from bot.outbox import costs
from bot.outbox import service as outbox
from bot.telling.sending import SendHandler
from kernel import clock, ids
from kernel.db import Database
from tests.bot.line import NEWS, TEMPLATES, Line, message
from tests.bot.neighbours import Neighbours
from tests.bot.pushed_chat import KEY
from tests.bot.twilio import Twilio

SEVERAL = f"HX{'5' * 32}"
SHIPPED, BILLED = "Tu pedido PED-1 va en camino.", "Tu factura FV-1 está lista."
SAID = ("skipped", "said_by_template")


@pytest.fixture
def line(
    database: Database, neighbours: Neighbours, twilio: Twilio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Line:
    of_several = f"  several:\n    es: {{sid: {SEVERAL}, variables: [text]}}\nbuttons:"
    monkeypatch.setattr("tests.bot.line.TEMPLATES", TEMPLATES.replace("buttons:", of_several, 1))
    return Line(database, neighbours, twilio, tmp_path)


async def silent_for_a_day(line: Line) -> None:
    """Ana wrote, was answered, and has been silent for longer than the window."""
    await line.post(message())
    line.run()
    with line.database.write() as session:
        session.execute(text("UPDATE bot_contact SET heard_at = :at"), {"at": clock.now() - timedelta(hours=25)})


def says(line: Line) -> list[tuple[str, dict[str, str]]]:
    return [(each["ContentSid"], json.loads(each["ContentVariables"])) for each in line.twilio.sent[1:]]


def fates(line: Line) -> list[tuple[str, str | None]]:
    """Of the messages after the first answer."""
    with line.database.read() as session:
        query = "SELECT m.id FROM bot_message m WHERE EXISTS (SELECT 1 FROM bot_outgoing o WHERE o.message_id = m.id)"
        found = [str(each) for (each,) in session.execute(text(f"{query} ORDER BY m.seq"))][1:]
        known = outbox.fates(session, found)
        return [(known[each].status, known[each].reason) for each in found]


async def test_what_waits_for_one_person_leaves_as_one_template_in_its_order(line: Line) -> None:
    await silent_for_a_day(line)
    line.say(SHIPPED, notice="shipment.shipped")
    line.say(BILLED, notice="invoice.issued", enclosed="https://tienda.example/f/1")

    line.send()

    assert says(line) == [(SEVERAL, {"1": f"{SHIPPED} · {BILLED}"})]
    assert line.outgoing()[1:] == [("sent", None), SAID, SAID]
    assert fates(line) == [("sent", None), ("sent", None)]
    assert line.rows("SELECT count(*) FROM bot_outgoing WHERE paid_at IS NOT NULL") == [(1,)]


def first_of(line: Line) -> tuple[str, str]:
    """The messages that wait, by the order in which they were put."""
    query = "SELECT DISTINCT m.id, m.seq FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id"
    first, second = line.rows(f"{query} WHERE o.status = 'queued' ORDER BY m.seq")
    return str(first[0]), str(second[0])


async def two_wait(line: Line) -> tuple[str, str]:
    await silent_for_a_day(line)
    line.say(SHIPPED, notice="shipment.shipped")
    line.say(BILLED, notice="invoice.issued")
    return first_of(line)


async def test_who_writes_before_it_left_gets_each_as_it_is(line: Line) -> None:
    await silent_for_a_day(line)
    line.say(SHIPPED, notice="shipment.shipped", enclosed="https://tienda.example/f/1")
    line.say(BILLED, notice="invoice.issued")
    first, second = first_of(line)
    line.twilio.fail = [(503, None, 0)]
    assert line.sends.attempt(first) == 5.0
    assert line.outgoing()[1:] == [("queued", None), SAID, ("queued", None)]
    with line.database.write() as session:
        session.execute(text("UPDATE bot_contact SET heard_at = :at"), {"at": clock.now()})

    assert [line.sends.attempt(each) for each in (first, second)] == [None, None]

    assert line.twilio.bodies()[1:] == [SHIPPED, BILLED]
    assert [each["MediaUrl"] for each in line.twilio.sent if "MediaUrl" in each] != []
    assert line.outgoing()[1:] == [("sent", None)] * 3
    assert line.rows("SELECT count(*) FROM bot_outgoing WHERE paid_at IS NOT NULL OR said_in IS NOT NULL") == [(0,)]


async def test_what_is_tried_again_still_leaves_once(line: Line) -> None:
    first, second = await two_wait(line)
    line.twilio.fail = [(503, None, 0)]
    line.sends.attempt(first)

    assert [line.sends.attempt(each) for each in (first, second)] == [None, None]

    assert [sid for sid, _ in says(line)][-1:] == [SEVERAL]
    assert line.outgoing()[1:] == [("sent", None), SAID]


async def test_what_twilio_refuses_together_goes_each_by_itself(line: Line) -> None:
    first, second = await two_wait(line)
    line.twilio.fail = [(400, 63028, 0)]
    line.sends.attempt(first)
    assert line.outgoing()[1:] == [("failed", "63028"), ("queued", None)]

    line.sends.attempt(second)

    assert says(line)[-1] == (NEWS, {"1": "PED-1", "2": BILLED})
    assert fates(line) == [("failed", "63028"), ("sent", None)]


async def test_a_refusal_that_comes_later_frees_what_was_said_along(line: Line) -> None:
    first, second = await two_wait(line)
    line.sends.attempt(first)
    outgoing_id = line.rows("SELECT id FROM bot_outgoing WHERE paid_at IS NOT NULL")[0][0]

    failed = {"MessageSid": f"SM{len(line.twilio.sent):032x}", "MessageStatus": "failed", "ErrorCode": "63049"}
    await line.post(failed, f"/channels/whatsapp/sent/{outgoing_id}")

    assert line.outgoing()[1:] == [("failed", "63049"), ("queued", None)]
    line.sends.attempt(second)
    assert line.outgoing()[-1] == ("sent", None)


# case 18
async def test_a_process_that_dies_while_two_leave_says_neither_twice(line: Line) -> None:
    first, second = await two_wait(line)
    channel, ready = line.sends._begin(first)
    assert channel is not None
    assert not isinstance(ready, float)
    assert ready is not None
    channel.send(ready.address, ready.part, f"/channels/whatsapp/sent/{ready.id}")
    # Its lane is the first one's; whoever came in between finds nothing to do.
    assert line.sends.attempt(second) is None

    assert [line.sends.attempt(each) for each in (first, second)] == [None, None]
    assert fates(line) == [("uncertain", "cut_off"), ("uncertain", "cut_off")]
    line.look()

    assert fates(line) == [("delivered", None), ("delivered", None)]
    assert [sid for sid, _ in says(line)] == [SEVERAL]


async def test_only_what_fits_goes_together_and_nothing_is_cut_off(line: Line) -> None:
    await silent_for_a_day(line)
    for name in "abc":
        line.say(name * 400, notice="shipment.shipped")

    line.send()

    assert [(sid, len(values[max(values)])) for sid, values in says(line)] == [(SEVERAL, 803), (NEWS, 400)]


async def test_what_is_no_news_ends_what_goes_together(line: Line) -> None:
    await silent_for_a_day(line)
    line.say(SHIPPED, notice="shipment.shipped")
    line.say("¿Sigues ahí?")
    line.say(BILLED, notice="invoice.issued")

    line.send()

    assert [sid for sid, _ in says(line)] == [NEWS, NEWS]
    assert line.outgoing()[1:] == [("sent", None), ("skipped", "window_closed"), ("sent", None)]


# case 104
async def test_together_they_count_once_against_the_most_that_is_paid_for(line: Line) -> None:
    line.sends = SendHandler(line.database, line.channels, KEY, costs.Caps(each=1, in_all=100))
    await two_wait(line)

    line.send()

    assert fates(line) == [("sent", None), ("sent", None)]


async def test_what_is_noted_already_is_waited_for_and_not_for_ever(line: Line) -> None:
    await silent_for_a_day(line)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        line.say(SHIPPED, notice="shipment.shipped")
        at = clock.now()
        noted = Notice(
            id=ids.new_id(), event_id=ids.new_id(), what="invoice.issued", subject="PED-1", customer_id="c",
            facts={"number": "PED-1"}, status="queued", reason=None, attempts=0, message_id=None, created_at=at,
            due_at=at, ended_at=None,
        )  # fmt: skip
        with line.database.write() as session:
            session.add(noted)

        assert line.send() == [1.0]
        assert says(line) == []
        traveller.shift(timedelta(seconds=30))
        line.send()

    assert [sid for sid, _ in says(line)] == [NEWS]


async def test_a_code_goes_with_nobody(line: Line) -> None:
    await silent_for_a_day(line)
    line.say(SHIPPED, notice="shipment.shipped")
    line.say("Tu código", notice="identity.code_asked")
    line.say(BILLED, notice="invoice.issued")

    line.send()

    assert SEVERAL not in [sid for sid, _ in says(line)]


async def test_a_question_is_the_last_of_what_goes_together_and_has_its_answers(line: Line) -> None:
    await silent_for_a_day(line)
    line.say(SHIPPED, notice="shipment.shipped")
    line.say("¿Te llegó bien?", "Sí", "No", notice="delivery_feedback")
    line.say(BILLED, notice="invoice.issued")

    line.send()

    assert says(line) == [
        (SEVERAL, {"1": f"{SHIPPED} · ¿Te llegó bien? 1. Sí 2. No"}),
        (NEWS, {"1": "PED-1", "2": BILLED}),
    ]


async def test_nothing_comes_behind_a_question_in_its_template(line: Line) -> None:
    await silent_for_a_day(line)
    line.say("¿Te llegó bien?", "Sí", "No", notice="delivery_feedback")
    line.say(BILLED, notice="invoice.issued")

    line.send()

    assert says(line) == [
        (NEWS, {"1": "PED-1", "2": "¿Te llegó bien? 1. Sí 2. No"}),
        (NEWS, {"1": "PED-1", "2": BILLED}),
    ]
