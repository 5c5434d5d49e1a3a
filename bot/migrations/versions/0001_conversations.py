"""Conversations, messages, choices and turns."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

AT = sa.DateTime(timezone=True)
ID = sa.String(36)


def upgrade() -> None:
    op.create_table(
        "bot_conversation",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("sender", sa.String(128), nullable=False),
        sa.Column("customer_id", ID),
        sa.Column("owner", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("language", sa.String(5), nullable=False),
        sa.Column("handoff_reason", sa.String(40)),
        sa.Column("last_seq", sa.Integer, nullable=False),
        sa.Column("is_queue_told", sa.Boolean, nullable=False),
        sa.Column("is_card_warned", sa.Boolean, nullable=False),
        sa.Column("outage_since", AT),
        sa.Column("is_outage_told", sa.Boolean, nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("last_message_at", AT),
        sa.CheckConstraint("owner IN ('assistant', 'queued', 'agent', 'closed')", name="ck_bot_conversation_owner"),
        sa.PrimaryKeyConstraint("id", name="pk_bot_conversation"),
    )
    is_open = sa.text("owner <> 'closed'")
    op.create_index(
        "uq_bot_conversation_open",
        "bot_conversation",
        ["channel", "sender"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_bot_conversation_last_message_at", "bot_conversation", ["last_message_at", "id"])
    op.create_table(
        "bot_message",
        sa.Column("id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("provider_message_id", sa.String(128)),
        sa.Column("author", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("in_reply_to", ID),
        sa.Column("at", AT, nullable=False),
        sa.CheckConstraint("author IN ('customer', 'assistant', 'agent')", name="ck_bot_message_author"),
        sa.PrimaryKeyConstraint("id", name="pk_bot_message"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["bot_conversation.id"], name="fk_bot_message_conversation_id"
        ),
        sa.ForeignKeyConstraint(["in_reply_to"], ["bot_message.id"], name="fk_bot_message_in_reply_to"),
        sa.UniqueConstraint("conversation_id", "seq", name="uq_bot_message_conversation_id_seq"),
        sa.UniqueConstraint("channel", "provider_message_id", name="uq_bot_message_channel_provider_message_id"),
    )
    op.create_index("ix_bot_message_in_reply_to", "bot_message", ["in_reply_to"])
    op.create_table(
        "bot_choice",
        sa.Column("token", sa.String(43), nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("message_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("ended_at", AT),
        sa.PrimaryKeyConstraint("token", name="pk_bot_choice"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_choice_conversation_id"),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_choice_message_id"),
    )
    op.create_index("ix_bot_choice_conversation_id", "bot_choice", ["conversation_id"])
    op.create_index("ix_bot_choice_message_id", "bot_choice", ["message_id"])
    op.create_table(
        "bot_turn",
        sa.Column("message_id", ID, nullable=False),
        sa.Column("conversation_id", ID, nullable=False),
        sa.Column("payload", sa.Text),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("finished_at", AT),
        sa.CheckConstraint(
            "status IN ('received', 'answered', 'left_to_staff', 'failed')", name="ck_bot_turn_status"
        ),
        sa.PrimaryKeyConstraint("message_id", name="pk_bot_turn"),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_turn_message_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["bot_conversation.id"], name="fk_bot_turn_conversation_id"),
    )
    op.create_index("ix_bot_turn_conversation_id", "bot_turn", ["conversation_id"])
    _make_messages_append_only()


def _make_messages_append_only() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER bot_message_no_{verb.lower()} BEFORE {verb} ON bot_message "
                "BEGIN SELECT RAISE(ABORT, 'bot_message is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION bot_message_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'bot_message is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER bot_message_append_only BEFORE UPDATE OR DELETE ON bot_message "
        "FOR EACH ROW EXECUTE FUNCTION bot_message_is_append_only()"
    )
