"""`comanda restore`: a backup into a home that is empty, so that it goes on from there."""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from backend.audit import audit
from comanda import database as owners
from comanda.backup import census, files, manifest, postgres, settle
from comanda.backup.manifest import Manifest
from comanda.failure import Failure
from comanda.privacy import trackers
from comanda.progress import Steps, heartbeat, say
from kernel import clock
from kernel.config import Settings
from kernel.db import Database

STEPS = 4
# Where files wait until the database is there, too: what was cut off is found here, and begun anew.
DRAFT = "restoring"


def restore(settings: Settings, source: Path, *, nothing_ran_since: bool = False) -> None:
    """Everything of a backup, or nothing of it. Raises: Failure.

    What was under way when it was taken is settled (`comanda.backup.settle`), unless `nothing_ran_since`: then this
    Comanda goes on exactly where the other was stopped.
    """
    source = source.expanduser().resolve()
    steps = Steps(total=STEPS)
    with steps.step("Backup") as step, heartbeat("Backup"):
        made = manifest.read(source)
        _refuse(settings, made)
        manifest.check(source, made)
        step.outcome = f"of {made.made_at} is whole: {len(made.files)} files"
    at = clock.now()
    draft = settings.home / DRAFT
    try:
        with steps.step("Files") as step, heartbeat("Files"):
            _copy_files(settings, source, draft, made)
        with steps.step("Database") as step, heartbeat("Database"):
            settled = [] if nothing_ran_since else _settling(made, at)
            _put_database(settings, source, draft, settled)
            step.outcome = f"is back: {made.census.total:,} rows"
    except OSError as error:
        raise Failure(f"the backup could not be restored: {error.strerror or error} ({error.filename})") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    with steps.step("Check") as step, heartbeat("Check"):
        handed = _check(settings, made, at)
        step.outcome = "found every row and an equal ledger; the books are in order"
    _say_what_follows(settings, source, made, handed, is_settled=not nothing_ran_since)


def _refuse(settings: Settings, made: Manifest) -> None:
    """Raises: Failure for a home or a database with something in it, and for a backup that is not for this Comanda."""
    kind = "sqlite" if settings.database_url.startswith("sqlite") else "postgresql"
    if made.database != kind:
        raise Failure(
            f"the backup is of a {made.database} database, and DATABASE_URL names a {kind} one: restore it into its "
            "own kind; from SQLite to PostgreSQL leads `comanda move` afterwards"
        )
    newer = owners.unknown_heads(made.heads)
    if newer:
        raise Failure(
            f"the backup was made by a newer Comanda ({made.comanda}, {', '.join(newer)}): restore it with that one"
        )
    there = files.what_is_there(settings)
    if there:
        raise Failure(
            f"{settings.home} is not empty: {there[0]} is there. Restore into a home of its own (COMANDA_HOME=…), "
            "or move what is there away"
        )
    settings.home.mkdir(parents=True, exist_ok=True)
    # The database is written twice.
    files.make_room_for(2 * sum(content.size_bytes for content in made.files.values()), settings.home)
    if kind == "postgresql" and _tables(settings):
        raise Failure("the database that DATABASE_URL names is not empty: make a new one, and name that")


def _tables(settings: Settings) -> list[str]:
    database = Database(settings.database_url)
    try:
        with database.engine.connect() as connection:
            return census.tables(connection)
    except SQLAlchemyError as error:
        raise Failure(f"the database cannot be reached: {str(error).splitlines()[0]}") from error
    finally:
        database.dispose()


def _copy_files(settings: Settings, source: Path, draft: Path, made: Manifest) -> None:
    """All but the database, to where it belongs. They are harmless without it: a row gives them their meaning."""
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    for name in made.files:
        if name in (files.DATABASE, files.DUMP, files.SECRETS) or name.startswith("settings/"):
            continue
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy2(source / name, target)
    files.to_disk(draft)


def _put_database(settings: Settings, source: Path, draft: Path, settled: list[str]) -> None:
    """The database, settled before anyone can see it; the files just before it, for it says that all is there."""
    if not settings.database_url.startswith("sqlite"):
        _put_files(settings, draft)
        postgres.restore(settings.database_url, source / files.DUMP, settled)
        return
    copy = draft / files.DATABASE
    shutil.copy2(source / files.DATABASE, copy)
    database = Database(f"sqlite:///{copy}")
    try:
        with database.write() as session:
            for statement in settled:
                session.connection().exec_driver_sql(statement)
    finally:
        database.dispose()
    files.leave_wal(copy)
    files.check_sqlite(copy)
    files.sync(copy)
    target = files.sqlite_path(settings.database_url)
    target.parent.mkdir(parents=True, exist_ok=True)
    waiting = target.with_name(f"{target.name}.restoring")
    shutil.move(copy, waiting)
    _put_files(settings, draft)
    os.replace(waiting, target)
    files.sync(target.parent)


def _put_files(settings: Settings, draft: Path) -> None:
    for path in list(draft.iterdir()):
        target = trackers.path_of(settings) if path.name == files.TRACKERS else settings.home / path.name
        if target.is_dir():
            target.rmdir()  # an empty one: `_refuse` has looked
        shutil.move(path, target)
    files.sync(settings.home)


def _settling(made: Manifest, at: datetime) -> list[str]:
    return settle.statements(made.rows.keys(), at, is_sqlite=made.database == "sqlite")


def _check(settings: Settings, made: Manifest, at: datetime) -> int:
    """Compare what is there with the manifest, bring it up to date, audit it; how many customers a person answers.

    Raises: Failure.
    """
    with owners.opened(settings) as database:
        with database.engine.connect() as connection:
            differences = census.take(connection).differences(made.census)
        if differences:
            raise Failure(f"what was restored is not what was backed up: {'; '.join(differences[:5])}")
    owners.migrate(settings)
    with owners.opened(settings) as database:
        handed = settle.hand_to_people(database, at)
        with database.read() as session:
            findings = audit(session)
    for finding in findings:
        say(f"comanda: the books are not in order: {finding.subject}: {finding.invariant}")
    return handed


def _say_what_follows(settings: Settings, source: Path, made: Manifest, handed: int, *, is_settled: bool) -> None:
    if made.has_secrets:
        _keep_key(settings, source)
    lines = [f"Restored as of {made.made_at}, into {settings.home}."]
    if is_settled:
        lines += [
            "What was on its way then is not sent again: look at /console/mail and at what is uncertain in the inbox.",
            "If invoices were issued after it, bring them in from your provider before you issue another.",
        ]
    if handed:
        lines.append(f"{handed} customers had written and had no answer: they wait for a person in the inbox.")
    if manifest.fingerprint(settings.signing_key()) != made.key:
        lines.append("COMANDA_SECRET is not the backup's: all sign in again, and links sent before do not open.")
    if any(name.startswith("settings/") for name in made.files):
        lines.append(f"Files that your settings name are in {source / 'settings'}.")
    lines.append(
        "If someone was erased after it: put the newer erasures.jsonl there, then: comanda privacy erase --again"
    )
    say("\n" + "\n".join(lines))


def _keep_key(settings: Settings, source: Path) -> None:
    """The signing key, unless one is given or there already."""
    path = settings.home / "secret"
    if settings.secret.get_secret_value() or path.exists():
        return
    told = json.loads((source / files.SECRETS).read_text(encoding="utf-8"))
    path.touch(mode=0o600)
    path.write_text(told["COMANDA_SECRET"], encoding="utf-8")
