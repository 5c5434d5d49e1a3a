"""Erasure: what names a person goes, what the law has kept stays with a number, and a receipt says which is which."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Result, Select, String, Text, delete, inspect, literal_column, select, table, text, update
from sqlalchemy.orm import Session

from backend import trail
from backend.data_requests.files import path_of
from backend.trail import Asked
from backend.workflows.open_amounts import open_amounts
from bot.attachments.files import Files
from bot.contacts import service as contacts
from comanda.failure import Failure
from comanda.privacy import person as people
from comanda.privacy import rules, trackers
from comanda.privacy.holdings import READ_AT_ONCE, TABLES, Holdings, Row, Seen, gather
from comanda.privacy.person import Person
from comanda.terminal import TERMINAL
from kernel import clock, ids, pseudonyms
from kernel.config import Settings
from kernel.db import Database
from kernel.seals import unsealed

RECEIPTS = "erasures.jsonl"
# Seconds: whoever reads meanwhile keeps the log from being emptied.
SCRUB_TRIES = 30
# A row that was made so long before it is committed is not seen by who looked in between.
SLOWEST_WRITE = timedelta(minutes=5)
# Which words to look for went with the rows, and the process ended before it looked.
NOT_LOOKED = ["words that are left were not looked for: the work was cut off after the rows had gone"]
# What is still under way between the shop and this person: (table, column, what it is when it is over).
_OVER = {
    "oms_order": ("status", ("closed", "cancelled")),
    "oms_return": ("status", ("resolved", "rejected", "cancelled")),
    "oms_claim": ("state", ("closed",)),
    "oms_refund": ("status", ("succeeded", "failed", "rejected", "cancelled")),
    "oms_payment_proof": ("status", ("approved", "rejected")),
}


@dataclass(frozen=True, slots=True)
class OpenThing:
    """What is not over: its `kind` (`order`), its `number`, and how it stands."""

    kind: str
    number: str
    stands: str


class StillOpen(Failure):
    """Something between the shop and this person is not over: it names what."""

    def __init__(self, things: Sequence[OpenThing]) -> None:
        named = ", ".join(f"{each.kind} {each.number} ({each.stands})" for each in things)
        super().__init__(f"not everything with this person is over; finish or cancel first: {named}")
        self.things = tuple(things)


@dataclass(frozen=True, slots=True)
class Erased:
    """Rows that are gone: whose, how many of which table, what was kept, how many files; what else to clear."""

    customer_ids: list[str]
    erased: dict[str, int]
    kept: dict[str, dict[str, Any]]
    files: int
    conversation_ids: list[str]


Note = Callable[[Session, Erased], None]


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was done, in words and numbers that name nobody: kept beside the database, and handed out.

    `kept` are rows by reason, until `keep_until` (ISO date); `left` is where a word that names the person still stands
    outside of them: empty, or someone must look.
    """

    at: str
    customer_ids: list[str]
    erased: dict[str, int]
    kept: dict[str, dict[str, Any]]
    files: int
    remembered: int
    left: list[str] = field(default_factory=list)


def erase(settings: Settings, database: Database, named: str) -> Receipt:
    """Erase a person: their rows and files, then the assistant's memory, and what the database had freed.

    Records: an AuditEntry, in the transaction in which the rows go.
    Raises: Failure, for nobody, for several and for who is erased already; StillOpen, with nothing changed.
    """
    with database.read() as session:
        person = people.find(session, named)
    if at := erased_at(settings, person):
        raise Failure(f"{named!r} was erased at {at} already: the receipt is in {settings.home / RECEIPTS}")
    return erase_person(settings, database, person, _in_trail)


def erased_at(settings: Settings, person: Person) -> str | None:
    """When this person was erased (ISO instant); None as long as anything names them, or is left to be looked at."""
    theirs = [each for each in _receipts(settings) if set(person.customer_ids) & set(each["customer_ids"])]
    if not theirs or theirs[-1]["left"] or person.senders or person.values:
        return None
    return str(theirs[-1]["at"])


