"""What a conversation has seen, and its customer accepted, of the privacy policy."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bot_conversation", sa.Column("policy_shown", sa.String(40)))
    op.add_column("bot_conversation", sa.Column("policy_message_id", sa.String(36)))
    op.add_column("bot_conversation", sa.Column("policy_accepted", sa.String(40)))
