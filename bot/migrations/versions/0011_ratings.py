"""What a person had done when they gave a conversation back, and how its customer found it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.String(36)


def upgrade() -> None:
    op.add_column("bot_handoff", sa.Column("done", sa.Text))
    op.create_table(
        "bot_rating",
        sa.Column("message_id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("agent_id", ID),
        sa.Column("agent_name", sa.String(120)),
        sa.Column("score", sa.Integer),
        sa.Column("asked_at", AT, nullable=False),
        sa.Column("rated_at", AT),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="ck_bot_rating_score"),
        sa.PrimaryKeyConstraint("message_id", name="pk_bot_rating"),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_rating_message_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_rating_conversation_id"),
    )
    op.create_index("ix_bot_rating_conversation_id", "bot_rating", ["conversation_id"])
