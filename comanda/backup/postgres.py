"""PostgreSQL's own programs for backups: `pg_dump`, `pg_restore` and `psql`."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import IO

from sqlalchemy.engine import make_url

from comanda.failure import Failure

_END = 4_000


def dump(url: str, target: Path, snapshot: str) -> None:
    """Everything in the database as an exported snapshot sees it. Raises: Failure."""
    command = [*_program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    done = subprocess.run(
        [*command, f"--file={target}", f"--dbname={_address(url)}"],
        env=_environment(url),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(f"pg_dump failed: {done.stderr.strip()[-_END:]}")


def restore(url: str, source: Path, then: list[str]) -> None:
    """Put a dump into an empty database, and `then` statements, all of it in one transaction. Raises: Failure."""
    psql = subprocess.Popen(
        [*_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--dbname={_address(url)}"],
        env=_environment(url),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert psql.stdin is not None
    try:
        failed = _feed(psql.stdin, source, then)
    except BrokenPipeError:
        failed = ""  # psql says why
    finally:
        # Without the COMMIT nothing was restored.
        _close(psql.stdin)
    assert psql.stderr is not None
    said = psql.stderr.read().decode(errors="replace").strip()
    if psql.wait() or failed is not None:
        raise Failure(f"the database could not be restored, and is as it was: {(failed or said)[-_END:]}")


def _feed(sink: IO[bytes], source: Path, then: list[str]) -> str | None:
    """Tell psql everything; what went wrong, if anything did."""
    sink.write(b"BEGIN;\n")
    sink.flush()
    made = subprocess.run(
        # The schema `public` is there already.
        [*_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", str(source)],
        stdout=sink,
        stderr=subprocess.PIPE,
        check=False,
    )
    if made.returncode:
        return made.stderr.decode(errors="replace").strip()
    # pg_restore leaves the connection without a search path.
    sink.write(b"SET search_path = public;\n")
    for statement in then:
        sink.write(f"{statement};\n".encode())
    sink.write(b"COMMIT;\n")
    return None


def _close(sink: IO[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):
        sink.close()


def _program(name: str) -> list[str]:
    path = shutil.which(name)
    if path is None:
        raise Failure(
            f"{name} is not installed; on Debian: apt-get install postgresql-client "
            "(of the server's version or a newer one)"
        )
    return [path]


def _address(url: str) -> str:
    """For libpq, and without the password: a command line is for everyone to read."""
    bare = make_url(url).set(drivername="postgresql", password=None)
    return bare.render_as_string(hide_password=False)


def _environment(url: str) -> dict[str, str]:
    password = make_url(url).password
    return os.environ | ({"PGPASSWORD": str(password)} if password else {})
