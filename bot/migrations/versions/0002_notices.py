"""Notices, and the way from a customer to their conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.String(36)


def upgrade() -> None:
    op.create_table(
        "bot_notice",
        sa.Column("id", ID, nullable=False),
        sa.Column("event_id", ID, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("message_id", ID),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("due_at", AT, nullable=False),
        sa.Column("ended_at", AT),
        sa.CheckConstraint("status IN ('queued', 'sent', 'skipped')", name="ck_bot_notice_status"),
        sa.PrimaryKeyConstraint("id", name="pk_bot_notice"),
        sa.UniqueConstraint("event_id", "what", name="uq_bot_notice_event_id_what"),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_notice_message_id"),
    )
    op.create_index("ix_bot_notice_subject_what", "bot_notice", ["subject", "what"])
    op.create_index("ix_bot_notice_status_due_at", "bot_notice", ["status", "due_at"])
    op.create_index("ix_bot_conversation_customer_id", "bot_conversation", ["customer_id"])
