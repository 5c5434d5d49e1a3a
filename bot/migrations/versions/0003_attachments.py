"""Attachments: photos and documents in conversations."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String(36)


def upgrade() -> None:
    op.create_table(
        "bot_attachment",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("message_id", ID),
        sa.Column("position", sa.Integer),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("type", sa.String(20), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer),
        sa.Column("height", sa.Integer),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "type IN ('image/jpeg', 'image/png', 'image/webp', 'application/pdf')", name="ck_bot_attachment_type"
        ),
        sa.CheckConstraint("(message_id IS NULL) = (position IS NULL)", name="ck_bot_attachment_sent"),
        sa.PrimaryKeyConstraint("id", name="pk_bot_attachment"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["bot_conversation.id"], name="fk_bot_attachment_conversation_id"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_attachment_message_id"),
    )
    op.create_index("ix_bot_attachment_conversation_id", "bot_attachment", ["conversation_id"])
    op.create_index(
        "ix_bot_attachment_message_id_position", "bot_attachment", ["message_id", "position"], unique=True
    )
