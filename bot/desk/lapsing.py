"""Lapsing: what an agent has who shows no sign of life goes back to the queue, and its customer hears of it."""

from __future__ import annotations

from bot.answering import waiting
from bot.conversations import service as conversations
from bot.delivery import Delivery, staff_see
from bot.handoff import acts
from bot.handoff import service as handoffs
from bot.handoff.acts import Doer
from kernel.db import Database
from kernel.logging import get_logger

log = get_logger(__name__)

AT_ONCE = 200
# Who does it, in the books.
NOBODY = "system"


def return_lapsed(database: Database, delivery: Delivery) -> int:
    """Put back what nobody holds any more; how many conversations."""
    with database.read() as session:
        lapsed = handoffs.lapsed(session, AT_ONCE)
    return sum(_return(delivery, conversation_id) for conversation_id in lapsed)


def _return(delivery: Delivery, conversation_id: str) -> bool:
    with delivery.to(conversation_id) as (session, conversation):
        before = handoffs.state(session, conversation)
        if not handoffs.put_back(session, conversation):
            return False
        last = conversations.last_of_customer(session, conversation.id)
        if last and last.seq == conversation.last_seq:
            # They asked something, and whom they asked is gone.
            waiting.tell(session, conversation, "queue_again", last.id)
        nobody = Doer(NOBODY, "", f"lapse:{conversation.id}:{conversation.version}", "")
        after = handoffs.state(session, conversation)
        acts.record(session, nobody, "lapse", before=before, after=after, conversation_id=conversation.id)
        staff_see(session, conversation)
    log.warning("lease_lapsed", conversation_id=conversation_id)
    return True
