"""How the content of an attachment goes out: to be saved or drawn, never to be run."""

from __future__ import annotations

from pathlib import Path

from starlette.responses import FileResponse

from bot.attachments.errors import AttachmentNotFound
from bot.attachments.models import Attachment

# As a page of its own it may do nothing; a browser takes its type from us alone; no cache shares it between people.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def answer(attachment: Attachment, content: Path) -> FileResponse:
    """Raises: AttachmentNotFound, when its content was erased."""
    if not content.is_file():
        raise AttachmentNotFound
    return FileResponse(
        content,
        headers=HEADERS,
        media_type=attachment.type,
        filename=attachment.name,
        content_disposition_type="attachment",
    )