def erase_again(settings: Settings, database: Database) -> list[Receipt]:
    """After a backup was restored: whoever was erased since then is erased once more.

    Records: an AuditEntry for each.
    """
    done = []
    for receipt in _receipts(settings):
        with database.read() as session:
            person = people.of(session, receipt["customer_ids"])
            is_back = bool(person.senders or person.values)
        if is_back:
            done.append(erase_person(settings, database, person, _in_trail))
    return done


def _in_trail(session: Session, gone: Erased) -> None:
    trail.write(session, TERMINAL, Asked("comanda privacy erase", gone.customer_ids[0]))


def erase_person(settings: Settings, database: Database, person: Person, note: Note | None = None) -> Receipt:
    """`note` is called in the transaction in which the rows go. Raises: StillOpen, with nothing changed."""
    return clear(settings, database, erase_rows(settings, database, person, note), person)


def erase_rows(settings: Settings, database: Database, person: Person, note: Note | None = None) -> Erased:
    """In one transaction; the files go just before it ends, as no row would lead to them afterwards.

    Raises: StillOpen, with nothing changed.
    """
    pseudonyms.carry(database, settings.signing_key())
    since = ids.least_of_the_last(SLOWEST_WRITE)
    with database.read() as session:
        # Most of it is reading, and nobody waits for that; what came meanwhile is found below.
        seen = Seen(gather(session, person), since)
    with database.write() as session:
        held = gather(session, person, seen)
        if things := what_stands(session, person, held):
            raise StillOpen(things)
        with unsealed(session, [name for name in held if name not in rules.KEPT]):
            erased = _erase_rows(session, person, held)
        conversation_ids = [row["id"] for row in held.get("bot_conversation", [])]
        files = len(held.get("bot_attachment", []))
        gone = Erased(list(person.customer_ids), erased, _kept(held), files, conversation_ids)
        if note is not None:
            note(session, gone)
        _delete_files(settings, held)
    return gone


def clear(settings: Settings, database: Database, gone: Erased, person: Person | None) -> Receipt:
    """What follows once the rows are gone, and may be done again: memory, free pages, the receipt.

    `person` is as they were before; None when nobody knows any more, and what is left cannot be looked for.
    """
    remembered = trackers.erase(trackers.path_of(settings), gone.conversation_ids)
    is_scrubbed = _scrub(database)
    left = NOT_LOOKED if person is None else _left(database, person)
    left = left + ([] if is_scrubbed else ["the database's log: run it again with Comanda stopped"])
    at = clock.now().isoformat(timespec="seconds")
    receipt = Receipt(at, gone.customer_ids, gone.erased, gone.kept, gone.files, remembered, left)
    with (settings.home / RECEIPTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(asdict(receipt)) + "\n")
    return receipt


def _receipts(settings: Settings) -> Iterator[dict[str, Any]]:
    """The oldest first."""
    path = settings.home / RECEIPTS
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        yield json.loads(line)


def what_stands(session: Session, person: Person, held: Holdings) -> list[OpenThing]:
    """What of theirs is not over: nobody is erased before it is."""
    things = [
        OpenThing(table.removeprefix("oms_"), row.get("number") or row["id"], row[column])
        for table, (column, over) in _OVER.items()
        for row in held.get(table, [])
        if row[column] not in over
    ]
    disputed = (row for row in held.get("oms_payment", []) if row["disputed_minor"])
    things += [OpenThing("payment", row["number"], "disputed") for row in disputed]
    owing, numbers = open_amounts(), {row["id"]: row["number"] for row in held.get("oms_invoice", [])}
    owed = select(owing.c.id, owing.c.open_minor).where(owing.c.customer_id.in_(person.customer_ids))
    to_pay = session.execute(owed.where(owing.c.open_minor != 0))
    return things + [OpenThing("invoice", numbers[id_], f"{amount} to pay") for id_, amount in to_pay]


def _erase_rows(session: Session, person: Person, held: Holdings) -> dict[str, int]:
    erased: dict[str, int] = {}
    _keep_opt_outs(session, held.get("bot_contact", []))
    requests, identities = TABLES["oms_link_request"], [row["id"] for row in held.get("oms_channel_identity", [])]
    session.execute(delete(requests).where(requests.c.identity_id.in_(identities)))
    for name in reversed(TABLES):
        rows = held.get(name, [])
        if not rows or name in rules.KEPT:
            continue
        for row in rows:
            if name in rules.GONE:
                session.execute(delete(TABLES[name]).where(*_its(name, row)))
            elif change := _changed(session, name, row, person):
                session.execute(update(TABLES[name]).where(*_its(name, row)).values(change))
            else:
                continue
            erased[name] = erased.get(name, 0) + 1
    return erased


