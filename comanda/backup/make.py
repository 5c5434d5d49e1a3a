"""`comanda backup`: everything that this Comanda keeps, while it runs, into a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.audit import Finding, audit
from comanda import database as owners
from comanda.backup import census, files, manifest, postgres
from comanda.backup.manifest import Manifest
from comanda.failure import Failure
from comanda.progress import Steps, heartbeat, say
from kernel import clock
from kernel.config import Settings
from kernel.db import Database

STEPS = 3
# Neither is a setting of the shop's: where things lie is another matter after a restore.
_PLACES = {"home", "database_url"}


def backup(settings: Settings, target: Path, *, with_secrets: bool = False) -> Manifest:
    """Write a backup that is whole, or none: the folder has its name only when everything in it was checked.

    The database as of one moment, then the files, so that no row lacks its file. Raises: Failure.
    """
    target = target.expanduser().resolve()
    if target.exists():
        raise Failure(f"{target} is there already: name another folder")
    if not target.parent.is_dir():
        raise Failure(f"there is no folder {target.parent}")
    draft = target.with_name(f"{target.name}.partial")
    # Left by a backup that was cut off.
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        made = _write(settings, draft, Steps(total=STEPS), with_secrets=with_secrets)
        files.to_disk(draft)
        draft.rename(target)
        files.sync(target.parent)
    except OSError as error:
        raise Failure(f"the backup could not be written: {error.strerror or error} ({error.filename})") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return made


def _write(settings: Settings, draft: Path, steps: Steps, *, with_secrets: bool) -> Manifest:
    database = Database(settings.database_url)
    try:
        with steps.step("Database") as step, heartbeat("Database"):
            heads, counted = _dump(settings, database, draft)
            step.outcome = f"has {counted.total:,} rows in {len(counted.rows)} tables"
        with steps.step("Files") as step, heartbeat("Files"):
            for name, path in files.databases(settings).items():
                files.copy_sqlite(path, draft / name)
            step.outcome = f"are {_copy_files(settings, draft)}"
        if with_secrets:
            _write_secrets(settings, draft)
        with steps.step("Check") as step, heartbeat("Check"):
            made = Manifest(
                format=manifest.FORMAT,
                comanda=manifest.own_version(),
                made_at=clock.now().isoformat(timespec="seconds"),
                database="sqlite" if database.is_sqlite else "postgresql",
                heads=heads,
                rows=counted.rows,
                ledger=counted.ledger,
                key=manifest.fingerprint(settings.signing_key()),
                has_secrets=with_secrets,
                settings=_plain_settings(settings),
                files=manifest.contents(draft),
            )
            made.write(draft)
            _check(draft, made)
            step.outcome = f"found nothing wrong in {len(made.files)} files"
    except SQLAlchemyError as error:
        raise Failure(f"the database cannot be read: {str(error).splitlines()[0]}") from error
    finally:
        database.dispose()
    return made


def _dump(settings: Settings, database: Database, draft: Path) -> tuple[dict[str, list[str]], census.Census]:
    """The database into the draft; its heads and its census as of the very moment that was written."""
    if database.is_sqlite:
        source = files.sqlite_path(settings.database_url)
        if not source.exists():
            raise Failure(f"there is no database in {source}: nothing to back up")
        files.make_room_for(source.stat().st_size, draft)
        files.copy_sqlite(source, draft / files.DATABASE)
        with _copied(draft / files.DATABASE) as copy:
            with copy.read() as session:
                _tell(audit(session))
            with copy.engine.connect() as connection:
                return owners.heads(connection), census.take(connection)
    snapshotted = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with snapshotted.connect() as connection:
        snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
        postgres.dump(settings.database_url, draft / files.DUMP, snapshot)
        return owners.heads(connection), census.take(connection)


@contextmanager
def _copied(path: Path) -> Iterator[Database]:
    """A copy, opened; afterwards all of it is in its one file again."""
    copy = Database(f"sqlite:///{path}")
    try:
        yield copy
    finally:
        copy.dispose()
        files.leave_wal(path)


def _tell(findings: Sequence[Finding]) -> None:
    for finding in findings:
        say(f"comanda: the books are not in order: {finding.subject}: {finding.invariant} (comanda audit)")


def _copy_files(settings: Settings, draft: Path) -> int:
    count = 0
    for name, path in files.plain(settings):
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            shutil.copy2(path, target)
        except FileNotFoundError:
            if not name.startswith(files.ATTACHMENTS):
                raise
            continue  # forgotten or erased since: its row is gone, or goes
        count += 1
    return count


def _write_secrets(settings: Settings, draft: Path) -> None:
    path = draft / files.SECRETS
    path.touch(mode=0o600)
    kept = {name: value for name, value in _by_variable(settings, are_hidden=True).items() if value}
    kept["COMANDA_SECRET"] = settings.signing_key()
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def _plain_settings(settings: Settings) -> dict[str, Any]:
    """What the shop has set, by the name of its variable; no secret."""
    return _by_variable(settings, are_hidden=False)


def _by_variable(settings: Settings, *, are_hidden: bool) -> dict[str, Any]:
    found = {}
    for name, field in type(settings).model_fields.items():
        value, variable = getattr(settings, name), str(field.validation_alias)
        hides = isinstance(value, SecretStr) or name == "carrier_secrets"
        if variable in os.environ and name not in _PLACES and hides == are_hidden:
            plain = value.get_secret_value() if isinstance(value, SecretStr) else value
            found[variable] = str(plain) if isinstance(plain, Path) else plain
    return found


def _check(draft: Path, made: Manifest) -> None:
    """Raises: Failure, unless what lies on the disk is whole."""
    manifest.check(draft, made)
    for name in (files.TRACKERS, files.DEMO_PROVIDER, files.DATABASE):
        if (draft / name).exists():
            files.check_sqlite(draft / name)
