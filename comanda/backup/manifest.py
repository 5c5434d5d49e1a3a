"""The manifest of a backup: what is in it, of which versions, and the hash of every file."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from comanda.backup.census import Census
from comanda.failure import Failure

NAME = "manifest.json"
# Of the backup's own form; one of a form that we do not know is refused.
FORMAT = 1
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """One file of a backup."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`database` is the kind it was taken of, `heads` the migrations of each owner, `files` are by path in the backup.

    `key` tells whether two signing keys are the same, and nothing of either.
    """

    format: int
    comanda: str
    made_at: str
    database: str
    heads: dict[str, list[str]]
    rows: dict[str, int]
    ledger: str
    key: str
    has_secrets: bool
    settings: dict[str, Any]
    files: dict[str, Content]

    @property
    def census(self) -> Census:
        return Census(self.rows, self.ledger)

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read(folder: Path) -> Manifest:
    """Raises: Failure for what is no backup, or one of a newer form."""
    path = folder / NAME
    if not path.is_file():
        raise Failure(f"{folder} is no backup: it has no {NAME}")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise Failure(f"{folder} was made by a newer Comanda ({told['comanda']}): restore it with that one")
        files = {name: Content(**content) for name, content in told["files"].items()}
        return Manifest(**told | {"files": files})
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Failure(f"{path} cannot be read: the backup is damaged, take another one") from error


def content(path: Path) -> Content:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return Content(path.stat().st_size, digest.hexdigest())


def contents(folder: Path) -> dict[str, Content]:
    """Of every file in a folder but the manifest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / NAME)
    return {str(path.relative_to(folder)): content(path) for path in paths}


def check(folder: Path, manifest: Manifest) -> None:
    """Raises: Failure, unless every file is there as it was written, and no other is."""
    found = contents(folder)
    for name in sorted(manifest.files.keys() | found.keys()):
        if name not in found:
            raise Failure(f"the backup is damaged: {folder / name} is missing")
        if name not in manifest.files:
            raise Failure(f"the backup is damaged: {folder / name} does not belong to it")
        if found[name] != manifest.files[name]:
            raise Failure(f"the backup is damaged: {folder / name} is not what was written")


def fingerprint(key: str) -> str:
    """A few digits that say whether a signing key is the same one, too few to find it by."""
    return hmac.new(key.encode(), b"the key of a backup", "sha256").hexdigest()[:8]


def own_version() -> str:
    return version("comanda")
