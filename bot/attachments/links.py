"""Links to what agents sent: each opens one file, without signing in, for a month."""

from __future__ import annotations

from datetime import timedelta

from bot.attachments.models import Attachment
from kernel import clock
from kernel.links import Links

PURPOSE, PATH = "attachment", "chat/files"
LIFETIME = timedelta(days=30)


def link_to(links: Links, attachment: Attachment) -> str:
    return links.make(PURPOSE, PATH, attachment.id, clock.now() + LIFETIME)
