"""What a customer hears of their order: once, in their last conversation and language, at a decent hour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text
from standardwebhooks.webhooks import Webhook

from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.app import create_app
from bot.contacts import service as contacts
from bot.conversations import service
from bot.conversations.models import Conversation, Owner
from bot.delivery import Delivery
from bot.hints import LocalHints
from bot.notices import service as notices
from bot.notices.plan import CODE, FEEDBACK, PLANS, QuietHours
from bot.notices.words import ENCLOSED, MASK, catalogue, word
from bot.replies import LANGUAGES
from bot.telling.notifying import NoticeHandler
from kernel.config import Settings
from kernel.db import Database
from kernel.ids import new_id
from tests.bot.neighbours import Neighbours

ANA = "ana"
# In the shop's zone, UTC-5: three in the afternoon, and eleven at night.
DAY = datetime(2026, 11, 25, 20, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
SHORT = {
    "fulfillment": "PED-1-1",
    "shortages": [
        {
            "id": "s1",
            "sku": "LECHE",
            "name": "Leche entera 1 L",
            "name_en": "Whole milk 1 L",
            "quantity": 2,
            "substitutes": [{"sku": "LECHE-D", "name": "Leche deslactosada 1 L", "name_en": "Lactose-free milk 1 L"}],
            "wait_until": "2026-11-30",
        }
    ],
}
DOCUMENT = {"total": {"amount_minor": 1_734_000, "currency": "COP"}, "document_url": "https://t.co/f"}
PAID = {"payment": "PAG-1", "amount": {"amount_minor": 1_734_000, "currency": "COP"}}
FACTS: dict[str, dict[str, Any]] = {
    "quote.sent": {
        "confirmation": "c",
        "until": "2026-12-01T17:00-05:00",
        "total": {"amount_minor": 1_540_000, "currency": "COP"},
        "lines": [{"sku": "LECHE", "name": "Leche", "name_en": "Milk", "quantity": "2"}],
    },
    "payment.link_ready": PAID | {"url": "https://t.co/p"},
    "payment.recorded": PAID
    | {
        "due": {"amount_minor": 0, "currency": "COP"},
        "to_balance": {"amount_minor": 0, "currency": "COP"},
    },
    "payment_proof.rejected": {"proof": "CPB-1", "reason": "unreadable", "note": None},
    "payment.failed": PAID,
    "payment.expired": PAID,
    "refund.approved": PAID | {"refund": "DEV-1"},
    "refund.rejected": PAID | {"refund": "DEV-1", "reason": "El plazo ya pasó"},
    "refund.succeeded": PAID | {"refund": "DEV-1", "receipt_url": "https://t.co/f/receipt/x"},
    "refund.failed": PAID | {"refund": "DEV-1"},
    "invoice.issued": DOCUMENT | {"document": "FV-1"},
    "invoice.sent": DOCUMENT | {"document": "FV-1"},
    "credit_note.issued": DOCUMENT | {"document": "NC-1"},
    "return.requested": {"return": "RMA-1", "answer_by": "2026-11-27"},
    "return.accepted": {
        "return": "RMA-1",
        "needs_goods": True,
        "send_by": "2026-12-09",
        "label_url": "https://t.co/f/label/x",
    },
    "return.rejected": {"return": "RMA-1", "reason": "no trae etiqueta"},
    "return.in_transit": {"return": "RMA-1", "kind": "return"},
    "return.received": {"return": "RMA-1", "inspect_by": "2026-11-30"},
    "return.inspected": {"return": "RMA-1", "kind": "return", "is_whole": True},
    "return.resolved": {
        "return": "RMA-1",
        "resolution": "refund",
        "credited": {"amount_minor": 1_734_000, "currency": "COP"},
        "charged": {"amount_minor": 0, "currency": "COP"},
        "given_back": {"amount_minor": 1_734_000, "currency": "COP"},
        "pay_by": "2026-12-02",
    },
    "return.cancelled": {"return": "RMA-1", "by": "system", "not_sent_by": "2026-11-24"},
    "invoice.reminded": PAID | {"document": "FV-1", "stage": "late", "due_on": "2026-11-20"},
    "order.held": {"reason": "amount_over"},
    "order.confirmed": {"promised_on": "2026-11-26"},
    "order.delayed": {"promised_on": "2026-11-30", "was": "2026-11-26"},
    "order.changed": {"difference_minor": 450_000, "currency": "COP", "by": "staff"},
    "order.cancelled": {"reason": "sin stock", "by": "staff"},
    "fulfillment.short": SHORT,
    "fulfillment.packed": {"fulfillment": "PED-1-1"},
    "pickup.ready": {
        "fulfillment": "PED-1-1",
        "code": "4821",
        "location": "Tienda Chapinero",
        "address": "Calle 57 # 9-28",
        "map_url": "https://www.google.com/maps/search/?api=1&query=4.6459%2C-74.0635",
    },
    "shipment.shipped": {
        "shipment": "A",
        "carrier": "veloz_sas",
        "carrier_name": "Veloz",
        "tracking_number": "V-7",
        "tracking_url": "https://t.co/x",
    },
    "shipment.out_for_delivery": {"shipment": "A"},
    "shipment.delayed": {"shipment": "A", "promised_on": "2026-11-27"},
    "shipment.exception": {"shipment": "A", "kind": "wrong_address"},
    "shipment.delivered": {"shipment": "A", "is_last": True},
    "shipment.returned": {"shipment": "A", "return": "RMA-1", "is_paid": True},
    "backorder.filled": {"sku": "LECHE", "quantity": "2", "name": "Leche entera 1 L", "name_en": "Whole milk 1 L"},
    CODE: {"number": "PED-1", "channel": "web", "external_id": "visitor"},
    FEEDBACK: {},
}


class Telling:
    """Ana's conversation, and the handler that tells her of things."""

    def __init__(self, database: Database, neighbours: Neighbours) -> None:
        self.database = database
        self.neighbours = neighbours
        self.assistant = Assistant(neighbours.url)
        self.delivery = Delivery(database, LocalHints(lambda _: None))
        customers = Customers(neighbours.url, "a key of tests that is long enough to be one")
        self.handler = NoticeHandler(database, self.delivery, self.assistant, customers)
        self.conversation_id = self.opens("web", "es")

    def opens(self, channel: str, language: str) -> str:
        with self.database.write() as session:
            conversation = service.open_for(session, channel, "visitor", language)
            conversation.customer_id = ANA
            service.append(session, conversation, "customer", "hola")
            return conversation.id

    def contact(self, channel: str, **facts: Any) -> None:
        with self.database.write() as session:
            contact = contacts.ensure(session, channel, "visitor", "visitor")
            for name, value in facts.items():
                setattr(contact, name, value)

    def notes(self, kind: str, event_id: str | None = None, **facts: Any) -> int:
        facts = {"number": "PED-1", "customer_id": ANA} | FACTS.get(kind, {}) | facts
        with self.database.write() as session:
            return notices.note(session, event_id or new_id(), kind, facts, 0)

    def tells(self) -> None:
        """Try every queued notice, as the worker does."""
        for (notice_id,) in self.rows("SELECT id FROM bot_notice WHERE status = 'queued' ORDER BY id"):
            self.handler.attempt(notice_id)

    def hears(self, kind: str, **facts: Any) -> list[str]:
        """What Ana reads because of an event."""
        before = len(self.said())
        self.notes(kind, **facts)
        self.tells()
        return self.said()[before:]

    def said(self) -> list[str]:
        return [row[0] for row in self.rows("SELECT text FROM bot_message WHERE author = 'assistant' ORDER BY id")]

    def ends(self) -> list[tuple[Any, ...]]:
        return self.rows("SELECT what, status, reason FROM bot_notice ORDER BY id")

    def hand_to(self, owner: Owner) -> None:
        with self.delivery.to(self.conversation_id) as (_session, conversation):
            service.change_owner(conversation, owner)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.read() as session:
            return [tuple(row) for row in session.execute(text(query))]


