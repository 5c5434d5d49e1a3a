"""Run in Rasa's environment: what Rasa makes of a store of conversations whose table is away, as JSON."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Awaitable
from contextlib import closing

from rasa.core.agent import Agent
from rasa.core.tracker_store import TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.exc import SQLAlchemyError

WHO = "a conversation"


async def main() -> None:
    """Print what became of reading and of writing: the error's name, or nothing where there was none."""
    given = AvailableEndpoints.read_endpoints("endpoints.yml").tracker_store
    store = Agent(domain=Domain.empty(), tracker_store=TrackerStore.create(given)).tracker_store
    tracker = DialogueStateTracker(WHO, [])
    await store.save(tracker)
    rename("events", "events_away")
    told = {"read": await outcome(store.retrieve(WHO)), "written": await outcome(store.save(tracker))}
    rename("events_away", "events")
    print(json.dumps(told | {"back": await outcome(store.retrieve(WHO))}))


async def outcome(act: Awaitable[object]) -> str:
    try:
        await act
    except SQLAlchemyError as error:
        return type(error).__name__
    return ""


def rename(table: str, name: str) -> None:
    with closing(sqlite3.connect(os.environ["RASA_TRACKER_DB"])) as trackers:
        trackers.execute(f"ALTER TABLE {table} RENAME TO {name}")
        trackers.commit()


if __name__ == "__main__":
    asyncio.run(main())
