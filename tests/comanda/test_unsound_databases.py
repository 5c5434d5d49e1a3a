"""A database that Comanda must not touch: it refuses to start, says what to do, and writes nothing."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from comanda.failure import Failure
from comanda.soundness import kind_of_disk, refuse_unsound
from kernel.config import Settings
from kernel.db import Database

NOBODY = 65534


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(COMANDA_HOME=tmp_path, DATABASE_URL=database_url)


def hashed(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def overwrite(path: Path, start: int, end: int) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:start] + b"\xff" * (end - start) + whole[end:])


def break_the_head(path: Path) -> None:
    overwrite(path, 0, 16)


def break_a_page(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'oms_variant'").fetchone()[0]
    overwrite(path, (root - 1) * 4096, root * 4096)


def cut_it_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("harm", [break_the_head, break_a_page, cut_it_short])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_file_is_refused_untouched(settings: Settings, tmp_path: Path, harm) -> None:  # case 55
    path = tmp_path / "comanda.db"
    harm(path)
    before = hashed(path)

    with pytest.raises(Failure, match=r"damaged.*[Rr]estore a backup into a new home"):
        refuse_unsound(settings)

    assert hashed(path) == before


def test_a_database_of_a_newer_comanda_is_refused(settings: Settings) -> None:  # case 55
    database = Database(settings.database_url)
    with database.write() as session:
        session.execute(text("UPDATE oms_alembic_version SET version_num = '9999'"))
    database.dispose()

    with pytest.raises(Failure, match=r"newer Comanda \(oms 9999\): start that one again"):
        refuse_unsound(settings)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_web_process_and_a_worker_end_with_the_reason(settings: Settings, tmp_path: Path) -> None:  # case 55
    break_the_head(tmp_path / "comanda.db")
    environment = os.environ | {"COMANDA_HOME": str(tmp_path)}

    for module in ("comanda.web", "comanda.worker"):
        ended = subprocess.run(
            [sys.executable, "-m", module], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert (ended.returncode, "is damaged" in ended.stderr, "Traceback" in ended.stderr) == (1, True, False)


@pytest.mark.skipif(os.getuid() != 0, reason="becomes another user, which only root may")
def test_a_database_that_may_not_be_written_is_refused(sqlite_template: Path) -> None:  # case 55
    # Beside pytest's own folders, which are for their owner alone.
    folder = Path("/tmp") / f"comanda-read-only-{os.getpid()}"
    folder.mkdir()
    try:
        shutil.copy(sqlite_template, folder / "comanda.db")
        (folder / "comanda.db").chmod(0o444)
        folder.chmod(0o555)
        settings = Settings(COMANDA_HOME=folder)
        refuse_unsound(settings)
        read, write = os.pipe()
        if (child := os.fork()) == 0:
            told = "another failure"
            try:
                os.setuid(NOBODY)
                refuse_unsound(settings)
                told = "nothing"
            except Failure as failure:
                told = str(failure)
            finally:
                os.write(write, told.encode())
                os._exit(0)
        os.waitpid(child, 0)
        os.close(write)
        assert "comanda.db is read-only: let the user that Comanda runs as write" in os.read(read, 4096).decode()
        os.close(read)
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_postgresql_that_only_reads_is_refused(settings: Settings) -> None:  # case 55
    database = Database(settings.database_url)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        name = connection.scalar(text("SELECT current_database()"))
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    database.dispose()

    with pytest.raises(Failure, match="read-only"):
        refuse_unsound(settings)


def test_a_networks_disk_is_known_by_what_is_mounted() -> None:  # case 55
    mounts = "/dev/vda1 / ext4 rw 0 0\nfiles:/shop /mnt/shop nfs4 rw 0 0\nproc /proc proc rw 0 0\n"

    assert kind_of_disk(Path("/mnt/shop/comanda"), mounts) == "nfs4"
    assert kind_of_disk(Path("/mnt/shopping"), mounts) == "ext4"


def test_a_sound_database_is_let_be_and_one_that_is_not_there_is_none_of_its_business(
    settings: Settings, tmp_path: Path
) -> None:
    refuse_unsound(settings)
    refuse_unsound(Settings(COMANDA_HOME=tmp_path / "new"))

    assert not (tmp_path / "new").exists()
