"""What is told to who waits for a person: never more than is known."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from bot.answering.turns import TurnHandler
from bot.answering.waiting import CALL, RESUME, standing
from bot.conversations.models import Conversation
from bot.handoff import agents, hours, waits
from bot.handoff import service as handoffs
from bot.handoff.hours import Hours, OpeningHours
from bot.handoff.models import Handoff
from kernel import clock, ids
from kernel.db import Database
from tests.bot.desk_of import Shop

BOGOTA = ZoneInfo("America/Bogota")
WEEK = {day: (time(8), time(18)) for day in range(5)} | {5: (time(9), time(13))}
# A Monday that is a holiday in Colombia, and one on which the shop works all the same.
HOURS = Hours(BOGOTA, WEEK, {date(2026, 11, 17): False, date(2026, 12, 8): True}, frozenset({date(2026, 11, 16)}))


def at(day: int, hour: int, minute: int = 0, month: int = 11) -> datetime:
    """An instant of 2026, by Bogotá's clock."""
    return datetime(2026, month, day, hour, minute, tzinfo=BOGOTA).astimezone(UTC)


@pytest.fixture
def shop(database: Database, tmp_path: Path) -> Shop:
    return Shop(database, tmp_path)


class Known(OpeningHours):
    def __init__(self, known: Hours | None) -> None:
        self.known = known

    def get(self) -> Hours | None:
        return self.known


def told(shop: Shop, known: Hours | None, language: str = "es") -> str:
    """What the one who asked last is told."""
    hours.carry(shop.database, Known(known))
    with shop.database.read() as session:
        latest = session.get_one(Handoff, shop.rows("SELECT id FROM bot_handoff ORDER BY asked_at DESC LIMIT 1")[0][0])
        return standing(session, latest, language)


def waited(shop: Shop, *minutes: float) -> None:
    """So long those waited who have been helped since."""
    with shop.database.write() as session:
        for n, each in enumerate(minutes):
            conversation_id = shop.rows("SELECT id FROM bot_conversation LIMIT 1")[0][0]
            asked_at = clock.now() - timedelta(hours=3, minutes=n)
            handoff = Handoff(id=ids.new_id(), conversation_id=conversation_id, reason="requested", team="service")
            handoff.priority, handoff.wants_call, handoff.asked_at = 0, False, asked_at
            handoff.claimed_at = asked_at + timedelta(minutes=each)
            handoff.ended_at, handoff.ending = clock.now(), "returned"
            session.add(handoff)


async def comes(shop: Shop, name: str = "rosa") -> None:
    await shop.agent(name).be_there()


# the shop's hours


@pytest.mark.parametrize(
    ("instant", "is_open", "next_opening"),
    [
        (at(13, 8), True, None),
        (at(13, 17, 59), True, None),
        (at(13, 18), False, at(14, 9)),
        (at(14, 13), False, at(18, 8)),  # Sunday, a holiday, a day that the shop closes
        (at(8, 10, month=12), True, None),
        (at(13, 7, 59), False, at(13, 8)),
    ],
)
def test_the_shop_is_open_in_its_hours_but_for_holidays_and_its_own_days(
    instant: datetime, is_open: bool, next_opening: datetime | None
) -> None:
    assert HOURS.is_open(instant) is is_open
    if next_opening:
        assert HOURS.next_opening(instant) == next_opening


@pytest.mark.parametrize(
    ("instant", "minutes", "due"),
    [(at(13, 10), 15, at(13, 10, 15)), (at(13, 17, 50), 15, at(14, 9, 5)), (at(14, 20), 60, at(18, 9))],
)
def test_what_is_due_is_due_in_the_shops_hours(instant: datetime, minutes: int, due: datetime) -> None:
    assert HOURS.after(instant, minutes) == due


def test_a_shop_whose_hours_nobody_can_say_is_asked_again_later() -> None:
    assert OpeningHours("http://127.0.0.1:1", "key" * 20).look() is None


