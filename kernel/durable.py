"""Durable work: the few verbs of DBOS Transact that Comanda uses, and the only file that imports it.

    migrate(database)                       make DBOS's own tables; any process, as often as one likes
    starting_nothing()                      a block in which nothing is started
    enqueue(session, …)                     any process: start a workflow in the caller's transaction (R1, R2)
    workflow(name)(function), step(…)       the worker: register before `launch`
    duty(name, work)                        the same, for work that is one step
    launch(database, …), register_queue(…)  the worker, once
    sleep(seconds)                          inside a workflow: survives a restart and keeps its wake-up time
    take_up_dropped(suspects)               the worker, every few seconds
    forget_finished(before)                 the worker, now and then
    shutdown(…)                             the worker, at its end

What one must know (docs/decisions and DBOS 3.4): a process that dies is recovered by the next one with the same
`executor_id` and `VERSION`, so both are stable; a step that was cut off runs again, so steps are idempotent;
a workflow body may not read the clock, the database or chance except through a step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, ParamSpec, TypeVar

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from dbos._context import snapshot_step_context
from dbos._core import record_sleep
from dbos._dbos import _get_dbos_instance
from dbos._schemas import SCHEMA_PLACEHOLDER
from dbos._sys_db import SystemDatabase
from dbos._utils import GlobalParams, generate_uuid
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from kernel.db import Database
from kernel.doorbell import GLANCE_S, Doorbell, ring
from kernel.logging import get_logger
from kernel.prepared import Prepared

P = ParamSpec("P")
R = TypeVar("R")

# Pinned: by default DBOS hashes the source, and a changed line would leave yesterday's workflows unfinished for ever.
# Raise it only together with a plan for the workflows that are still open.
VERSION = "comanda-1"
_NAME = "comanda"
# How often a queue with work is asked for more; one with none is asked when it rings (kernel/doorbell.py).
PACE_S = 0.05
# What a worker knows of its queues' settings holds so long; they change with an upgrade.
_SETTINGS_HOLD_S = 60.0
_FORGET_AT_ONCE = 500
_TAKEN_UP_AT_ONCE = 1_000
# After an error that nobody foresaw: the database away, or a bug.
SURPRISE_WAITS_S = (1.0, 5.0, 30.0, 120.0)
log = get_logger(__name__)
_starts_nothing: ContextVar[bool] = ContextVar("starts_nothing", default=False)
# Of the one worker that a process may be.
_bell: list[Doorbell] = []
_paces: dict[str, float] = {}


def migrate(database: Database) -> None:
    """Create or upgrade DBOS's tables. Safe when several processes do it at once."""
    DBOS.migrate(_url(database))


@contextmanager
def starting_nothing() -> Iterator[None]:
    """Inside, and only in this thread, no work is started: what is told there is long past, and nobody waits for it."""
    token = _starts_nothing.set(True)
    try:
        yield
    finally:
        _starts_nothing.reset(token)


def starts_nothing() -> bool:
    return _starts_nothing.get()


def enqueue(
    session: Session,
    workflow_name: str,
    *args: Any,
    queue: str,
    partition: str,
    workflow_id: str,
    delay_s: float = 0,
    is_awaited: bool = False,
) -> None:
    """Start a workflow if and only if the session's transaction commits. Needs `migrate` to have happened.

    Workflows of one `partition` run one at a time, in the order of their start. An id runs once, however often
    it is enqueued. With a delay it waits its time in the database, not in a thread, and then joins its queue.
    `is_awaited`: a person looks at the screen meanwhile, so that not even a quarter of a second may be lost.
    """
    if starts_nothing():
        return
    options: EnqueueOptions = {
        "workflow_name": workflow_name,
        "queue_name": queue,
        "queue_partition_key": partition,
        "workflow_id": workflow_id,
        "app_version": VERSION,
    }
    if delay_s > 0:
        options["delay_seconds"] = delay_s
    client = _client(session.connection().engine)
    # As `enqueue_in_transaction`, but that has every later statement of the session rendered anew.
    _, status = client._build_enqueue_status(options, *args)
    client._sys_db._insert_workflow_status(status, session, creator_xid=generate_uuid())
    if is_awaited:
        ring(session, queue)


@lru_cache(maxsize=16)
def _client(engine: Engine) -> DBOSClient:
    """Lazy: it opens no connection of its own, for all that it writes goes through the caller's session."""
    client = DBOSClient(system_database_engine=engine, application_name=_NAME, lazy=True)
    if engine.dialect.name == "sqlite":
        _prepare_inserts(client._sys_db)
    return client


def _prepare_inserts(system: SystemDatabase) -> None:
    """DBOS compiles its inserts once on PostgreSQL, but anew each time on SQLite: once there too."""
    prepared: dict[str, Prepared] = {}

    def execute(session: Session, name: str, values: dict[str, Any], build: Callable[[], Any]) -> _Result:
        if name not in prepared:
            prepared[name] = Prepared(build(), {SCHEMA_PLACEHOLDER: system.schema})
        return _Result(prepared[name].rows(session, values))

    vars(system)["_execute_prepared"] = execute


@dataclass(frozen=True, slots=True)
class _Result:
    """What DBOS asks of a result."""

    rows: list[Any]

    def fetchone(self) -> Any:
        return SimpleNamespace(_mapping=self.rows[0]._asdict()) if self.rows else None