def _keep_opt_outs(session: Session, known: Sequence[Row]) -> None:
    """Who asked for peace has it for good: by a hash that nobody can turn back without the shop's key."""
    for row in known:
        contacts.remember_opt_out(session, row["channel"], row["person"], row["opted_out_at"])


def _changed(session: Session, name: str, row: Row, person: Person) -> Row:
    change: Row = dict(rules.BLANK.get(name, {}))
    if name == "bot_conversation":
        change |= {"sender": f"erased:{row['id']}", "owner": "closed", "version": row["version"] + 1}
    if name == "bot_message" and row["provider_message_id"]:
        # Posted again it is still known.
        change["provider_message_id"] = pseudonyms.of(session, row["provider_message_id"])
    if name == "bot_turn" and row["status"] == "received":
        change |= {"status": "left_to_staff", "finished_at": clock.now()}
    if name == "bot_notice" and row["status"] == "queued":
        change |= {"status": "skipped", "reason": "erased", "ended_at": clock.now()}
    if name == "oms_mail" and row["status"] == "queued":
        change["status"] = "kept"
    for column in TABLES[name].columns:
        is_text = isinstance(column.type, String | Text | JSON)
        if is_text and not column.primary_key and not column.foreign_keys and column.name not in change:
            cut = _cut(row[column.name], person.values)
            if cut != row[column.name]:
                change[column.name] = cut
    return {column: value for column, value in change.items() if row[column] != value}


def _cut(value: Any, words: Sequence[str]) -> Any:
    """A text, or all texts in a piece of JSON, without the words that name the person."""
    if isinstance(value, str):
        for word in words:
            value = re.sub(re.escape(word), rules.ERASED, value, flags=re.IGNORECASE)
        return value
    if isinstance(value, list):
        return [_cut(each, words) for each in value]
    if isinstance(value, dict):
        return {key: _cut(each, words) for key, each in value.items()}
    return value


def _its(name: str, row: Row) -> list[Any]:
    return [column == row[column.name] for column in TABLES[name].primary_key]


def _kept(held: Holdings) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = {}
    for name, why in rules.KEPT.items():
        rows = held.get(name, [])
        if rows:
            one = kept.setdefault(why, {"because": rules.WHY[why], "rows": {}, "keep_until": _until(clock.now())})
            one["rows"][name] = len(rows)
    return kept


def _until(at: datetime) -> str:
    return f"{at.year + rules.KEEP_YEARS}-12-31"


def _delete_files(settings: Settings, held: Holdings) -> None:
    files = Files(settings)
    for row in held.get("bot_attachment", []):
        files.delete(row["conversation_id"], row["id"])
    for row in held.get("oms_data_request", []):
        path_of(settings.home, row["id"]).unlink(missing_ok=True)


def _scrub(database: Database) -> bool:
    """Nothing of what was freed is left in the files: not in the free pages, not in the log; False if someone reads."""
    if database.is_sqlite:
        raw = database.engine.raw_connection()
        try:
            raw.cursor().execute("VACUUM")
            for _ in range(SCRUB_TRIES):
                is_busy = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                if not is_busy:
                    return True
                time.sleep(1)
            return False
        finally:
            raw.close()
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM"))
    return True


def _left(database: Database, person: Person) -> list[str]:
    """Where a word that names the person still stands, in any table but those that are kept."""
    found = []
    words = re.compile("|".join(map(re.escape, person.values)), re.IGNORECASE) if person.values else None
    with database.read() as session:
        for name in inspect(session.connection()).get_table_names() if words else ():
            if name in rules.KEPT:
                continue
            assert words is not None
            query: Select[Any] = select(literal_column("*")).select_from(table(name))
            rows: Result[Any] = session.execute(query, execution_options={"yield_per": READ_AT_ONCE})
            if any(words.search(str(tuple(row))) for row in rows):
                found.append(name)
    return found
