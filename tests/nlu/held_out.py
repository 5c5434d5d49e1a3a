"""The messages that nobody trains on: `heldout/<topic>.<language>.yml`, each a list of messages by intent."""

from __future__ import annotations

from pathlib import Path

import yaml

_FOLDER = Path(__file__).parent / "heldout"


def held_out_messages(language: str) -> list[tuple[str, str]]:
    """Every held-out message of `language` as (intent, text)."""
    return [
        (intent, text)
        for path in sorted(_FOLDER.glob(f"*.{language}.yml"))
        for intent, texts in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for text in texts
    ]
