"""Prices with the tax in them or without, as the shop says."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table, column in (("oms_shop", "prices_include_tax"), ("oms_order_line", "price_includes_tax")):
        op.add_column(table, sa.Column(column, sa.Boolean(), server_default=sa.true(), nullable=False))
