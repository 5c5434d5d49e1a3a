"""What leaves as a template that an agent chose."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bot_outgoing", sa.Column("is_template", sa.Boolean, nullable=False, server_default=sa.false()))
