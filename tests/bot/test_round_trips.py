"""Assistant, person, assistant, three times on one conversation, with a message at the very moment of each change."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.answering.assistant import Assistant
from bot.answering.customers import Customers
from bot.answering.turns import Patience, TurnHandler
from bot.desk.desk import Desk
from bot.handoff import acts
from bot.handoff.acts import Doer
from bot.handoff.errors import MessageUnseen
from kernel import ids
from kernel.db import Database
from tests.bot.desk_of import KEY, Shop
from tests.bot.neighbours import Neighbours

# COMANDA_ROUNDS=200 takes two minutes on each database.
ROUNDS = int(os.environ.get("COMANDA_ROUNDS", "15"))
TRIPS = 3
WAIT_S = 30.0


class Round:
    """One conversation with three who act at once: its customer, its lane, and an agent."""

    def __init__(self, shop: Shop, desk: Desk, turns: TurnHandler) -> None:
        self.shop, self.desk, self.turns = shop, desk, turns
        self.conversation_id = shop.opens("hola", sender=ids.new_id(), owner="assistant")
        self.lane: queue.Queue[str | None] = queue.Queue()
        # Before each claim and each release the customer and the agent wait for each other.
        self.moment = threading.Barrier(2)
        self.failed: list[BaseException] = []
        # Up to which message the agent had read each time that they left.
        self.read: list[int] = []

    def run(self) -> None:
        parts = [threading.Thread(target=self._try, args=(part,)) for part in (self.customer, self.agent, self.answers)]
        for part in parts:
            part.start()
        for part in parts[:2]:
            part.join()
        self.lane.put(None)
        parts[2].join()
        assert self.failed == []

    def _try(self, part: Any) -> None:
        try:
            part()
        except BaseException as error:
            self.failed.append(error)
            self.moment.abort()
            raise

    def customer(self) -> None:
        for number in range(2 * TRIPS):
            self.lane.put(self.shop.hears(self.conversation_id, f"antes {number}"))
            self.moment.wait(WAIT_S)
            self.lane.put(self.shop.hears(self.conversation_id, f"justo {number}"))

    def agent(self) -> None:
        for _trip in range(TRIPS):
            self.moment.wait(WAIT_S)
            self.desk.claim(self.conversation_id, self._doer(), self._version())
            self.desk.say(self.conversation_id, self._doer(), "Te ayudo yo.")
            # What their page shows, when the customer writes at that very moment.
            seen = self._last_seq()
            self.moment.wait(WAIT_S)
            while True:
                try:
                    self.desk.release(self.conversation_id, self._doer(), seen)
                    self.read.append(seen)
                    break
                except MessageUnseen:
                    # They wrote at that moment: it is read, and answered, first.
                    self.desk.say(self.conversation_id, self._doer(), "Visto.")
                    seen = self._last_seq()

    def answers(self) -> None:
        while (message_id := self.lane.get()) is not None:
            assert self.turns.attempt(message_id) is None

    def _doer(self) -> Doer:
        return Doer("rosa", "Rosa", ids.new_id(), "")

    def _version(self) -> int:
        return int(self._row("SELECT version FROM bot_conversation WHERE id = ")[0])

    def _last_seq(self) -> int:
        return int(self._row("SELECT last_seq FROM bot_conversation WHERE id = ")[0])

    def _row(self, query: str) -> tuple[Any, ...]:
        return self.shop.rows(f"{query}'{self.conversation_id}'")[0]

    def told(self) -> Told:
        return Told(self.shop, self.conversation_id, self.read)


class Told:
    """What the books say of a round afterwards."""

    def __init__(self, shop: Shop, conversation_id: str, read: list[int]) -> None:
        self.read = read
        with shop.database.read() as session:
            done = acts.of_conversation(session, conversation_id, 1_000)
        self.changes = [(act.what, int(act.before["last_seq"])) for act in reversed(done) if act.what != "say"]
        self.messages = shop.rows(
            f"SELECT seq, author FROM bot_message WHERE conversation_id = '{conversation_id}' ORDER BY seq"
        )
        self.turns = shop.rows(
            "SELECT m.seq, t.status, (SELECT count(*) FROM bot_message a WHERE a.in_reply_to = m.id"
            " AND a.author = 'assistant') FROM bot_turn t JOIN bot_message m ON m.id = t.message_id"
            f" WHERE m.conversation_id = '{conversation_id}'"
        )

    def had_by_agent(self, seq: int) -> bool:
        """Did a person have the conversation when that was said?"""
        before = [what for what, last_seq in self.changes if last_seq < seq]
        return bool(before) and before[-1] == "claim"

    def two_speakers(self) -> list[int]:
        """What the assistant said while a person had it, and a person while they had not."""
        spoken = [(seq, author) for seq, author in self.messages if author != "customer"]
        return [seq for seq, author in spoken if (author == "agent") is not self.had_by_agent(seq)]

    def lost(self) -> list[tuple[int, str, int]]:
        """What was neither answered by the assistant, once, nor before the eyes of who had it and left.

        Each by its number, how its turn ended, and how many answers it had.
        """
        return [
            (seq, status, answers)
            for seq, status, answers in self.turns
            if not (status == "answered" and answers == 1)
            and not (status == "left_to_staff" and answers == 0 and any(seq <= each for each in self.read))
        ]


@pytest.fixture
def turns(database: Database, neighbours: Neighbours, tmp_path: Path) -> Iterator[tuple[Shop, TurnHandler]]:
    shop = Shop(database, tmp_path)
    assistant = Assistant(neighbours.url)
    # However long a busy machine takes: an apology meanwhile is a second message, and not what this is about.
    patience = Patience(apologise_after_s=WAIT_S)
    yield shop, TurnHandler(shop.delivery, assistant, Customers(neighbours.url, KEY), patience=patience)
    assistant.close()


# case 44
def test_there_is_one_speaker_always_and_nothing_is_lost(turns: tuple[Shop, TurnHandler], database: Database) -> None:
    shop, handler = turns
    desk = Desk(database, shop.delivery, shop.app.state.channels)
    two_speakers, heard, dropped = 0, 0, 0
    lost: list[tuple[int, str, int]] = []
    for _ in range(ROUNDS):
        one = Round(shop, desk, handler)
        one.run()
        told = one.told()
        assert [what for what, _ in told.changes] == ["claim", "release"] * TRIPS
        two_speakers += len(told.two_speakers())
        lost += told.lost()
        heard += len(told.turns)
        dropped += sum(status == "left_to_staff" for _, status, _ in told.turns)
    print(
        json.dumps(
            {"rounds": ROUNDS, "changes": ROUNDS * TRIPS * 2, "messages": heard, "left to people": dropped,
             "two speakers": two_speakers, "lost": len(lost)}
        )
    )  # fmt: skip
    assert (two_speakers, lost) == (0, [])
    assert 0 < dropped < heard