# what is told


@time_machine.travel(at(13, 10))
async def test_who_is_next_hears_so_and_no_time_that_was_not_measured(shop: Shop) -> None:
    shop.opens()
    await comes(shop)
    assert told(shop, HOURS) == "Sigues tú en la fila."
    assert told(shop, None, "en") == "You are next in line."


@time_machine.travel(at(13, 14))
@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        ((1, 2, 3, 4), ""),
        ((1, 2, 3, 12, 30), " Últimamente responden en unos 15 minutos."),
        ((1, 1, 2, 3.2, 90), " Últimamente responden en unos 4 minutos."),
        ((0.1, 0.2, 0.3, 0.4, 0.5), " Últimamente responden en un minuto."),
        ((300, 300, 300, 300, 300), ""),
    ],
)
async def test_the_time_that_is_told_is_what_four_of_five_waited(
    shop: Shop, minutes: tuple[float, ...], words: str
) -> None:
    shop.opens(sender="a")
    shop.opens(sender="b")
    waited(shop, *minutes)
    await comes(shop)
    assert told(shop, HOURS) == f"Eres la persona 2 en la fila.{words}"


@time_machine.travel(at(13, 10))
async def test_waits_that_began_while_the_shop_was_closed_do_not_count(shop: Shop) -> None:
    shop.opens()
    hours.carry(shop.database, Known(HOURS))
    waited(shop, 5, 5, 5, 5, 5)
    with shop.database.read() as session:
        # Three hours before ten it is not yet open.
        assert waits.usual_minutes(session, "service") is None


@time_machine.travel(at(13, 10))
async def test_while_nobody_is_there_that_is_what_is_said(shop: Shop) -> None:
    shop.opens()
    nobody = "En este momento no hay nadie disponible: te responden por aquí apenas alguien pueda."
    assert told(shop, HOURS) == nobody
    await shop.agent("rosa").be_there(is_away=True)
    assert told(shop, HOURS) == nobody
    # Of another team.
    with shop.database.write() as session:
        agents.see(session, "x", "Luis").teams = ["returns"]
    assert told(shop, HOURS) == nobody


@pytest.mark.parametrize(
    ("instant", "language", "words"),
    [
        (at(13, 19), "es", "abre el sábado 14 de noviembre a las 9:00\u202fa.\u202fm.: te responden"),
        (at(13, 6), "es", "abre hoy a las 8:00\u202fa.\u202fm.: te responden"),
        (at(14, 20), "en", "opens on Wednesday, November 18 at 8:00\u202fAM: someone will"),
    ],
)
async def test_who_asks_while_the_shop_is_closed_hears_when_it_opens(
    shop: Shop, instant: datetime, language: str, words: str
) -> None:
    with time_machine.travel(instant):
        shop.opens()
        await comes(shop)
        assert words in told(shop, HOURS, language)


# to be called


async def test_who_would_rather_be_called_is_marked_so(shop: Shop, database: Database) -> None:
    conversation_id = shop.opens(owner="assistant")
    with shop.delivery.to(conversation_id) as (session, conversation):
        handoffs.ask(session, conversation, "requested")
    turns = TurnHandler(shop.delivery, None, None)  # type: ignore[arg-type]
    assert turns.attempt(shop.hears(conversation_id, "¿hola?")) is None
    offered = shop.rows("SELECT payload, token FROM bot_choice ORDER BY position")
    assert [payload for payload, _ in offered] == [RESUME, CALL]

    assert turns.attempt(shop.presses(conversation_id, offered[1][1])) is None

    seen = await shop.agent("rosa").conversation(conversation_id)
    assert (seen.owner, seen.wants_call, seen.last_message_text) == (
        "queued",
        True,
        "Listo, pedí que te llamen. Si debe ser a otro número, escríbelo aquí.",
    )
    with database.read() as session:
        assert session.get_one(Conversation, conversation_id).owner == "queued"
