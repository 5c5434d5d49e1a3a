"""How often a part of which nobody knows was looked for at its provider."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bot_outgoing", sa.Column("looks", sa.Integer, nullable=False, server_default=sa.text("0")))
