"""Messages of which the assistant was not sure, and what people say they mean."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0012"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.String(36)


def upgrade() -> None:
    op.create_table(
        "bot_doubt",
        sa.Column("message_id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("guess", sa.String(40), nullable=False),
        sa.Column("confidence", sa.Integer, nullable=False),
        sa.Column("is_misunderstood", sa.Boolean, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.Column("label", sa.String(40)),
        sa.Column("text", sa.Text),
        sa.Column("labelled_by", ID),
        sa.Column("labelled_at", AT),
        sa.PrimaryKeyConstraint("message_id", name="pk_bot_doubt"),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_doubt_message_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_doubt_conversation_id"),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name="ck_bot_doubt_confidence"),
        sa.CheckConstraint("(label IS NULL) = (text IS NULL)", name="ck_bot_doubt_labelled_text"),
        sa.CheckConstraint("(labelled_at IS NULL) = (labelled_by IS NULL)", name="ck_bot_doubt_labelled"),
    )
    op.create_index("ix_bot_doubt_conversation_id", "bot_doubt", ["conversation_id"])
    op.create_index("ix_bot_doubt_labelled_at_at", "bot_doubt", ["labelled_at", "at"])
