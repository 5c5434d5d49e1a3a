"""What is kept of a person: every row that is theirs, found along foreign keys and by the numbers that name them."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

import backend.migrations.models  # noqa: F401  its metadata is whole then
from backend.base import Base as Oms
from bot.attachments import models as attachments
from bot.contacts import models as contacts
from bot.conversations.models import Base as Bot
from bot.handoff import models as handoff
from bot.learning import models as learning
from bot.notices import models as notices
from bot.outbox import models as outbox
from comanda.privacy.person import Person

# Imported so that the bot's metadata is whole.
__all__ = ["attachments", "contacts", "handoff", "learning", "notices", "outbox"]

Row = dict[str, Any]
Holdings = dict[str, list[Row]]
TABLES: dict[str, Table] = {table.name: table for base in (Oms, Bot) for table in base.metadata.sorted_tables}
# No foreign key says whose these are: their words do.
BY_WORD = (
    "oms_event",
    "oms_mail",
    "oms_idempotent_act",
    "oms_payment_alert",
    "oms_audit_entry",
    "oms_pending_act",
    "bot_notice",
)
READ_AT_ONCE = 1_000
# What a row is called outside, and by which others speak of it.
_NAMES = ("number", "id")
# Rows of someone else who says to be this person, or who got their number.
_OF_OTHERS = {("oms_link_request", "identity_id"), ("oms_identity_entry", "person_id")}
_NAMED = ("oms_order", "oms_invoice", "oms_payment", "oms_return", "oms_refund", "oms_payment_proof", "oms_claim")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was gathered before, and from which id on rows are newer than that."""

    held: Holdings
    since: str


def gather(session: Session, person: Person, seen: Seen | None = None) -> Holdings:
    """Every row of a person, by table, in the order in which tables depend on each other.

    Where words alone tell whose a row is every row is read: with `seen` the newer ones, and those that were theirs.
    """
    held: Holdings = defaultdict(list)
    held["oms_customer"] = _rows(session, "oms_customer", "id", person.customer_ids)
    _follow(session, Oms.metadata.sorted_tables, held)
    held["bot_conversation"] = _conversations(session, person)
    held["bot_contact"] = _contacts(session, person)
    _follow(session, Bot.metadata.sorted_tables, held)
    words = _words(person, held)
    for name in BY_WORD:
        known = {_key(name, row) for row in held[name]}
        for row in _looked_through(session, name, seen):
            is_theirs = words.search(json.dumps(row, default=str, ensure_ascii=False))
            if is_theirs and _key(name, row) not in known:
                known.add(_key(name, row))
                held[name].append(row)
    _follow(session, [TABLES["oms_webhook_delivery"]], held)
    return {name: held[name] for name in TABLES if held[name]}


def _follow(session: Session, tables: list[Table], held: Holdings) -> None:
    """Add what refers to a row that is theirs. Tables come after those that they refer to."""
    for table in tables:
        known = {_key(table.name, row) for row in held[table.name]}
        for key in table.foreign_keys:
            parent = key.column.table.name
            if (table.name, key.parent.name) in _OF_OTHERS:
                continue
            owners = [row[key.column.name] for row in held.get(parent, [])] if parent != table.name else []
            for row in _rows(session, table.name, key.parent.name, owners):
                if _key(table.name, row) not in known:
                    known.add(_key(table.name, row))
                    held[table.name].append(row)


def _conversations(session: Session, person: Person) -> list[Row]:
    found = {row["id"]: row for row in _rows(session, "bot_conversation", "customer_id", person.customer_ids)}
    for channel, sender in person.senders:
        theirs = _rows(session, "bot_conversation", "sender", [sender])
        found |= {row["id"]: row for row in theirs if row["channel"] == channel}
    return list(found.values())


def _contacts(session: Session, person: Person) -> list[Row]:
    senders = [sender for _, sender in person.senders]
    return [
        row
        for row in _rows(session, "bot_contact", "sender", senders)
        if (row["channel"], row["sender"]) in person.senders
    ]


def _words(person: Person, held: Holdings) -> re.Pattern[str]:
    """What a row must say, as a whole word, to be about this person."""
    words = {*person.customer_ids, *(sender for _, sender in person.senders if len(sender) > 4)}
    words |= {row["email"] for row in held["oms_customer"] if row["email"]}
    words |= {row[name] for table in _NAMED for row in held.get(table, []) for name in _NAMES if row.get(name)}
    whole = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w-])(?:{whole})(?![\w-])", re.IGNORECASE)


def _rows(session: Session, table: str, column: str, values: Any) -> list[Row]:
    values, found = list(values), []
    for start in range(0, len(values), 500):
        its = TABLES[table].c[column].in_(values[start : start + 500])
        found += [dict(row) for row in session.execute(select(TABLES[table]).where(its)).mappings()]
    return found


def _looked_through(session: Session, name: str, seen: Seen | None) -> Iterator[Row]:
    table = TABLES[name]
    query = select(table)
    # What is kept for two days and has no id of its own is read whole.
    if seen is not None and "id" in table.c:
        yield from _rows(session, name, "id", [row["id"] for row in seen.held.get(name, [])])
        query = query.where(table.c.id >= seen.since)
    for row in session.execute(query, execution_options={"yield_per": READ_AT_ONCE}).mappings():
        yield dict(row)


def _key(table: str, row: Row) -> tuple[Any, ...]:
    return tuple(row[column.name] for column in TABLES[table].primary_key)
