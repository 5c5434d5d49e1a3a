"""Every `bot_` table, imported so that `Base.metadata` is whole."""

from __future__ import annotations

from bot.attachments import models as attachments
from bot.contacts import models as contacts
from bot.conversations.models import Base
from bot.handoff import models as handoff
from bot.learning import models as learning
from bot.notices import models as notices
from bot.outbox import models as outbox

__all__ = ["attachments", "contacts", "handoff", "learning", "metadata", "notices", "outbox"]

metadata = Base.metadata
