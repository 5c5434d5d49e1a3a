"""The privacy policy: its version, and its words in both languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from kernel.yaml_files import read_yaml

_OURS = Path(__file__).parent / "policy.yml"


@dataclass(frozen=True, slots=True)
class Policy:
    """`words` by language: paragraphs, of which one that begins with "# " is a heading. `{shop}`, `{address}` and
    `{phone}` in them are the shop's.
    """

    version: str
    words: dict[str, str]

    def worded(self, language: str, **facts: str) -> str:
        text = self.words[language]
        for name, value in facts.items():
            text = text.replace(f"{{{name}}}", value)
        return text


@lru_cache(maxsize=8)
def read(path: Path | None) -> Policy:
    """The shop's own policy, else ours. Raises: ValueError for a file that is none, saying what it lacks."""
    path = path or _OURS
    try:
        content = read_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise ValueError(f"COMANDA_PRIVACY_POLICY: {path} cannot be read: {error}") from error
    found = content if isinstance(content, dict) else {}
    lacking = [name for name in ("version", "es", "en") if not str(found.get(name) or "").strip()]
    if lacking or len(str(found["version"])) > 40:
        raise ValueError(f"COMANDA_PRIVACY_POLICY: {path} needs version (up to 40 characters), es and en: {lacking}")
    return Policy(str(found["version"]), {language: str(found[language]).strip() for language in ("es", "en")})
