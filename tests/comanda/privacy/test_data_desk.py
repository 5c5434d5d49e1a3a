"""Admins look at what is kept of a person, hand it out and have it erased; the worker does it, whatever befalls it."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select, text

from backend.audit import audit
from backend.data_requests import files
from backend.data_requests import service as requests
from backend.data_requests.models import DataRequest
from backend.trail import AuditEntry
from comanda.privacy import erase as erasing
from comanda.privacy import rules, trackers
from comanda.privacy.desk import TRIES_MOST, DataDesk
from comanda.privacy.erase import NOT_LOOKED, RECEIPTS
from comanda.privacy.holdings import TABLES
from comanda.project import ROOT
from kernel import clock
from kernel.config import Settings
from kernel.db import Database
from tests.backend import storm
from tests.backend.shopper import KEY, Http, code_of, staff_as
from tests.comanda.privacy.conftest import Someone
from tests.comanda.privacy.test_erase import naming
from tests.forked import context
from tests.journeys.product import wait_until

Rows = Callable[[], dict[str, list[str]]]


class Admin:
    """Asks over HTTP; `serve` is the worker's turn."""

    def __init__(self, http: Http, settings: Settings, database: Database) -> None:
        self.http, self.settings, self.database = http, settings, database
        self.desk = DataDesk(settings, database)
        self._acts = 0

    def get(self, path: str) -> Any:
        return self.http.request("GET", f"/staff/{path}", headers=staff_as("admin"))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        self._acts += 1
        headers = staff_as("admin") | {"Idempotency-Key": f"a:{self._acts}"}
        return self.http.request("POST", f"/staff/{path}", json=body, headers=headers)

    def ask(self, someone: Someone, kind: str) -> str:
        answer = self.post(f"customers/{someone.customer_id}/data-requests", {"kind": kind})
        assert (answer.status_code, answer.json()["status"]) == (201, "queued")
        return str(answer.json()["number"])

    def erase(self, look: str, **given: str) -> Any:
        return self.post(f"data-requests/{look}/erasure", {"reason": "asked", "confirmation": look} | given)

    def serve(self, number: str, desk: DataDesk | None = None) -> Any:
        with self.database.read() as session:
            request_id = requests.find(session, number).id
        (desk or self.desk).fulfil(request_id)
        return self.get(f"data-requests/{number}").json()

    def looked(self, someone: Someone) -> str:
        number = self.ask(someone, "look")
        assert self.serve(number)["status"] == "done"
        return number

    def asked_to_erase(self, someone: Someone) -> str:
        return str(self.erase(self.looked(someone)).json()["number"])


@pytest.fixture
def admin(http: Http, settings: Settings, database: Database) -> Admin:
    return Admin(http, settings, database)


def test_a_look_says_what_there_is_and_what_erasing_makes_of_it(admin: Admin, ana: Someone, all_rows: Rows) -> None:
    number = admin.ask(ana, "look")
    before = all_rows()

    told = admin.serve(number)

    rows = {(each["group"], each["becomes"]): each["rows"] for each in told["rows"]}
    assert rows["documents", "kept"] >= 2
    assert rows["files", "gone"] >= 1
    assert rows["chats", "blank"] >= 3
    assert rows["profile", "blank"] == 1
    assert (told["status"], told["files"], told["stands"], told["is_fresh"]) == ("done", 1, [], True)
    with admin.database.read() as session:
        kept = session.scalars(select(DataRequest)).one()
    assert not any(word in json.dumps(kept.found, ensure_ascii=False) for word in ana.words)
    assert {table for table, each in all_rows().items() if each != before[table]} == {"oms_data_request"}


# case 110
def test_what_is_not_over_is_named_and_no_erasure_is_asked_for(admin: Admin, live: Callable[..., Someone]) -> None:
    carla = live("Carla Benavides", "+573005554433", is_over=False)
    look = admin.looked(carla)

    stands = admin.get(f"data-requests/{look}").json()["stands"]
    assert [each["kind"] for each in stands] == ["order", "claim"]
    assert stands[0]["number"] == carla.number
    assert code_of(admin.erase(look)) == (409, "person_still_open")
    assert len(admin.get("data-requests").json()["requests"]) == 1


def test_a_copy_has_what_the_command_gives_and_can_be_fetched_for_a_day(
    admin: Admin, ana: Someone, beto: Someone
) -> None:
    number = admin.ask(ana, "export")
    assert code_of(admin.get(f"data-requests/{number}/file")) == (404, "data_file_gone")

    told = admin.serve(number)

    answer = admin.get(f"data-requests/{number}/file")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/zip", "no-store")
    copy = zipfile.ZipFile(io.BytesIO(answer.content))
    assert f"soy {ana.words[0]}" in copy.read("conversaciones.txt").decode()
    assert beto.words[0] not in copy.read("datos.json").decode()
    assert (told["files"], told["file_until"] > told["ended_at"]) == (1, True)
    [path] = (admin.settings.home / "exports").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    with time_machine.travel(clock.now() + files.LASTS + timedelta(minutes=1)):
        assert code_of(admin.get(f"data-requests/{number}/file")) == (404, "data_file_gone")
        assert admin.desk.drop_old_copies() == 1
    assert not path.exists()


