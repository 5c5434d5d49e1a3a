"""A code that is said again because its answer was lost is one try."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oms_link_request", sa.Column("last_try", sa.String(length=64), nullable=True))
