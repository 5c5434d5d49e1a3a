"""A notice is found by its message, as each one that leaves asks."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_bot_notice_message_id", "bot_notice", ["message_id"])
