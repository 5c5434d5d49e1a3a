"""What goes out on WhatsApp: what becomes of each part, whatever Twilio tells of it and when, and what it costs."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import text, update
from structlog.testing import capture_logs

from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.answering.turns import TurnHandler
from bot.channels.base import News
from bot.channels.templates import Templates
from bot.contacts.service import meaning
from bot.hints import LocalHints, PostgresHints
from bot.outbox import service as outbox
from bot.outbox.costs import Caps
from bot.outbox.models import Outgoing
from bot.telling.sending import MAX_ATTEMPTS, OVERDUE, SendHandler
from kernel import clock
from tests.bot.line import (
    BUTTON,
    KEY,
    NEWS,
    PUBLIC,
    SHOP,
    STATES,
    TEMPLATES,
    Line,
    line,
    message,
)
from tests.bot.neighbours import Items, Question

__all__ = ["line"]


async def test_a_document_follows_its_words_as_a_file(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say(f"Tu factura: {PUBLIC}/f/a", enclosed=f"{PUBLIC}/f/a/pdf")
    line.say("¿Cuál?", "A", "B", enclosed=f"{PUBLIC}/f/b/pdf")
    line.send()

    what = [{name: each.get(name) for name in ("Body", "ContentSid", "MediaUrl")} for each in line.twilio.sent[1:]]
    assert what == [
        {"Body": f"Tu factura: {PUBLIC}/f/a", "ContentSid": None, "MediaUrl": None},
        {"Body": None, "ContentSid": None, "MediaUrl": [f"{PUBLIC}/f/a/pdf"]},
        {"Body": None, "ContentSid": BUTTON, "MediaUrl": None},
        {"Body": None, "ContentSid": None, "MediaUrl": [f"{PUBLIC}/f/b/pdf"]},
    ]


async def test_a_document_that_twilio_could_not_fetch_stays_a_link(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("Tu factura: http://127.0.0.1:8080/f/a", enclosed="http://127.0.0.1:8080/f/a/pdf")
    line.send()

    assert line.twilio.bodies()[1:] == ["Tu factura: http://127.0.0.1:8080/f/a"]
    assert len(line.twilio.sent) == 2


async def test_outside_the_window_a_document_is_the_link_of_its_template(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=24, seconds=1))
        line.say(f"Tu factura: {PUBLIC}/f/a", notice="invoice.issued", enclosed=f"{PUBLIC}/f/a/pdf")
        line.send()

    assert json.loads(line.twilio.sent[1]["ContentVariables"])["2"] == f"Tu factura: {PUBLIC}/f/a"
    assert len(line.twilio.sent) == 2
    assert line.outgoing()[1:] == [("sent", None), ("skipped", "said_by_template")]


# case 9
def test_whatever_the_order_of_what_is_told_the_same_remains() -> None:
    ends = []
    for order in itertools.permutations(STATES):
        outgoing = Outgoing(status="queued")
        for status in order:
            outbox.advance(outgoing, status)
        ends.append(outgoing.status)

    print(f"{ends.count('read')} of {len(ends)} orders end the same")
    assert ends == ["read"] * 120


# case 9
async def test_callbacks_move_a_part_forward_only(line: Line) -> None:
    await line.post(message())
    line.run()
    outgoing_id, sid = line.rows("SELECT id, provider_message_id FROM bot_outgoing")[0]

    for status in ("queued", "read", "delivered", "undelivered", "sent"):
        path = f"/channels/whatsapp/sent/{outgoing_id}"
        assert await line.post({"MessageSid": str(sid), "MessageStatus": status}, path) == 200

    assert line.outgoing() == [("read", None)]


async def test_staff_hear_that_something_became_of_a_message(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    await line.post(message())
    line.run()
    outgoing_id, sid = line.rows("SELECT id, provider_message_id FROM bot_outgoing")[0]
    told: list[str] = []
    monkeypatch.setattr(LocalHints, "after", lambda _self, conversation_id: told.append(conversation_id))
    monkeypatch.setattr(PostgresHints, "within", lambda _self, _session, *its: told.extend(its))

    for given in ("SMother", str(sid)):
        answer = {"MessageSid": given, "MessageStatus": "read"}
        assert await line.post(answer, f"/channels/whatsapp/sent/{outgoing_id}") == 200

    assert told == [line.conversation().id]


async def test_a_callback_for_nothing_of_ours_changes_nothing(line: Line) -> None:
    await line.post(message())
    line.run()
    outgoing_id = line.rows("SELECT id FROM bot_outgoing")[0][0]

    for wanted in (outgoing_id, "none"):
        told = {"MessageSid": "SMother", "MessageStatus": "read"}
        assert await line.post(told, f"/channels/whatsapp/sent/{wanted}") == 200

    assert line.outgoing() == [("sent", None)]


# case 17
async def test_a_message_of_unknown_fate_is_not_sent_again_and_its_callback_tells(line: Line) -> None:
    line.twilio.fail = ["reset"]
    await line.post(message())
    line.run()
    assert line.outgoing()[0][0] == "uncertain"
    assert line.send() == []
    assert len(line.twilio.sent) == 1

    outgoing_id = line.rows("SELECT id FROM bot_outgoing")[0][0]
    await line.post({"MessageSid": "SM9", "MessageStatus": "delivered"}, f"/channels/whatsapp/sent/{outgoing_id}")
    assert line.outgoing() == [("delivered", None)]


# case 18
async def test_a_process_that_dies_while_sending_leaves_no_second_copy(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("uno")
    with line.database.write() as session:
        session.execute(text("UPDATE bot_outgoing SET status = 'sending' WHERE status = 'queued'"))

    line.send()

    print(
        f"second copies {len(line.twilio.sent) - 1}, stuck {sum(status == 'sending' for status, _ in line.outgoing())}"
    )
    assert line.outgoing() == [("sent", None), ("uncertain", "cut_off")]
    assert line.twilio.bodies() == ["echo: hola"]


async def test_what_nobody_sends_any_more_is_begun_again_once_and_what_is_new_is_left_alone(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("uno")
    assert line.sends.sweep() == 0
    with line.database.write() as session:
        changed_at = clock.now() - OVERDUE - timedelta(seconds=1)
        session.execute(update(Outgoing).where(Outgoing.status == "queued").values(changed_at=changed_at))
    workflows = "workflow_status" if line.database.is_sqlite else "dbos.workflow_status"
    begun = f"SELECT count(*) FROM {workflows} WHERE workflow_uuid LIKE 'out:%'"
    [(work,)] = line.rows(begun)

    assert line.sends.sweep() == 1
    assert line.rows(begun) == [(work + 1,)]
    line.send()
    assert line.sends.sweep() == 0
    assert line.twilio.bodies() == ["echo: hola", "uno"]


# case 20
async def test_a_server_error_is_tried_again_ever_later_and_then_given_up(line: Line) -> None:
    line.twilio.fail = [(503, None, 0)] * MAX_ATTEMPTS
    await line.post(message())
    line.run()
    waits = [line.send()[0] for _ in range(MAX_ATTEMPTS - 1)]

    stuck = sum(status in ("queued", "sending") for status, _ in line.outgoing())
    print(f"tries wait {waits[:-1]} s and end; stuck {stuck}")
    assert waits == [10.0, 20.0, 40.0, 80.0, None]
    assert line.outgoing() == [("failed", "HTTP 503")]


# case 21
async def test_outside_the_window_news_goes_as_a_template_and_nothing_else_goes(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=23, minutes=59, seconds=59))
        line.say("Todavía", notice="shipment.shipped")
        line.send()
        traveller.shift(timedelta(seconds=1))
        line.say("Tu pedido\nsalió", notice="shipment.shipped")
        line.say("¿Sigues ahí?")
        line.send()

    print(f"free words after 24 hours {len(line.twilio.bodies()) - 2}, templates {len(line.twilio.sent) - 2}")
    assert line.twilio.bodies() == ["echo: hola", "Todavía"]
    assert [(each["ContentSid"], json.loads(each["ContentVariables"])) for each in line.twilio.sent[2:]] == [
        (NEWS, {"1": "PED-1", "2": "Tu pedido salió"})
    ]
    assert line.outgoing()[-2:] == [("sent", None), ("skipped", "window_closed")]


# case 21
async def test_outside_the_window_a_question_goes_with_its_answers(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=25))
        line.say("No encontramos la leche. ¿Qué prefieres?", "Esperar", "Quitarla", notice="fulfillment.short")
        line.send()
        await line.post(message(2, Body="2"))
        line.run()

    [told] = [json.loads(each["ContentVariables"]) for each in line.twilio.sent if "ContentSid" in each]
    assert told == {"1": "PED-1", "2": "No encontramos la leche. ¿Qué prefieres? 1. Esperar 2. Quitarla"}
    assert line.neighbours.asked()[-1] == "/choose_Quitarla"


# case 21
async def test_outside_the_window_every_message_of_a_notice_goes_and_nothing_before_them(line: Line) -> None:
    both = {"shortages": [{"id": "s1", "name": "Leche", "quantity": 1}, {"id": "s2", "name": "Pan", "quantity": 1}]}
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=25))
        line.say("Hola de nuevo")
        line.say("No encontramos la leche.", "Esperar", "Quitarla")
        line.say("No encontramos el pan.", "Esperar", "Quitarlo", notice="fulfillment.short", facts=both)
        line.send()

    told = [json.loads(each["ContentVariables"])["2"] for each in line.twilio.sent if "ContentSid" in each]
    assert told == ["No encontramos la leche.", "No encontramos el pan. 1. Esperar 2. Quitarlo"]
    assert line.outgoing()[1:] == [("skipped", "window_closed"), ("sent", None), ("sent", None)]


def test_news_without_what_its_template_says_goes_as_that_for_any(tmp_path: Path) -> None:
    named = f"HX{'9' * 32}"
    shipped = f"  shipment.shipped:\n    es: {{sid: {named}, variables: [number, tracking_url]}}\nbuttons:"
    (tmp_path / "named.yml").write_text(TEMPLATES.replace("buttons:", shipped, 1))
    templates = Templates.read(tmp_path / "named.yml")

    def of(link: object) -> tuple[str, dict[str, str]] | None:
        return templates.of(News("shipment.shipped", "es", "Va en camino", {"number": "1", "tracking_url": link}))

    assert of("https://t.co/x") == (named, {"1": "1", "2": "https://t.co/x"})
    assert [of(link) for link in (None, "", {"url": "x"})] == [(NEWS, {"1": "1", "2": "Va en camino"})] * 3


# case 104
async def test_no_more_paid_templates_leave_in_a_day_than_the_shop_allows(line: Line) -> None:
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller, capture_logs() as logs:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=25))
        for _ in range(20):
            line.say("Tu pedido salió", notice="shipment.shipped")
        line.send()
        told = [each for each in logs if each["event"] == "cost_cap_reached"]
        first_day = len(line.twilio.sent) - 1
        traveller.shift(timedelta(hours=24, seconds=1))
        line.say("Tu pedido llegó", notice="shipment.delivered")
        line.send()

    print(f"paid sends {first_day} of 20, cap 5; alarms {len(told)}")
    assert (first_day, len(told), told[0]["log_level"]) == (5, 15, "error")
    assert line.outgoing()[-2:] == [("skipped", "cost_cap"), ("sent", None)]


# case 104
async def test_the_shop_as_a_whole_has_a_most_of_paid_templates_too(line: Line) -> None:
    line.sends = SendHandler(line.database, line.channels, KEY, Caps(each=100, in_all=3))
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        await line.post(message())
        line.run()
        traveller.shift(timedelta(hours=25))
        for _ in range(6):
            line.say("Tu pedido salió", notice="shipment.shipped")
        line.send()

    assert len(line.twilio.sent) - 1 == 3
    assert line.outgoing()[1:] == [("sent", None)] * 3 + [("skipped", "cost_cap")] * 3


# case 105
async def test_our_own_words_that_come_back_are_no_message(line: Line) -> None:
    assert await line.post(message(From=SHOP, Body="echo: hola")) == 200
    assert line.rows("SELECT * FROM bot_message") == []


# case 105
async def test_a_program_that_answers_us_gets_ten_answers_in_a_minute(line: Line) -> None:
    line.turns = TurnHandler(
        line.delivery, Assistant(line.neighbours.url), Customers(line.neighbours.url, KEY), turns_a_minute=10
    )
    with time_machine.travel("2026-11-25T15:00:00Z", tick=False) as traveller:
        for number in range(1, 31):
            await line.post(message(number, Body=f"gracias por tu mensaje {number}"))
            line.run()
            traveller.shift(timedelta(seconds=1))
        turns = len(line.neighbours.asked())
        told = [each for each in line.twilio.bodies() if "muchos mensajes" in each]
        print(f"turns {turns} of 30, told {len(told)}")
        assert (turns, len(told)) == (10, 1)
        assert (line.conversation().owner, line.conversation().handoff_reason) == ("queued", "too_many_turns")
        # Who asks for peace gets it all the same, and who goes on like a person goes on.
        await line.post(message(31, Body="BAJA"))
        line.run()
        assert line.twilio.bodies()[-1].startswith("Listo, no te volveré a escribir.")
        traveller.shift(timedelta(minutes=1, seconds=1))
        for number, words in ((32, "Seguir con el asistente"), (33, "quiero pan")):
            await line.post(message(number, Body=words))
            line.run()
        assert line.twilio.bodies()[-1] == "echo: quiero pan"


# case 22
@pytest.mark.parametrize(
    ("code", "row", "contact"),
    [
        (63016, ("queued", None), (None, None, False)),
        (63018, ("queued", None), (None, None, True)),
        (21610, ("failed", "opted_out"), ("set", None, True)),
        (21211, ("failed", "bad_address"), (None, "bad_address", True)),
        (30008, ("failed", "30008"), (None, None, True)),
        (63999, ("failed", "63999"), (None, None, True)),
    ],
)
async def test_each_error_has_its_answer_when_it_is_told_later(
    line: Line, code: int, row: tuple[str, str | None], contact: tuple[str | None, str | None, bool]
) -> None:
    await line.post(message())
    line.run()
    outgoing_id, sid = line.rows("SELECT id, provider_message_id FROM bot_outgoing")[0]
    fields = {"MessageSid": str(sid), "MessageStatus": "undelivered", "ErrorCode": str(code)}
    assert await line.post(fields, f"/channels/whatsapp/sent/{outgoing_id}") == 200

    assert line.outgoing() == [row]
    opted_out_at, unreachable, is_heard = line.rows(
        "SELECT opted_out_at, unreachable, heard_at IS NOT NULL FROM bot_contact"
    )[0]
    assert ("set" if opted_out_at else None, unreachable, bool(is_heard)) == contact


# case 22
async def test_each_error_has_its_answer_when_it_is_told_at_once(line: Line) -> None:
    """Six customers, each of whose answer is refused in another way."""
    wanted = {
        # Twilio knows better than our clock: as a template, of which an answer has none.
        63016: (400, "skipped", "window_closed"),
        63018: (429, "queued", None),
        21610: (400, "failed", "opted_out"),
        21211: (400, "failed", "bad_address"),
        30008: (400, "failed", "30008"),
        20003: (401, "queued", None),
    }
    found, waits = {}, {}
    for number, (code, (status, _, _)) in enumerate(wanted.items(), 1):
        await line.post(message(number, From=f"whatsapp:+57300111220{number}"))
        [(message_id,)] = line.rows("SELECT message_id FROM bot_turn WHERE status = 'received'")
        assert line.turns.attempt(str(message_id)) is None
        line.twilio.fail = [(status, code, 0)]
        answer = "SELECT o.message_id FROM bot_outgoing o JOIN bot_message m ON m.id = o.message_id"
        [(answer_id,)] = line.rows(f"{answer} WHERE m.in_reply_to = '{message_id}'")
        waits[code] = line.sends.attempt(str(answer_id))
        if waits[code] == 0.0:
            # Again at once, as what else may leave.
            waits[code] = line.sends.attempt(str(answer_id))
        line.sends._held_until.clear()
        [found[code]] = line.rows(f"SELECT status, reason FROM bot_outgoing WHERE message_id = '{answer_id}'")

    as_wanted = [code for code, (_, *row) in wanted.items() if found[code] == tuple(row)]
    print(f"{len(as_wanted)} of {len(wanted)} errors have their answer; sent in spite of one {len(line.twilio.sent)}")
    assert as_wanted == list(wanted)
    # The whole sender waits: a little for its pace, longer where a person must look.
    assert waits == {63016: None, 63018: 10.0, 21610: None, 21211: None, 30008: None, 20003: 60.0}
    assert line.twilio.sent == []
    # Not the message's fault.
    assert line.rows("SELECT DISTINCT attempts FROM bot_outgoing WHERE status = 'queued'") == [(0,)]


@pytest.mark.parametrize("code", [20005, 30002, 90010, 63002, 63007])
async def test_a_suspended_account_or_a_wrong_sender_stops_the_sender_and_loses_nothing(line: Line, code: int) -> None:
    line.twilio.fail = [(403, code, 0)]
    await line.post(message())
    line.run()
    waits = line.send()
    line.sends._held_until.clear()
    line.send()

    assert waits[0] is not None
    assert 59.0 < waits[0] <= 60.0
    assert line.outgoing() == [("sent", None)]
    assert line.twilio.bodies() == ["echo: hola"]


async def test_a_number_that_is_none_is_not_tried_again(line: Line) -> None:
    line.twilio.fail = [(400, 21211, 0)]
    await line.post(message())
    line.run()
    line.say("otra cosa")
    line.send()

    assert line.twilio.sent == []
    assert line.outgoing() == [("failed", "bad_address"), ("skipped", "bad_address")]


# case 23
async def test_who_says_baja_is_left_alone_until_they_say_alta(line: Line) -> None:
    await line.post(message(1))
    line.run()
    await line.post(message(2, Body="Baja."))
    line.run()
    line.say("Tu pedido salió", notice="shipment.shipped")
    line.send()
    print(f"said after BAJA but for its confirmation: {len(line.twilio.bodies()) - 2}")
    assert line.twilio.bodies()[1:] == ["Listo, no te volveré a escribir. Si cambias de idea, escribe ALTA."]

    await line.post(message(3, Body="¿Tienen pan?"))
    line.run()
    line.say("Tu pedido llegó", notice="shipment.delivered")
    line.send()
    assert line.twilio.bodies()[2:] == ["echo: ¿Tienen pan?"]

    await line.post(message(4, Body="START"))
    line.run()
    line.say("Tu factura", notice="invoice.issued")
    line.send()
    assert line.twilio.bodies()[3:] == ["¡Qué bueno tenerte de vuelta! ¿Qué necesitas?", "Tu factura"]
    assert line.neighbours.asked() == ["hola", "¿Tienen pan?"]


# case 23
def test_words_of_an_order_are_no_opt_out() -> None:
    outs = ["STOP", "stop.", "Baja", "¡ALTO!", "  darme de baja ", "Unsubscribe"]
    assert [meaning(each) for each in outs] == ["out"] * 6
    assert [meaning(each) for each in ("ALTA", "start", "Dar de alta")] == ["in"] * 3
    assert [meaning(each) for each in ("cancelar", "baja 2 cajas", "stop 3", "", "🛑")] == [None] * 5


async def test_start_without_a_stop_is_a_message_like_any_other(line: Line) -> None:
    await line.post(message(Body="start"))
    line.run()

    assert line.neighbours.asked() == ["start"]


# case 24
async def test_a_sender_keeps_its_pace(line: Line) -> None:
    await line.post(message())
    line.run()
    allowed = [line.sends._paces["whatsapp"].allow() for _ in range(80)]
    line.say("una más")

    assert sum(allowed) == 79
    assert line.send() == [0.1]


# case 25
async def test_a_long_reply_leaves_in_order_in_pieces_that_fit(line: Line) -> None:
    long = "".join(f"Línea {number} de la lista de precios.\n" for number in range(120))

    def answer(_: Question) -> Items:
        return [{"text": long}]

    line.neighbours.answer = answer
    await line.post(message())
    line.run()

    pieces = line.twilio.bodies()
    print(f"{len(pieces)} pieces: over 1,600 {sum(len(each) > 1_600 for each in pieces)}")
    assert "".join(line.twilio.bodies()) == long.strip()
    assert len(line.twilio.bodies()) == 3


async def test_a_piece_that_would_say_nothing_does_not_leave(line: Line) -> None:
    await line.post(message())
    line.run()
    line.say("a" * 1_600 + "\n\n")
    line.send()

    assert line.twilio.bodies()[1:] == ["a" * 1_600]
    assert line.outgoing() == [("sent", None)] * 2
