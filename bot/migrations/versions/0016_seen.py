"""Up to which message each agent has seen a conversation."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bot_seen",
        sa.Column("conversation_id", sa.String(36), nullable=False),
        sa.Column("staff_id", sa.String(36), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", name="pk_bot_seen"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_seen_conversation_id"),
    )
