"""The worker's side of data requests: what staff asked for of a person is looked at, copied or erased."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from backend import trail
from backend.customers import identities
from backend.data_requests import files
from backend.data_requests import service as requests
from backend.data_requests.models import DataRequest
from backend.staff import service as staff
from comanda.privacy import person as people
from comanda.privacy import rules
from comanda.privacy.erase import Erased, OpenThing, StillOpen, clear, erase_person, what_stands
from comanda.privacy.export import export_person
from comanda.privacy.holdings import gather
from comanda.privacy.person import Person
from kernel import clock, durable
from kernel.config import Settings
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)

PACE_S = 1.0
OVERDUE = timedelta(minutes=5)
SWEPT_AT_ONCE = 20
# After so many starts that came to no end a person has to look.
TRIES_MOST = 12


class DataDesk:
    """One database's data requests. `register` before `durable.launch`, `serve` after it."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings, self._database = settings, database
        # Those whose rows this process has erased, as they were: what is left of them is still to be looked for.
        self._erased: dict[str, Person] = {}

    def register(self) -> None:
        durable.duty(requests.WORKFLOW, self.fulfil)

    def serve(self) -> None:
        durable.register_queue(requests.QUEUE, per_partition=1, at_most=1, pace_s=PACE_S)

    def sweep(self) -> int:
        """Start again what is overdue; how many. What has ended by then is left alone."""
        with self._database.write() as session:
            late = requests.overdue(session, clock.now() - OVERDUE, SWEPT_AT_ONCE)
            for row in late:
                requests.enqueue(session, row.id, f"late:{row.due_at.timestamp()}")
        return len(late)

    def drop_old_copies(self) -> int:
        return files.drop_written_before(self._settings.home, clock.now() - files.LASTS)

    def fulfil(self, request_id: str) -> None:
        """Whatever was done of it before goes on from there; what has ended is left alone."""
        with self._database.write() as session:
            row = requests.take_up(session, request_id)
            if row is None:
                return
            person = people.of(session, identities.ids_of_person(session, row.customer_id))
            if row.tries > TRIES_MOST:
                log.error("data_request_failed", number=row.number, kind=row.kind)
                # What an erasure has found is that its rows are gone.
                requests.end(session, row, "failed", row.found)
                return
        match row.kind:
            case "look":
                self._look(row, person)
            case "export":
                self._export(row, person)
            case "erasure":
                self._erase(row, person)

    def _look(self, row: DataRequest, person: Person) -> None:
        with self._database.read() as session:
            held = gather(session, person)
            stands = _named(what_stands(session, person, held))
        counted = {name: len(rows) for name, rows in held.items()}
        found = {"rows": _grouped(counted), "files": counted.get("bot_attachment", 0), "stands": stands}
        self._end(row, "done", found)

    def _export(self, row: DataRequest, person: Person) -> None:
        target = files.path_of(self._settings.home, row.id)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        counted = export_person(self._settings, self._database, person, target)
        self._end(row, "done", {"rows": _grouped(counted), "files": counted.get("bot_attachment", 0)})

    def _erase(self, row: DataRequest, person: Person) -> None:
        try:
            if row.status == "clearing":
                gone = Erased(**row.found["gone"])
                receipt = clear(self._settings, self._database, gone, self._erased.get(row.id))
            else:
                self._erased[row.id] = person
                receipt = erase_person(self._settings, self._database, person, lambda *gone: _note(row, *gone))
        except StillOpen as refusal:
            del self._erased[row.id]
            self._end(row, "refused", {"stands": _named(refusal.things)})
            return
        counted = Counter(receipt.erased)
        for one in receipt.kept.values():
            counted.update(one["rows"])
        until = max((one["keep_until"] for one in receipt.kept.values()), default=None)
        found = {"rows": _grouped(counted), "files": receipt.files, "left": receipt.left, "keep_until": until}
        self._end(row, "done", found)
        self._erased.pop(row.id, None)

    def _end(self, row: DataRequest, status: str, found: Mapping[str, Any]) -> None:
        with self._database.write() as session:
            requests.end(session, requests.lock(session, row.id), status, found)


def _note(row: DataRequest, session: Session, gone: Erased) -> None:
    """In the transaction in which the rows go: that they do, and who asked for it. Neither names who they were of."""
    requests.begin_clearing(session, requests.lock(session, row.id), gone.customer_ids, {"gone": asdict(gone)})
    doer = trail.Doer(row.requested_by, staff.name_of(session, row.requested_by), "admin")
    trail.write(session, doer, trail.Asked("erase_person", row.number, {"reason": row.reason}))


def _grouped(counted: Mapping[str, int]) -> list[dict[str, Any]]:
    rows: Counter[tuple[str, str]] = Counter()
    for table, count in counted.items():
        rows[rules.group_of(table), rules.becomes(table)] += count
    order = [group for group, _ in rules.GROUPS] + [rules.RECORDS]
    ranked = sorted(rows.items(), key=lambda each: (order.index(each[0][0]), each[0][1]))
    return [{"group": group, "becomes": becomes, "rows": count} for (group, becomes), count in ranked if count]


def _named(things: Sequence[OpenThing]) -> list[dict[str, str]]:
    return [{"kind": each.kind, "number": each.number} for each in things]