@pytest.fixture
def telling(database: Database, neighbours: Neighbours) -> Iterator[Telling]:
    with time_machine.travel(DAY):
        telling = Telling(database, neighbours)
        yield telling
        telling.assistant.close()


def test_a_parcel_that_left_is_told_with_its_day_and_where_to_see_it(telling: Telling) -> None:
    assert telling.hears("shipment.shipped", promised_on="2026-11-26") == [
        "Tu pedido PED-1 ya salió con Veloz, guía V-7. Llega el jueves 26 de noviembre. Míralo aquí: https://t.co/x"
    ]
    assert telling.ends() == [("shipment.shipped", "sent", None)]


def test_the_same_event_again_is_told_once(telling: Telling) -> None:
    assert telling.notes("shipment.shipped", "e1") == 1
    telling.tells()
    assert telling.notes("shipment.shipped", "e1") == 0
    telling.tells()

    assert len(telling.said()) == 1


def test_a_notice_tried_again_after_it_was_said_is_not_said_again(telling: Telling) -> None:
    telling.notes("shipment.shipped")
    [(notice_id,)] = telling.rows("SELECT id FROM bot_notice")
    telling.handler.attempt(notice_id)
    telling.handler.attempt(notice_id)

    assert len(telling.said()) == 1


def test_it_is_said_in_the_language_of_the_conversation(telling: Telling) -> None:
    telling.opens("telegram", "en")

    assert telling.hears("shipment.delayed") == [
        "Your order PED-1 is taking longer than I told you, I'm sorry. It arrives on Friday, November 27."
    ]


