"""When a part left that is paid for."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bot_outgoing", sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True))
    is_paid = sa.text("paid_at IS NOT NULL")
    op.create_index("ix_bot_outgoing_paid_at", "bot_outgoing", ["paid_at"], sqlite_where=is_paid, postgresql_where=is_paid)
