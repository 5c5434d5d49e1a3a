"""Which part says what others would, and what it is itself, where several notices leave as one template."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bot_outgoing", sa.Column("said_in", sa.String(36), nullable=True))
    op.add_column("bot_outgoing", sa.Column("own_part", sa.JSON, nullable=True))
    is_said = sa.text("said_in IS NOT NULL")
    op.create_index("ix_bot_outgoing_said_in", "bot_outgoing", ["said_in"], sqlite_where=is_said, postgresql_where=is_said)
