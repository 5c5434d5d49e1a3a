"""Settling: after a restore nothing that was under way leaves a second time.

What waited in an outbox when the backup was taken left soon after it, as a rule: its end is not in the backup, but the
customer has it. So it is ended as what nobody knows of, staff see it and may send it again, and nothing does so by
itself. What waited for an answer goes to a person. Work of DBOS is cancelled; the sweeps start again what is safe to
repeat. Refunds are asked about before they are sent (`unknown`). Numbers that people were told since are not told to
others: the counters leap. Invoices are without a gap by law, and do not.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import select

from bot.conversations.models import Conversation, Turn
from bot.handoff import service as handoffs
from kernel.db import Database

# In every place where what became of something is not known.
REASON = "restored"
LEAP = 1_000
_DURABLE = "('PENDING', 'ENQUEUED', 'DELAYED')"


def statements(tables: Collection[str], at: datetime, *, is_sqlite: bool) -> list[str]:
    """The SQL that settles a database with these tables, as of an instant."""
    # As SQLAlchemy writes it.
    now = f"'{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{'' if is_sqlite else '+00:00'}'"
    workflows = "workflow_status" if is_sqlite else "dbos.workflow_status"
    each = {
        "bot_outgoing": f"SET status = 'uncertain', reason = '{REASON}', changed_at = {now} "
        "WHERE status IN ('queued', 'sending')",
        # What is due later was not sent by anyone, and is told when its time comes.
        "bot_notice": f"SET status = 'skipped', reason = '{REASON}', ended_at = {now} "
        f"WHERE status = 'queued' AND due_at <= {now}",
        "bot_turn": f"SET status = 'left_to_staff', finished_at = {now} WHERE status = 'received'",
        "oms_mail": f"SET status = 'uncertain', error = '{REASON}' WHERE status IN ('queued', 'sending')",
        "oms_webhook_delivery": f"SET status = 'dead', error = '{REASON}' WHERE status = 'pending'",
        "oms_refund": "SET status = 'unknown' WHERE status = 'approved' AND way = 'provider'",
        "oms_counter": f"SET value = value + {LEAP}",
        workflows: f"SET status = 'CANCELLED' WHERE status IN {_DURABLE}",
    }
    return [f"UPDATE {table} {change}" for table, change in each.items() if table in tables]


def hand_to_people(database: Database, at: datetime) -> int:
    """Whoever wrote and was not answered when the backup was taken is answered by a person; how many that are."""
    left = select(Turn.conversation_id).where(Turn.status == "left_to_staff", Turn.finished_at == at)
    query = select(Conversation).where(Conversation.owner == "assistant", Conversation.id.in_(left)).with_for_update()
    with database.write() as session:
        waiting = list(session.scalars(query))
        for conversation in waiting:
            handoffs.ask(session, conversation, REASON)
    return len(waiting)
