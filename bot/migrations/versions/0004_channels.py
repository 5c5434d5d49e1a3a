"""Channels that are pushed to: who may be written to, and what is on its way."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.String(36)


def upgrade() -> None:
    op.create_table(
        "bot_contact",
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("person", sa.String(128), nullable=False),
        sa.Column("sender", sa.String(128), nullable=False),
        sa.Column("heard_at", AT),
        sa.Column("opted_out_at", AT),
        sa.Column("unreachable", sa.String(40)),
        sa.PrimaryKeyConstraint("channel", "person", name="pk_bot_contact"),
    )
    op.create_table(
        "bot_outgoing",
        sa.Column("id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("part", sa.JSON, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(40)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("provider_message_id", sa.String(64)),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.CheckConstraint(
            "status IN ('queued', 'sending', 'uncertain', 'sent', 'failed', 'delivered', 'read', 'skipped')",
            name="ck_bot_outgoing_status",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_bot_outgoing"),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_outgoing_message_id"),
        sa.UniqueConstraint("message_id", "position", name="uq_bot_outgoing_message_id_position"),
    )
    op.create_index("ix_bot_outgoing_status_created_at", "bot_outgoing", ["status", "created_at"])
