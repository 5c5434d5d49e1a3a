"""What agents have at hand: who they are, notes, tags, drafts, canned replies; and whose a conversation is."""

import sqlalchemy as sa
from alembic import op

from bot.migrations.append_only import make_append_only

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.String(36)


def upgrade() -> None:
    op.add_column("bot_conversation", sa.Column("team", sa.String(40)))
    op.create_table(
        "bot_agent",
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("teams", sa.JSON, nullable=False),
        sa.Column("capacity", sa.Integer),
        sa.Column("is_away", sa.Boolean, nullable=False),
        sa.Column("seen_at", AT),
        sa.PrimaryKeyConstraint("staff_id", name="pk_bot_agent"),
    )
    op.create_table(
        "bot_note",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("staff_name", sa.String(120), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", AT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bot_note"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_note_conversation_id"),
    )
    op.create_index("ix_bot_note_conversation_id_at", "bot_note", ["conversation_id", "at"])
    make_append_only("bot_note")
    op.create_table(
        "bot_tag",
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "name", name="pk_bot_tag"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_tag_conversation_id"),
    )
    op.create_index("ix_bot_tag_name", "bot_tag", ["name"])
    op.create_table(
        "bot_draft",
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("staff_id", ID, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "staff_id", name="pk_bot_draft"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_draft_conversation_id"),
    )
    op.create_table(
        "bot_canned",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("es", sa.Text, nullable=False),
        sa.Column("en", sa.Text, nullable=False),
        sa.Column("changed_at", AT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_bot_canned"),
    )
