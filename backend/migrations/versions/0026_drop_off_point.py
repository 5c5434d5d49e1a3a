"""At which drop-off point a return is left."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oms_return", sa.Column("drop_off_point", sa.JSON(), nullable=True))