def test_it_goes_to_the_channel_where_the_customer_was_last(telling: Telling) -> None:
    last = telling.opens("telegram", "es")
    telling.hears("fulfillment.packed")

    assert telling.rows("SELECT conversation_id FROM bot_message WHERE author = 'assistant'") == [(last,)]


def test_what_is_told_in_a_closed_conversation_opens_it_again(telling: Telling) -> None:
    telling.hand_to("closed")
    telling.hears("shipment.exception")

    [(conversation_id,)] = telling.rows("SELECT conversation_id FROM bot_message WHERE author = 'assistant'")
    assert conversation_id == telling.conversation_id
    with telling.database.read() as session:
        opened = session.get_one(Conversation, conversation_id)
    assert (opened.owner, opened.channel, opened.customer_id, opened.language) == ("assistant", "web", ANA, "es")


def test_a_customer_who_never_wrote_here_is_not_told(telling: Telling) -> None:
    assert telling.hears("shipment.shipped", customer_id="someone") == []
    assert telling.ends() == [("shipment.shipped", "skipped", "no_conversation")]


def test_what_concerns_an_older_customer_of_the_person_goes_where_the_person_is(
    telling: Telling, neighbours: Neighbours
) -> None:
    neighbours.preferences["before"] = {"customer_ids": [ANA, "before"]}

    assert len(telling.hears("shipment.shipped", customer_id="before")) == 1
    assert telling.rows("SELECT conversation_id FROM bot_message WHERE author = 'assistant'") == [
        (telling.conversation_id,)
    ]


def test_who_shut_one_door_is_told_at_the_other(telling: Telling) -> None:
    for unreachable, opted_out in (("blocked", None), (None, DAY)):
        telling.contact("telegram", unreachable=unreachable, opted_out_at=opted_out)
        telling.opens("telegram", "es")
        telling.hears("fulfillment.packed", number=f"PED-{unreachable}")

    assert telling.rows("SELECT DISTINCT conversation_id FROM bot_message WHERE author = 'assistant'") == [
        (telling.conversation_id,)
    ]


def test_nothing_is_said_to_a_number_that_was_silent_for_half_a_year(telling: Telling) -> None:  # case 89
    with telling.database.write() as session:
        session.execute(text("UPDATE bot_conversation SET channel = 'whatsapp', sender = '+573001112233'"))
    with time_machine.travel(DAY + timedelta(days=179)):
        assert len(telling.hears("shipment.delayed")) == 1
    with time_machine.travel(DAY + timedelta(days=180, hours=1)):
        assert telling.hears("shipment.shipped") == []
    assert telling.ends()[-1] == ("shipment.shipped", "skipped", "no_conversation")


# quiet hours


def test_at_night_it_waits_for_seven_in_the_morning_of_the_shop(telling: Telling) -> None:
    with time_machine.travel(NIGHT):
        assert telling.hears("shipment.shipped") == []
        [(status, due_at)] = telling.rows("SELECT status, due_at FROM bot_notice")
        assert status == "queued"
        assert str(due_at).startswith("2026-11-26 12:00:00")
        telling.tells()
        assert telling.said() == []
    with time_machine.travel(datetime(2026, 11, 26, 12, 0, 1, tzinfo=UTC)):
        telling.tells()
    assert len(telling.said()) == 1