# case 92
def test_who_takes_a_copy_out_of_the_house_is_in_the_trail_each_time(admin: Admin, ana: Someone) -> None:
    number = admin.ask(ana, "export")

    def taken() -> list[tuple[str, str | None, str | None]]:
        with admin.database.read() as session:
            query = select(AuditEntry).where(AuditEntry.act == "GET /staff/data-requests/{number}/file")
            return [(each.who, each.subject, each.result) for each in session.scalars(query)]

    assert admin.get(f"data-requests/{number}/file").status_code == 404
    admin.serve(number)
    of_agent = admin.http.request("GET", f"/staff/data-requests/{number}/file", headers=staff_as("agent"))
    assert code_of(of_agent) == (403, "wrong_role")
    assert taken() == []

    for _ in range(2):
        assert admin.get(f"data-requests/{number}/file").status_code == 200

    assert taken() == [("staff:someone", ana.customer_id, number)] * 2


# case 110
def test_who_is_erased_is_named_in_what_the_law_keeps_alone_and_not_in_the_trail_of_it(
    admin: Admin, ana: Someone, beto: Someone, all_rows: Rows
) -> None:
    copy = admin.ask(ana, "export")
    assert admin.serve(copy)["file_until"] is not None
    before = all_rows()
    number = admin.asked_to_erase(ana)

    told = admin.serve(number)

    after = all_rows()
    assert (told["status"], told["left"], told["reason"], told["customer_name"]) == ("done", [], "asked", None)
    assert (told["files"], told["keep_until"][4:]) == (1, "-12-31")
    assert [table for table in naming(after, ana) if table not in rules.KEPT] == []
    assert naming(after, beto) == naming(before, beto)
    assert list((admin.settings.home / "exports").iterdir()) == []
    assert admin.get(f"data-requests/{copy}").json()["file_until"] is None
    with admin.database.read() as session:
        trail = {each.act: each for each in session.scalars(select(AuditEntry))}
        assert audit(session, has_worker=False) == []
    asked, done = trail["POST /staff/data-requests/{number}/erasure"], trail["erase_person"]
    assert (asked.who, asked.result, asked.request) == ("staff:someone", number, {})
    assert (done.who, done.subject, done.reason) == ("staff:someone", number, "asked")
    assert len((admin.settings.home / RECEIPTS).read_text().splitlines()) == 1


def test_an_erasure_is_confirmed_by_the_number_of_a_fresh_look(admin: Admin, ana: Someone, all_rows: Rows) -> None:
    look, copy = admin.looked(ana), admin.ask(ana, "export")
    waiting = admin.ask(ana, "look")
    before = all_rows()["oms_data_request"]

    assert code_of(admin.erase(look, confirmation="BORRAR")) == (422, "erasure_not_confirmed")
    assert code_of(admin.erase(copy)) == (409, "look_not_fresh")
    assert code_of(admin.erase(waiting)) == (409, "look_not_fresh")
    assert code_of(admin.erase("DAT-99999")) == (404, "data_request_not_found")
    assert admin.erase(look, reason="porque sí, Ana").status_code == 422
    with time_machine.travel(clock.now() + timedelta(minutes=61)):
        assert code_of(admin.erase(look)) == (409, "look_not_fresh")
    assert all_rows()["oms_data_request"] == before

    assert admin.erase(look, confirmation=f" {look.lower()} ").status_code == 201
    assert code_of(admin.erase(look)) == (409, "erasure_under_way")


def test_who_was_erased_is_not_erased_again_by_the_look_of_before(admin: Admin, ana: Someone) -> None:
    look = admin.looked(ana)
    assert admin.serve(admin.erase(look).json()["number"])["status"] == "done"

    assert admin.get(f"data-requests/{look}").json()["is_fresh"] is False
    assert code_of(admin.erase(look)) == (409, "look_not_fresh")
    assert admin.serve(admin.erase(admin.looked(ana)).json()["number"])["status"] == "done"


# case 110
def test_what_comes_up_before_the_worker_comes_to_it_refuses_the_erasure(
    admin: Admin, ana: Someone, all_rows: Rows
) -> None:
    number = admin.asked_to_erase(ana)
    with admin.database.write() as session:
        session.execute(text("UPDATE oms_order SET status = 'placed' WHERE number = :n"), {"n": ana.number})
    before = all_rows()

    told = admin.serve(number)

    assert (told["status"], told["stands"]) == ("refused", [{"kind": "order", "number": ana.number}])
    assert {table for table, each in all_rows().items() if each != before[table]} == {"oms_data_request"}
    assert not (admin.settings.home / RECEIPTS).exists()


