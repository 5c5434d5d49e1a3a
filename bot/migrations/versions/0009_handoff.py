"""Handoffs, what staff did to conversations, and who of them wrote a message."""

import sqlalchemy as sa
from alembic import op

from bot.migrations.append_only import make_append_only

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.String(36)


def upgrade() -> None:
    op.add_column("bot_message", sa.Column("staff_id", ID))
    op.add_column("bot_message", sa.Column("staff_name", sa.String(120)))
    op.create_index("ix_bot_conversation_channel_sender", "bot_conversation", ["channel", "sender"])
    op.create_table(
        "bot_handoff",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("team", sa.String(40)),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("agent_id", ID),
        sa.Column("agent_name", sa.String(120)),
        sa.Column("claimed_at", AT),
        sa.Column("replied_at", AT),
        sa.Column("lease_until", AT),
        sa.Column("snoozed_until", AT),
        sa.Column("typing_at", AT),
        sa.Column("wants_call", sa.Boolean, nullable=False),
        sa.Column("reply_due_at", AT),
        sa.Column("resolve_due_at", AT),
        sa.Column("ended_at", AT),
        sa.Column("ending", sa.String(16)),
        sa.CheckConstraint("ending IN ('returned', 'resumed', 'closed')", name="ck_bot_handoff_ending"),
        sa.CheckConstraint("(ended_at IS NULL) = (ending IS NULL)", name="ck_bot_handoff_ended"),
        sa.PrimaryKeyConstraint("id", name="pk_bot_handoff"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["bot_conversation.id"], name="fk_bot_handoff_conversation_id"
        ),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_bot_handoff_open",
        "bot_handoff",
        ["conversation_id"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_bot_handoff_conversation_id_asked_at", "bot_handoff", ["conversation_id", "asked_at"])
    op.create_index("ix_bot_handoff_ended_at_claimed_at", "bot_handoff", ["ended_at", "claimed_at"])
    # Who waits already goes on waiting.
    op.execute(
        "INSERT INTO bot_handoff (id, conversation_id, reason, priority, asked_at, wants_call) "
        "SELECT id, id, coalesce(handoff_reason, 'requested'), 0, coalesce(last_message_at, created_at), false "
        "FROM bot_conversation WHERE owner = 'queued'"
    )
    op.create_table(
        "bot_act",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("staff_name", sa.String(120), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("what", sa.String(24), nullable=False),
        sa.Column("before", sa.JSON, nullable=False),
        sa.Column("after", sa.JSON, nullable=False),
        sa.Column("subject_id", ID),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bot_act"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_act_conversation_id"),
        sa.UniqueConstraint("staff_id", "key", name="uq_bot_act_staff_id_key"),
    )
    op.create_index("ix_bot_act_conversation_id_at", "bot_act", ["conversation_id", "at"])
    make_append_only("bot_act")