@pytest.mark.parametrize("kind", sorted(kind for kind, plan in PLANS.items() if plan.is_awaited))
def test_what_the_customer_waits_for_today_is_said_at_night_too(telling: Telling, kind: str) -> None:
    with time_machine.travel(NIGHT):
        assert len(telling.hears(kind)) >= 1


def test_quiet_hours_of_ones_own_are_kept(telling: Telling) -> None:
    telling.neighbours.preferences[ANA] = {"quiet_from": "14:00:00", "quiet_until": "16:00:00"}

    assert telling.hears("shipment.shipped") == []
    assert str(telling.rows("SELECT due_at FROM bot_notice")[0][0]).startswith("2026-11-25 21:00:00")


def test_what_was_overtaken_while_it_waited_is_not_said_any_more(telling: Telling) -> None:
    with time_machine.travel(NIGHT, tick=False) as clock:
        telling.hears("shipment.shipped")
        clock.shift(60)
        telling.hears("shipment.delivered", is_last=False)
    with time_machine.travel(datetime(2026, 11, 26, 12, 0, 1, tzinfo=UTC)):
        telling.tells()

    assert telling.ends() == [("shipment.shipped", "skipped", "overtaken"), ("shipment.delivered", "sent", None)]


@pytest.mark.parametrize(
    ("due", "end"), [(0, ("invoice.reminded", "skipped", "overtaken")), (100, ("invoice.reminded", "sent", None))]
)
def test_nobody_is_reminded_of_what_they_paid_meanwhile(
    telling: Telling, due: int, end: tuple[str, str, str | None]
) -> None:
    with time_machine.travel(NIGHT, tick=False) as clock:
        assert telling.hears("invoice.reminded") == []
        clock.shift(60)
        telling.hears("payment.recorded", due={"amount_minor": due, "currency": "COP"})
    with time_machine.travel(datetime(2026, 11, 26, 12, 0, 1, tzinfo=UTC)):
        telling.tells()

    assert telling.ends()[0] == end


# case 131
def test_a_clock_that_jumps_back_delays_and_never_doubles(telling: Telling) -> None:
    telling.notes("shipment.shipped")
    with time_machine.travel(datetime(2026, 11, 25, 18, 0, tzinfo=UTC)):
        telling.tells()
        assert telling.said() == []
    telling.tells()
    telling.tells()

    assert len(telling.said()) == 1


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        ("2026-11-25T20:59", None),
        ("2026-11-25T21:00", "2026-11-26T07:00"),
        ("2026-11-26T00:00", "2026-11-26T07:00"),
        ("2026-11-26T06:59", "2026-11-26T07:00"),
        ("2026-11-26T07:00", None),
    ],
)
def test_quiet_hours_span_midnight(at: str, ends: str | None) -> None:
    zone = ZoneInfo("America/Bogota")
    found = QuietHours(time(21), time(7), zone).end_after(datetime.fromisoformat(at).replace(tzinfo=zone))

    assert found == (datetime.fromisoformat(ends).replace(tzinfo=zone) if ends else None)


# opting out


@pytest.mark.parametrize("kind", sorted(PLANS.keys() - {FEEDBACK}))
def test_who_wants_no_updates_hears_only_of_what_must_be_known(telling: Telling, kind: str) -> None:
    if kind == "order.confirmed":
        telling.notes("order.held")
    telling.neighbours.preferences[ANA] = {"order_updates": False}

    heard = telling.hears(kind, is_last=False)

    assert bool(heard) == PLANS[kind].is_necessary
    if not heard:
        assert telling.ends()[-1] == (kind, "skipped", "opted_out")


def test_while_the_oms_cannot_say_what_is_wanted_nothing_is_said(telling: Telling, neighbours: Neighbours) -> None:
    neighbours.stop()
    assert telling.hears("shipment.shipped") == []
    neighbours.start()
    telling.tells()

    assert len(telling.said()) == 1


# what is worth telling


def test_a_confirmation_is_news_only_after_a_hold(telling: Telling) -> None:
    assert telling.hears("order.confirmed", number="PED-2") == []
    telling.hears("order.held")

    assert telling.hears("order.confirmed") == [
        "Tu pedido PED-1 quedó confirmado y ya lo estamos preparando. Llega el jueves 26 de noviembre."
    ]


