"""Proofs of who a customer is, until the turn that they came with has ended."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bot_turn", sa.Column("start_token", sa.String(64), nullable=True))
    op.add_column("bot_turn", sa.Column("shared_phone", sa.String(20), nullable=True))
