"""Where the content of attachments lies: a file each, below Comanda's home, named by nothing from outside."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from bot.attachments.errors import LIMIT_BYTES, AttachmentTooLarge
from kernel import ids
from kernel.config import Settings

# A disk that is nearly full is for the database.
FREE_LEAST_BYTES = 512 * 1024 * 1024


class Files:
    """`<folder>/<conversation>/<attachment>` is what is kept; what is still coming in is in `<folder>/incoming/`."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.home / "attachments"

    @property
    def incoming(self) -> Path:
        return self._folder / "incoming"

    def path(self, conversation_id: str, attachment_id: str) -> Path:
        return self._folder / conversation_id / attachment_id

    def has_room(self) -> bool:
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        return shutil.disk_usage(self._folder).free >= FREE_LEAST_BYTES + LIMIT_BYTES

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """A name for a file that is gone afterwards, unless it was moved away."""
        self.incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.incoming / ids.new_id()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    async def receive(self, chunks: AsyncIterator[bytes], path: Path) -> int:
        """Write what comes in; its size. Raises: AttachmentTooLarge as soon as it is, and reads no further."""
        size = 0
        with path.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                if size > LIMIT_BYTES:
                    raise AttachmentTooLarge
                await run_in_threadpool(file.write, chunk)
        return size

    def keep(self, draft: Path, conversation_id: str, attachment_id: str) -> None:
        """The draft is whole and on disk, under its name for good, before any row speaks of it."""
        kept = self.path(conversation_id, attachment_id)
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.chmod(0o600)
        draft.rename(kept)

    def delete(self, conversation_id: str, attachment_id: str) -> None:
        self.path(conversation_id, attachment_id).unlink(missing_ok=True)

    def older_than(self, instant: datetime) -> Iterator[tuple[str, str]]:
        """Conversation and attachment id of every kept file written before an instant."""
        for path in self._folder.glob("*/*"):
            if path.parent != self.incoming and path.stat().st_mtime < instant.timestamp():
                yield path.parent.name, path.name

    def drop_drafts(self, before: datetime) -> None:
        """Forget what was never received whole: its process died."""
        for path in self.incoming.glob("*"):
            if path.stat().st_mtime < before.timestamp():
                path.unlink(missing_ok=True)