def workflow(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as a workflow. It is taken up again after any number of crashes: it must end by itself."""
    return lambda function: DBOS.workflow(name=name, max_recovery_attempts=None)(_plain(function))


def step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Register a function as a step: its result is kept, so that it runs again only if it was cut off."""
    return lambda function: DBOS.step(name=name)(_plain(function))


def duty(name: str, work: Callable[[str], None]) -> None:
    """Register `work` as a workflow of one step, tried again after a surprise, but not for ever."""

    def tried(subject: str) -> bool:
        try:
            work(subject)
        except Exception:  # the edge: work may fail, but never unnoticed, and never its queue with it
            log.exception("work_surprised", workflow=name, subject=subject)
            return False
        return True

    step_once = step(name)(tried)

    def run(subject: str) -> None:
        for wait_s in SURPRISE_WAITS_S:
            if step_once(subject):
                return
            sleep(wait_s)
        if not step_once(subject):
            log.error("work_given_up", workflow=name, subject=subject)

    workflow(name)(run)


def _plain(function: Callable[P, R]) -> Callable[P, R]:
    """A plain function, which DBOS can register, around anything callable, such as a method of an object."""

    def plain(*args: P.args, **kwargs: P.kwargs) -> R:
        return function(*args, **kwargs)

    return plain


def sleep(seconds: float) -> None:
    """Inside a workflow. Taken up again it wakes when it was to wake, and never later than `seconds` from then: what
    was written down by a clock that ran ahead is not waited for.
    """
    if seconds > 0:
        time.sleep(min(seconds, record_sleep(_get_dbos_instance(), snapshot_step_context(), seconds)))


def launch(database: Database, *, executor_id: str) -> None:
    """Begin to run workflows here, first those that this executor left unfinished."""
    config: DBOSConfig = {
        "name": _NAME,
        "system_database_url": _url(database),
        "executor_id": executor_id,
        "application_version": VERSION,
        "log_level": "WARNING",
    }
    DBOS(config=config)
    DBOS.launch()
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    _bell.append(Doorbell(database, table))
    _ask_when_it_rings(_get_dbos_instance(), _bell[0])
    _bell[0].start()


def _ask_when_it_rings(worker: DBOS, bell: Doorbell) -> None:
    """DBOS asks the database twice for each queue whenever its interval is over; at rest this answers for it."""
    system, known = worker._sys_db, lru_cache(maxsize=64)(lambda name, _minute: read(name))
    read, scopes_of = system.get_queue, system.dequeue_scopes

    def settings_of(name: str, **_: Any) -> Any:
        return known(name, time.monotonic() // _SETTINGS_HOLD_S)

    def scopes_when_due(name: str) -> list[str | None]:
        is_busy = worker._active_workflows_set.count_for_queue(name) > 0
        return scopes_of(name) if bell.is_due(name, _paces.get(name, PACE_S), is_busy=is_busy) else []

    vars(system).update(get_queue=settings_of, dequeue_scopes=scopes_when_due)


def register_queue(name: str, *, per_partition: int, at_most: int | None = None, pace_s: float = PACE_S) -> None:
    """Serve a queue whose partitions each run `per_partition` workflows at a time, all together `at_most`.

    `pace_s` is the time between two looks for its work, while there is some. After `launch`.
    """
    _paces[name] = pace_s
    DBOS.register_queue(
        name,
        partition_concurrency=per_partition,
        worker_concurrency=at_most,
        # In memory (`_ask_when_it_rings`); where nobody waits for it, less often.
        polling_interval_sec=max(GLANCE_S, pace_s / 10),
        on_conflict="always_update",
    )


def take_up_dropped(suspects: frozenset[str]) -> frozenset[str]:
    """Take up what this worker began and does not do: where the database cannot be written (a full disk), DBOS cannot
    write down how a workflow went, gives it up, and would not look at it again before the next launch.

    Dropped is what was found so twice: `suspects` is what the call before returned. One that runs after all is fenced
    off by DBOS, which gives each execution a token of its own.
    """
    pending = DBOS.list_workflows(
        status="PENDING",
        executor_id=GlobalParams.executor_id,
        load_input=False,
        load_output=False,
        limit=_TAKEN_UP_AT_ONCE,
    )
    running = set(_get_dbos_instance()._active_workflows_set.activeList())
    lost = {each.workflow_id: each.queue_name for each in pending if each.workflow_id not in running}
    for workflow_id in lost.keys() & suspects:
        log.warning("work_dropped", workflow_id=workflow_id, queue=lost[workflow_id])
        DBOS.resume_workflow(workflow_id, queue_name=lost[workflow_id])
    return frozenset(lost.keys() - suspects)


def forget_finished(before: datetime) -> int:
    """Delete what DBOS remembers of workflows that ended before an instant, a bounded number at a time. How many."""
    ended = DBOS.list_workflows(
        status=["SUCCESS", "ERROR", "CANCELLED"],
        completed_before=before.isoformat(),
        limit=_FORGET_AT_ONCE,
        load_input=False,
        load_output=False,
    )
    # Not by SQL: inputs and results are in tables of their own, and a half-deleted id would count as done for ever.
    DBOS.delete_workflows([workflow.workflow_id for workflow in ended])
    return len(ended)


def shutdown(grace_s: int) -> None:
    """Stop taking work and give what runs `grace_s` seconds; the rest is taken up at the next launch."""
    while _bell:
        _bell.pop().stop()
    DBOS.destroy(workflow_completion_timeout_sec=grace_s)


def _url(database: Database) -> str:
    # DBOS makes an engine of its own on the same file: it cannot migrate through ours, which says BEGIN itself.
    # Ours has put the file into WAL mode, which is kept in the file; without it DBOS is four times slower.
    with database.engine.connect():
        pass
    return database.url