def test_an_order_that_waits_to_be_paid_is_told_until_when(telling: Telling) -> None:
    until = "2026-11-26T15:40-05:00"
    assert telling.hears("order.held", reasons=["awaiting_payment"], until=until) == [
        "Te guardo el pedido PED-1 hasta el jueves 26 de noviembre, 3:40\u202fp.\u202fm.: si para entonces no está "
        "pagado, se cancela solo."
    ]
    assert "Antes de prepararlo" in telling.hears("order.held", reasons=["amount_over", "awaiting_payment"])[0]


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        ("soon", "con tiempo"),
        ("today", "Hoy vence"),
        ("late", "La pasaste"),
        ("later", "Seguimos"),
        ("last", "acuerdo"),
    ],
)
def test_each_stage_of_a_reminder_has_its_words(telling: Telling, stage: str, says: str) -> None:
    [said] = telling.hears("invoice.reminded", stage=stage)

    assert says in said
    assert "FV-1" in said


def test_an_order_that_was_not_paid_in_time_is_told_once(telling: Telling) -> None:
    assert telling.hears("payment.expired", ends_order=True) == []
    assert telling.hears("order.cancelled", reason="unpaid", by="system") == [
        "Tu pedido PED-1 se canceló porque no se pagó a tiempo, y no se te cobró nada. Si todavía lo quieres, "
        "escríbeme «repetir pedido»."
    ]


@pytest.mark.parametrize(
    "kind", ["order.cancelled", "order.changed", "return.requested", "return.accepted", "return.cancelled"]
)
def test_what_the_customer_did_themselves_is_not_told_again(telling: Telling, kind: str) -> None:
    assert telling.hears(kind, by="customer") == []
    assert len(telling.hears(kind, by="staff")) == 1
    # What nobody answered in time is left out by the system.
    assert len(telling.hears(kind, by="system")) == 1


def test_goods_that_were_looked_at_in_several_goes_are_told_once(telling: Telling) -> None:
    assert telling.hears("return.inspected", is_whole=False) == []
    assert telling.hears("return.inspected") == [
        "Ya revisamos lo que devolviste del pedido PED-1 (RMA-1). Te contamos apenas quede resuelta."
    ]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (
            "return.received",
            "El paquete de tu pedido PED-1 que no se pudo entregar ya está en la tienda (RMA-1). "
            "Lo revisamos a más tardar el lunes 30 de noviembre.",
        ),
        (
            "return.inspected",
            "Ya revisamos el paquete de tu pedido PED-1 que volvió a la tienda (RMA-1). Te contamos apenas quede "
            "resuelto.",
        ),
    ],
)
def test_a_parcel_that_bounced_is_called_by_its_name(kind: str, said: str) -> None:
    facts = {"number": "PED-1"} | FACTS[kind] | {"kind": "bounced"}

    assert [each.text for each in word(kind, "es", facts)] == [said]


def test_a_return_that_is_accepted_at_once_is_told_as_accepted(telling: Telling) -> None:
    assert telling.hears("return.requested", by="staff", at_once=True) == []
    assert telling.hears("return.accepted", by="staff") == [
        "Aceptamos tu devolución RMA-1, del pedido PED-1. Envíala o tráela a más tardar el miércoles 9 de diciembre. "
        "Esta es su etiqueta: https://t.co/f/label/x"
    ]
    assert telling.rows("SELECT name, url FROM bot_enclosure") == [("RMA-1.pdf", "https://t.co/f/label/x/pdf")]


def test_of_money_that_went_back_the_receipt_comes_into_the_chat(telling: Telling) -> None:
    [said] = telling.hears("refund.succeeded")

    assert said.endswith("(DEV-1). Este es tu comprobante: https://t.co/f/receipt/x")
    assert telling.rows("SELECT name, url FROM bot_enclosure") == [("DEV-1.pdf", "https://t.co/f/receipt/x/pdf")]


def test_events_that_concern_no_customer_are_passed_over(telling: Telling) -> None:
    assert telling.notes("stock.low") == 0
    assert telling.ends() == []


# questions


def test_after_the_last_parcel_it_is_asked_whether_all_is_well(telling: Telling) -> None:
    assert telling.hears("shipment.delivered") == [
        "Ya llegó tu pedido PED-1. ¡Gracias por tu compra!",
        "¿Te llegó bien el pedido PED-1?",
    ]
    assert telling.rows("SELECT title, payload FROM bot_choice ORDER BY position") == [
        ("Sí, todo bien", '/delivery_feedback{"order_number": "PED-1", "ok": true}'),
        ("No, hay un problema", '/delivery_feedback{"order_number": "PED-1", "ok": false}'),
    ]


