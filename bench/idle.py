"""What a worker costs while there is nothing to do, and how soon it finds what there is, on both databases."""

from __future__ import annotations

import secrets
import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from sys import executable
from uuid import uuid4

import psutil
from sqlalchemy import text

import backend.migrations
import bot.migrations
from bench.databases import Databases, postgres_server, sqlite_files
from bench.figures import Figure, percentile
from bench.processes import free_port, process
from bot.outbox import service as outbox
from comanda import readiness
from comanda.database import opened
from kernel import durable
from kernel.config import Settings
from kernel.db import Database

REST_S = 20.0
READY_PATIENCE_S = 60.0
PIECES = 40
# Of no length that a timer has.
BETWEEN_S = 0.837


def measure() -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory(prefix="comanda-bench-") as name, ExitStack() as stack:
        folder = Path(name)
        for kind, databases in (
            ("SQLite", stack.enter_context(sqlite_files(folder))),
            ("PostgreSQL", stack.enter_context(postgres_server(folder))),
        ):
            figures += _of(kind, databases, folder)
    return figures


def _of(kind: str, databases: Databases, folder: Path) -> list[Figure]:
    environment = {
        "COMANDA_HOME": str(folder / kind),
        "COMANDA_SECRET": secrets.token_urlsafe(48),
        "DATABASE_URL": databases.create("idle"),
        "PORT": str(free_port()),
    }
    settings = Settings.model_validate(environment)
    (folder / kind).mkdir()
    backend.migrations.upgrade(settings.database_url)
    bot.migrations.upgrade(settings.database_url)
    with opened(settings) as database:
        command = [executable, "-m", "comanda.worker"]
        with process(command, environment, folder / f"{kind}.log") as worker:
            worker.wait_until(partial(readiness.worker_is_ready, settings), READY_PATIENCE_S)
            time.sleep(3)  # its first look around
            times, committed = psutil.Process(worker.pid).cpu_times(), _committed(database)
            time.sleep(REST_S)
            now = psutil.Process(worker.pid).cpu_times()
            commits = _committed(database) - committed
            waits_ms = _found_after_ms(database)
    figures = [Figure(f"{kind}: CPU of a worker at rest", 100 * (sum(now[:2]) - sum(times[:2])) / REST_S, "%")]
    if not database.is_sqlite:
        figures.append(Figure(f"{kind}: … its transactions", commits / REST_S, "/s"))
    return [
        *figures,
        Figure(f"{kind}: work is found after, median", percentile(waits_ms, 50), "ms"),
        Figure(f"{kind}: … p95", percentile(waits_ms, 95), "ms"),
    ]


def _committed(database: Database) -> int:
    """Transactions of everyone in the database so far; SQLite does not count."""
    if database.is_sqlite:
        return 0
    with database.read() as session:
        return int(session.scalar(text("SELECT sum(xact_commit) FROM pg_stat_database")) or 0)


def _found_after_ms(database: Database) -> list[float]:
    """From a message put into the outbox to its being begun, each after a while of silence."""
    waits_ms = []
    table = "workflow_status" if database.is_sqlite else "dbos.workflow_status"
    status = text(f"SELECT status FROM {table} WHERE workflow_uuid = :name")
    for _ in range(PIECES):
        # Of a message that is not there: nothing is to be done when it is found.
        name = f"bench:{uuid4().hex}"
        with database.write() as session:
            queue = outbox.queue_of("whatsapp", is_bulk=False)
            durable.enqueue(
                session, outbox.WORKFLOW, name, queue=queue, partition=name, workflow_id=name, is_awaited=True
            )
        put_at = time.perf_counter()
        while True:
            with database.read() as session:
                if session.scalar(status, {"name": name}) != "ENQUEUED":
                    break
            time.sleep(0.001)
        waits_ms.append((time.perf_counter() - put_at) * 1000)
        time.sleep(BETWEEN_S)
    return waits_ms
