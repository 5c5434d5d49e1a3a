"""Every word of the console, in both languages: one file for each desk, each word beside its translation."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from kernel.yaml_files import read_yaml

LANGUAGES = ("es", "en")


class Words:
    """The words of one language by their names: `words.orders`, `words.order_status["placed"]`.

    Raises: AttributeError for a name that no file has.
    """

    def __init__(self, named: dict[str, Any]) -> None:
        self.__dict__.update(named)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"no file of console/words has {name!r}")


def _load() -> dict[str, Words]:
    named: dict[str, Any] = {}
    for file in sorted(Path(__file__).parent.glob("*.yml")):
        content: dict[str, Any] = read_yaml(file)
        twice = named.keys() & content.keys()
        assert not twice, f"{file.name} says {twice}, which another file says"
        named |= content
    return {language: Words(_spoken(named, language)) for language in LANGUAGES}


def _spoken(named: dict[str, Any], language: str) -> dict[str, Any]:
    return {name: _word(word, language) for name, word in named.items()}


def _word(word: dict[str, Any], language: str) -> Any:
    if any(isinstance(each, dict) for each in word.values()):
        return _spoken(word, language)
    return cast(str, word[language])


WORDS = _load()
