"""Retention: what each part keeps no longer than the shop says goes, a bounded amount at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from backend import idempotency
from backend.workflows.forget_old_mails import forget_old_mails
from bot import forgetting
from bot.attachments.files import Files
from comanda.privacy import trackers
from kernel import clock
from kernel.config import Settings
from kernel.db import Database


@dataclass(frozen=True, slots=True)
class Forgotten:
    messages: int
    notices: int
    notes: int
    files: int
    remembered: int
    mails: int
    acts: int


def forget_old(settings: Settings, database: Database) -> Forgotten:
    """One sweep. What is more than that is the next one's; invoices, payments, the ledger and proofs are not asked."""
    now = clock.now()
    chats, files = (now - timedelta(days=days) for days in (settings.keep_chats_days, settings.keep_files_days))
    with database.write() as session:
        messages = forgetting.forget_chats(session, chats)
    with database.write() as session:
        notices = forgetting.forget_notices(session, chats)
        notes = forgetting.forget_notes(session, chats)
        silent = forgetting.silent_since(session, chats)
    with database.write() as session:
        gone = forgetting.forget_files(session, files)
    for conversation_id, attachment_id in gone:
        Files(settings).delete(conversation_id, attachment_id)
    with database.write() as session:
        mails = forget_old_mails(session, now - timedelta(days=settings.keep_mails_days))
    with database.write() as session:
        acts = idempotency.forget_old(session)
    remembered = trackers.forget(trackers.path_of(settings), silent)
    return Forgotten(messages, notices, notes, len(gone), remembered, mails, acts)