@pytest.mark.parametrize(
    ("is_paid", "answers"),
    [
        (True, [("Envíenmelo otra vez", "replacement"), ("Que me devuelvan la plata", "refund"),
                ("Saldo a favor", "store_credit")]),
        (False, [("Envíenmelo otra vez", "replacement"), ("Ya no lo quiero", "refund")]),
    ],
)  # fmt: skip
def test_of_a_parcel_that_came_back_it_is_asked_what_now(
    telling: Telling, is_paid: bool, answers: list[tuple[str, str]]
) -> None:
    assert telling.hears("shipment.returned", is_paid=is_paid) == [
        "Tu pedido PED-1 no se pudo entregar y viene de regreso a la tienda. ¿Qué prefieres que hagamos?"
    ]
    assert telling.rows("SELECT title, payload FROM bot_choice ORDER BY position") == [
        (title, f'/parcel_choose{{"return_number": "RMA-1", "choice": "{wish}"}}') for title, wish in answers
    ]
    [(notice_id,)] = telling.rows("SELECT id FROM bot_notice")
    telling.handler.open_questions(notice_id)
    [question] = telling.neighbours.slots[telling.conversation_id]["open_questions"]
    assert (question["kind"], question["context"]["return_number"]) == ("parcel_bounced", "RMA-1")
    assert [option["value"] for option in question["options"]] == [wish for _, wish in answers]


def test_a_parcel_that_came_back_for_no_return_offers_a_person(telling: Telling) -> None:
    telling.hears("shipment.returned", **{"return": None})

    assert telling.rows("SELECT title, payload FROM bot_choice") == [("Hablar con una persona", "/human_request")]


def test_after_one_of_several_parcels_nothing_is_asked(telling: Telling) -> None:
    assert telling.hears("shipment.delivered", is_last=False) == [
        "Ya llegó una parte de tu pedido PED-1. ¡Gracias por tu compra!"
    ]


def test_what_is_short_is_asked_with_a_button_for_each_way_out(telling: Telling) -> None:
    assert telling.hears("fulfillment.short") == [
        "Al preparar tu pedido PED-1 no encontramos 2 × Leche entera 1 L. ¿Qué prefieres?"
    ]
    assert telling.rows("SELECT title FROM bot_choice ORDER BY position") == [
        ("Cambiar por Leche deslactosada 1 L",),
        ("Esperar hasta el lunes 30 de noviembre",),
        ("Quitarlo",),
    ]
    [(payload,)] = telling.rows("SELECT payload FROM bot_choice WHERE position = 0")
    assert payload == (
        '/shortage_resolve{"order_number": "PED-1", "shortage": "s1", "choice": "substitute", "sku": "LECHE-D"}'
    )


def test_what_no_supplier_brings_is_asked_in_its_own_words(telling: Telling) -> None:
    assert telling.hears("fulfillment.short", why="withdrawn") == [
        "De tu pedido PED-1 no nos van a traer 2 × Leche entera 1 L, lo siento. ¿Qué prefieres?"
    ]


def test_what_is_packed_in_part_is_told_as_a_part(telling: Telling) -> None:
    assert telling.hears("fulfillment.packed", is_partial=True) == [
        "Ya empacamos una parte de tu pedido PED-1; pronto sale."
    ]


def test_the_assistant_knows_what_was_asked_once_however_often_it_is_told(telling: Telling) -> None:
    telling.hears("fulfillment.short")
    [(notice_id,)] = telling.rows("SELECT id FROM bot_notice")
    telling.handler.open_questions(notice_id)
    telling.handler.open_questions(notice_id)

    [question] = telling.neighbours.slots[telling.conversation_id]["open_questions"]
    assert question["kind"] == "order_shortage"
    assert [option["title"] for option in question["options"]][2] == "Quitarlo"
    assert question["context"]["shortage"] == "s1"


def test_the_question_waits_in_the_lane_of_its_conversation(telling: Telling) -> None:
    telling.hears("fulfillment.short")

    table = "workflow_status" if telling.database.is_sqlite else "dbos.workflow_status"
    assert telling.rows(f"SELECT queue_name, queue_partition_key FROM {table} WHERE name = 'open_question'") == [
        ("bot_turns", telling.conversation_id)
    ]


