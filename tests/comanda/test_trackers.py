"""Where Rasa keeps its conversations: when that is away each turn fails, and nothing is kept in its memory instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.nlu.test_understanding import in_rasa

pytestmark = pytest.mark.rasa


# case 37
def test_a_store_that_is_away_is_an_error_and_no_empty_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RASA_TRACKER_DB", str(tmp_path / "trackers.db"))
    monkeypatch.setenv("ACTIONS_URL", "http://127.0.0.1:1/webhook")

    told = json.loads(in_rasa("-m", "tests.comanda.trackers_in_rasa").splitlines()[-1])

    assert told == {"read": "OperationalError", "written": "OperationalError", "back": ""}
