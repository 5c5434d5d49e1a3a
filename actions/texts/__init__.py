"""Everything the assistant says: one YAML file per topic, Spanish beside English."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from kernel.yaml_files import read_yaml

Catalogue = dict[str, dict[str, str]]


@cache
def catalogue() -> Catalogue:
    """All texts by key: `{key: {"es": …, "en": …}}`. A key that stands in two files is a mistake."""
    texts: Catalogue = {}
    for path in sorted(Path(__file__).parent.glob("*.yml")):
        topic: Catalogue = read_yaml(path)
        assert not topic.keys() & texts.keys(), f"{path.name} repeats {topic.keys() & texts.keys()}"
        texts |= topic
    return texts


def render(key: str, language: str, /, **params: object) -> str:
    """The text of `key` with its `{placeholders}` filled. Values are never templates themselves."""
    return catalogue()[key][language].format_map(params).strip()
