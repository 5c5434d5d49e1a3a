"""One assistant for all dialogues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rasa_server import Assistant, running_assistant


@pytest.fixture(scope="package")
def assistant(demo_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with running_assistant(tmp_path_factory.mktemp("assistant"), demo_shop) as running:
        yield running
