"""What tests of the command line share: `pg_dump` and its sisters are there."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _postgres_programs(postgres_programs: None) -> None:
    """Any of them may back up."""
