"""Intake: a file that comes in, from whatever channel, is made safe and kept; what nobody sends is dropped."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from bot.attachments import service
from bot.attachments.content import make_safe
from bot.attachments.errors import AttachmentsTooFast
from bot.attachments.files import Files
from bot.attachments.models import Attachment
from bot.attachments.service import Taken
from kernel import clock, ids
from kernel.config import Settings
from kernel.db import Database
from kernel.errors import Unavailable
from kernel.logging import get_logger

log = get_logger(__name__)

# What a customer has not sent by then they have given up.
UNSENT_FOR = timedelta(days=1)
DAY_MOST = 100
DROPPED_AT_ONCE = 200


class NoRoom(Unavailable):
    """The disk is nearly full."""


class Intake:
    def __init__(self, settings: Settings, database: Database) -> None:
        self._files = Files(settings)
        self._database = database

    async def take(self, conversation_id: str, name: str, chunks: AsyncIterator[bytes]) -> Attachment:
        """The attachment made of what comes in; not yet of any message.

        Raises: AttachmentTooLarge, AttachmentEmpty, AttachmentUnsupported, AttachmentUnreadable, AttachmentsTooFast,
        NoRoom; then nothing is kept.
        """
        await run_in_threadpool(self._check_room, conversation_id)
        with self._files.draft() as received, self._files.draft() as safe:
            await self._files.receive(chunks, received)
            return await run_in_threadpool(self._keep, conversation_id, name, received, safe)

    def _check_room(self, conversation_id: str) -> None:
        if not self._files.has_room():
            log.error("attachment_without_room")
            raise NoRoom
        with self._database.read() as session:
            if service.count_since(session, conversation_id, clock.now() - timedelta(days=1)) >= DAY_MOST:
                raise AttachmentsTooFast

    def _keep(self, conversation_id: str, name: str, received: Path, safe: Path) -> Attachment:
        content = make_safe(received, safe)
        with safe.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        taken = Taken(ids.new_id(), name, content, safe.stat().st_size, digest)
        self._files.keep(safe, conversation_id, taken.id)
        # A file without a row is found by `drop_unsent`; a row without a file would be a promise not kept.
        with self._database.write() as session:
            return service.add(session, conversation_id, taken)

    def content(self, attachment: Attachment) -> Path:
        return self._files.path(attachment.conversation_id, attachment.id)

    def drop_unsent(self) -> int:
        """Delete what was taken in and never sent, and what a process left behind that died meanwhile; how many."""
        before = clock.now() - UNSENT_FOR
        with self._database.write() as session:
            unsent = service.unsent_before(session, before, DROPPED_AT_ONCE)
            for attachment in unsent:
                session.delete(attachment)
        left = [(attachment.conversation_id, attachment.id) for attachment in unsent]
        with self._database.read() as session:
            left += [each for each in self._files.older_than(before) if not service.is_known(session, each[1])]
        for conversation_id, attachment_id in left:
            self._files.delete(conversation_id, attachment_id)
        self._files.drop_drafts(before)
        return len(set(left))