@pytest.mark.parametrize("owner", ["queued", "agent"])
def test_where_a_person_answers_it_is_said_and_nothing_is_asked(telling: Telling, owner: Owner) -> None:
    telling.hand_to(owner)

    assert len(telling.hears("fulfillment.short")) == 1
    assert telling.rows("SELECT 1 FROM bot_choice") == []
    [(notice_id,)] = telling.rows("SELECT id FROM bot_notice")
    telling.handler.open_questions(notice_id)
    assert telling.neighbours.slots == {}


def test_an_invoice_is_told_with_its_amount_and_a_link(telling: Telling) -> None:
    assert telling.hears("invoice.issued") == ["Tu factura FV-1 por $17.340, del pedido PED-1: https://t.co/f"]
    assert telling.rows("SELECT name, url FROM bot_enclosure") == [("FV-1.pdf", "https://t.co/f/pdf")]


def test_a_document_that_is_sent_again_is_told_at_night_and_to_who_wants_no_news(telling: Telling) -> None:
    telling.neighbours.preferences[ANA] = {"order_updates": False}
    with time_machine.travel(NIGHT):
        assert telling.hears("invoice.sent") == ["Aquí tienes FV-1, de tu pedido PED-1, por $17.340: https://t.co/f"]
        assert telling.hears("invoice.issued") == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", ENCLOSED)
def test_the_words_of_a_notice_have_a_link_to_what_is_enclosed(what: str, language: str) -> None:
    [said] = word(what, language, {"number": "PED-1"} | FACTS[what])
    [enclosed] = said.enclosures

    assert enclosed.url.removesuffix("/pdf") in said.text
    bare = {"number": "PED-1"} | FACTS[what] | {ENCLOSED[what][1]: None}
    assert [each.enclosures for each in word(what, language, bare)] == [()]


def test_what_is_ready_to_be_collected_says_where_and_how_to_get_there(telling: Telling) -> None:
    url = "https://www.google.com/maps/search/?api=1&query=4.6459%2C-74.0635"
    at = "Tu pedido PED-1 está listo para recoger en Tienda Chapinero"

    assert telling.hears("pickup.ready") == [f"{at}, Calle 57 # 9-28. Muestra este código: 4821. Así llegas: {url}"]
    bare = {"number": "PED-1", "code": "4821", "location": "Chapinero Shop", "address": None, "map_url": None}
    [said] = word("pickup.ready", "en", bare)
    assert said.text == "Your order PED-1 is ready for pickup at Chapinero Shop. Show this code: 4821"


def test_trouble_with_a_parcel_offers_a_person(telling: Telling) -> None:
    [said] = telling.hears("shipment.exception")

    assert said.startswith("El transportador no encontró la dirección de tu pedido PED-1.")
    assert telling.rows("SELECT title, payload FROM bot_choice") == [("Hablar con una persona", "/human_request")]


# the words


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("what", sorted(PLANS))
def test_every_notice_has_its_words_in_both_languages(what: str, language: str) -> None:
    said = word(what, language, {"number": "PED-1", "customer_id": ANA} | FACTS[what])

    assert said
    for each in said:
        # A code says nothing of whose it is.
        assert (MASK if what == CODE else "PED-1") in each.text
        assert "{" not in each.text
        assert "None" not in each.text


@pytest.mark.parametrize(
    ("language", "says"), [("es", "2 docenas de Huevo AA, 1 × Leche y 1,5 libras de Papa"), ("en", None)]
)
def test_goods_are_counted_in_the_unit_they_were_ordered_in(language: str, says: str | None) -> None:
    units = {"docena": ("docena", "dozen"), "unidad": ("unidad", "unit"), "libra": ("libra", "pound")}
    lines = [
        {"name": name, "name_en": english, "quantity": quantity, "unit": unit}
        | {"unit_name_es": units[unit][0], "unit_name_en": units[unit][1]}
        for name, english, quantity, unit in (
            ("Huevo AA", "AA eggs", "2", "docena"),
            ("Leche", "Milk", "1", "unidad"),
            ("Papa", "Potatoes", "1.5", "libra"),
        )
    ]
    [said] = word("quote.sent", language, {"number": "COT-1"} | FACTS["quote.sent"] | {"lines": lines})

    assert (says or "2 dozen AA eggs, 1 × Milk and 1.5 pounds of Potatoes") in said.text


