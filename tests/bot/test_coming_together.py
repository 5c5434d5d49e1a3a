"""What comes at the same moment is looked up and written together, and each is what it would be alone."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event, text

from bot.channels.arrivals import Arrivals, Came
from bot.channels.base import Arrival, DeliveryState, Progress
from bot.telling.progress import Told, take_progress
from kernel import ids
from tests.bot.line import Line, line, message

__all__ = ["line"]

STATES: tuple[DeliveryState, ...] = ("sent", "delivered", "read")


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that are run meanwhile, on whatever connection."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


class Crowd:
    """People who write by the shop's line at the same moment."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._arrivals = Arrivals(line.database, line.delivery)
        self._sids = (f"SM{number:032x}" for number in itertools.count())

    def write(self, *people: int) -> int:
        """Each of them a message; how many statements it takes."""
        said = [Arrival(f"+57300111{each:04d}", next(self._sids), "hola") for each in people]
        return len(self.come(*said))

    def come(self, *arrivals: Arrival) -> list[str]:
        channel = self._line.channels["whatsapp"]
        with counted() as statements, self._line.database.write() as session:
            self._arrivals.store(session, [Came(channel, each) for each in arrivals])
        return statements

    def said(self) -> list[tuple[object, ...]]:
        query = "SELECT c.sender, m.seq, m.text FROM bot_message m JOIN bot_conversation c ON c.id = m.conversation_id"
        return self._line.rows(f"{query} ORDER BY c.sender, m.seq")


@pytest.fixture
def crowd(line: Line) -> Crowd:
    return Crowd(line)


def test_each_stranger_more_who_writes_at_the_same_moment_costs_five_statements(crowd: Crowd) -> None:
    one, ten = crowd.write(1), crowd.write(*range(10, 20))

    print(f"statements for a message of one stranger and of ten: {one}, {ten}")
    # The contact, the message, its turn, and the work with its input; alone it takes more than twice as many.
    assert ten - one == 9 * 5
    assert one >= 2 * 5


# case 5
def test_one_who_writes_twice_and_a_message_that_comes_twice_at_the_same_moment_are_as_if_alone(crowd: Crowd) -> None:
    first, second = Arrival("+573001110001", "SM1", "hola"), Arrival("+573001110001", "SM2", "¿hay pan?")
    other = Arrival("+573001110002", "SM3", "buenas")

    crowd.come(first, first, second, other, first)
    crowd.come(second, other)

    assert crowd.said() == [
        ("+573001110001", 1, "hola"),
        ("+573001110001", 2, "¿hay pan?"),
        ("+573001110002", 1, "buenas"),
    ]


async def test_whom_the_provider_calls_out_of_reach_is_still_known_when_what_they_said_comes_again(line: Line) -> None:
    await line.post(message(Body="baja"))
    with line.database.write() as session:
        # As after the provider's "the window is closed".
        session.execute(text("UPDATE bot_contact SET heard_at = NULL"))

    await line.post(message(Body="baja"))

    assert line.rows("SELECT sender, opted_out_at IS NOT NULL FROM bot_contact") == [("+573001112233", True)]


async def test_what_is_told_of_many_parts_costs_as_many_statements_as_of_one(line: Line, crowd: Crowd) -> None:
    crowd.write(*range(1, 12))
    line.run()
    parts = line.rows("SELECT id, provider_message_id FROM bot_outgoing ORDER BY id")
    channel = line.channels["whatsapp"]

    def tell(*told: tuple[str, str, DeliveryState]) -> int:
        with counted() as statements, line.database.write() as session:
            heard = take_progress(session, [Told(channel, part, Progress(sid, state)) for part, sid, state in told])
        assert None not in heard
        return len(statements)

    (first, sid), *others = [(str(part), str(sid)) for part, sid in parts]
    of_one = tell((first, sid, "read"))
    of_ten = tell(*((part, sid, state) for part, sid in others for state in STATES))

    assert len(parts) == 11
    assert (of_one, of_ten) == (2, 2)
    assert line.outgoing() == [("read", None)] * 11


# case 9
@pytest.mark.parametrize("order", list(itertools.permutations(("delivered", "read", "sent"))))
async def test_in_whatever_order_it_is_told_of_a_part_at_the_same_moment_the_furthest_remains(
    line: Line, order: tuple[DeliveryState, ...]
) -> None:
    await line.post(message())
    line.run()
    [(part, sid)] = line.rows("SELECT id, provider_message_id FROM bot_outgoing")
    channel = line.channels["whatsapp"]
    of_nothing = Told(channel, ids.new_id(), Progress("SMnothing", "read"))
    of_another_copy = Told(channel, str(part), Progress("SMother", "failed"))

    with line.database.write() as session:
        its = [Told(channel, str(part), Progress(str(sid), state)) for state in order]
        heard = take_progress(session, [of_another_copy, of_nothing, *its])

    assert heard == [None, None, *[line.conversation().id] * 3]
    assert line.outgoing() == [("read", None)]