def test_what_has_ended_is_not_done_again(admin: Admin, ana: Someone) -> None:
    number = admin.asked_to_erase(ana)
    first = admin.serve(number)

    assert admin.serve(number) == first
    assert len((admin.settings.home / RECEIPTS).read_text().splitlines()) == 1


def test_an_error_after_the_rows_had_gone_is_gone_on_from(
    admin: Admin, ana: Someone, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = admin.asked_to_erase(ana)
    with monkeypatch.context() as broken:
        broken.setattr(erasing, "_scrub", lambda _database: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            admin.serve(number)
    assert admin.get(f"data-requests/{number}").json()["status"] == "clearing"

    told = admin.serve(number)

    assert (told["status"], told["left"]) == ("done", [])


def _die(moment: str, url: str, home: str, request_id: str) -> None:
    """The worker's work, in a process that is killed as it comes to `moment`."""

    def die(*_: Any) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)

    if moment == "files":
        delete = erasing._delete_files
        erasing._delete_files = lambda *given: (delete(*given), die())  # type: ignore[assignment]
    elif moment == "memory":
        trackers.erase = die
    else:
        erasing._scrub = die
    settings = Settings(COMANDA_HOME=Path(home), DATABASE_URL=url, COMANDA_SECRET=KEY)
    DataDesk(settings, Database(url, pool_size=1)).fulfil(request_id)


# case 110
@pytest.mark.parametrize(("moment", "status"), [("files", "working"), ("memory", "clearing"), ("scrub", "clearing")])
def test_an_erasure_that_is_killed_is_taken_up_where_it_was(
    admin: Admin, ana: Someone, all_rows: Rows, moment: str, status: str
) -> None:
    number = admin.asked_to_erase(ana)
    with admin.database.read() as session:
        request_id = requests.find(session, number).id
    home = admin.settings.home
    process = context.Process(target=_die, args=(moment, admin.settings.database_url, str(home), request_id))
    process.start()
    process.join(storm.PATIENCE_S)
    assert process.exitcode == -signal.SIGKILL
    assert admin.get(f"data-requests/{number}").json()["status"] == status

    told = admin.serve(number, DataDesk(admin.settings, admin.database))

    assert told["status"] == "done"
    assert told["left"] == ([] if status == "working" else NOT_LOOKED)
    assert (told["files"], sum(each["rows"] for each in told["rows"]) > 20) == (1, True)
    assert [table for table in naming(all_rows(), ana) if table not in rules.KEPT] == []
    assert [path for path in (home / "attachments").glob("*/*") if path.is_file()] == []
    assert json.loads((home / RECEIPTS).read_text())["remembered"] == (0 if moment == "scrub" else 1)


def test_what_is_overdue_is_started_again_and_given_up_in_the_end(admin: Admin, ana: Someone) -> None:
    number = admin.ask(ana, "look")
    assert admin.desk.sweep() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert admin.desk.sweep() == 1
    with admin.database.write() as session:
        requests.find(session, number).tries = TRIES_MOST

    assert admin.serve(number)["status"] == "failed"
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert admin.desk.sweep() == 0


def test_every_table_has_a_group_and_what_becomes_of_it_as_erasing_does() -> None:
    groups = {table: rules.group_of(table) for table in TABLES}
    assert {rules.RECORDS, *(group for group, _ in rules.GROUPS)} == set(groups.values())
    assert (groups["bot_attachment"], groups["bot_message"], groups["oms_order_line"]) == ("files", "chats", "orders")
    assert {rules.becomes(table) for table in rules.KEPT} == {"kept"}
    assert {rules.becomes(table) for table in rules.GONE} == {"gone"}


@pytest.fixture
def worker(settings: Settings) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts the real worker process on the test's database; what still runs at the end is killed."""
    given = {"COMANDA_HOME": str(settings.home), "DATABASE_URL": settings.database_url, "COMANDA_SECRET": KEY}
    # Nobody's port: there is no web process to be told of anything.
    given["PORT"] = "9"
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-m", "comanda.worker"], env=os.environ | given, cwd=ROOT))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


# case 110
@pytest.mark.timeout(120)
def test_the_worker_erases_and_one_that_is_killed_meanwhile_loses_nothing(
    admin: Admin, ana: Someone, all_rows: Rows, worker: Callable[[], subprocess.Popen[bytes]]
) -> None:
    def status(number: str) -> str:
        return str(admin.get(f"data-requests/{number}").json()["status"])

    first, look = worker(), admin.ask(ana, "look")
    wait_until(lambda: status(look) == "done", 60, "the look")
    number = str(admin.erase(look).json()["number"])
    wait_until(lambda: status(number) != "queued", 60, "the worker to begin")
    first.kill()
    first.wait()

    worker()

    wait_until(lambda: status(number) == "done", 60, "the erasure")
    assert [table for table in naming(all_rows(), ana) if table not in rules.KEPT] == []
    with admin.database.read() as session:
        assert [each.act for each in session.scalars(select(AuditEntry))].count("erase_person") == 1