def test_a_quote_is_shown_with_what_it_costs_and_a_button_that_accepts_just_that() -> None:
    [said] = word("quote.sent", "es", {"number": "COT-1", "customer_id": ANA} | FACTS["quote.sent"])

    assert "cotización COT-1: 2 × Leche. Son $" in said.text
    assert "15.400" in said.text
    [button] = said.buttons
    assert (button.title, button.payload) == (
        "Aceptar", '/quote_accept{"quote_number": "COT-1", "confirmation": "c"}',
    )  # fmt: skip


def test_both_languages_say_the_same_facts() -> None:
    def names(said: str) -> set[str]:
        return {part.partition("}")[0] for part in said.split("{")[1:]}

    texts = {key: value for key, value in catalogue().items() if key != "words"} | catalogue()["words"]
    assert [key for key, said in texts.items() if names(said["es"]) != names(said["en"])] == []


# the way in


@pytest.fixture
def app(database: Database, tmp_path: Any) -> FastAPI:
    values = {"COMANDA_HOME": tmp_path, "COMANDA_SECRET": "s" * 40, "DATABASE_URL": database.url}
    return create_app(Settings.model_validate(values), database)


async def post(app: FastAPI, body: str, event_id: str = "e1", secret: str | None = None) -> int:
    now = datetime.now(UTC)
    signature = Webhook(secret or app.state.settings.bot_events_secret()).sign(event_id, now, body)
    headers = {"webhook-id": event_id, "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        return (await client.post("/internal/events", content=body.encode(), headers=headers)).status_code


EVENT = '{"type":"order.held","timestamp":"2026-11-25T20:00:00+00:00","data":{"number":"PED-1","customer_id":"ana"}}'


async def test_a_signed_event_is_noted_once(app: FastAPI, database: Database) -> None:
    assert [await post(app, EVENT), await post(app, EVENT)] == [204, 204]

    with database.read() as session:
        assert session.execute(text("SELECT event_id, what FROM bot_notice")).all() == [("e1", "order.held")]


@pytest.mark.parametrize("secret", ["whsec_c29tZW9uZSBlbHNlJ3Mgc2VjcmV0IG9mIHRoZWlycw==", "whsec_eA=="])
async def test_an_event_that_someone_else_signed_is_refused(app: FastAPI, database: Database, secret: str) -> None:
    assert await post(app, EVENT, secret=secret) == 401

    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM bot_notice")) == 0


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"type":1,"data":{}}', "{"])
async def test_what_is_no_event_is_refused(app: FastAPI, body: str) -> None:
    assert await post(app, body) == 422


@pytest.mark.parametrize(
    "headers",
    [{}, {"webhook-id": "e", "webhook-timestamp": "x", "webhook-signature": "v1,x"}, {"webhook-signature": "v1"}],
)
async def test_what_is_not_signed_at_all_is_refused(app: FastAPI, headers: dict[str, str]) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
        assert (await client.post("/internal/events", content=EVENT, headers=headers)).status_code == 401


@pytest.mark.parametrize(
    ("language", "due", "to_balance", "said"),
    [
        ("es", 0, 0, "Recibimos tu pago de $17.340 para el pedido PED-1. ¡Gracias!"),
        ("es", 50_000, 0, "Recibimos tu pago de $17.340 para el pedido PED-1. Falta por pagar $500. ¡Gracias!"),
        (
            "es", 0, 50_000,
            "Recibimos tu pago de $17.340 para el pedido PED-1. Te quedan $500 de saldo a favor para tu próximo pedido."
            " ¡Gracias!",
        ),
        (
            "en", 0, 50_000,
            "We have your payment of $17,340 for order PED-1. $500 stays with us as your balance for your next order. "
            "Thank you!",
        ),
    ],
)  # fmt: skip
def test_a_payment_is_told_with_what_is_left_to_pay_or_too_much(
    language: str, due: int, to_balance: int, said: str
) -> None:  # case 76
    left = {
        name: {"amount_minor": minor, "currency": "COP"} for name, minor in (("due", due), ("to_balance", to_balance))
    }

    assert [one.text for one in word("payment.recorded", language, {"number": "PED-1"} | PAID | left)] == [said]
