"""Where goods are waited for, and what suppliers withdrew."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("oms_backorder") as backorder:
        backorder.add_column(sa.Column("location_id", sa.String(length=36), nullable=True))
        backorder.create_foreign_key(op.f("fk_oms_backorder_location_id"), "oms_location", ["location_id"], ["id"])
    op.add_column("oms_incoming_stock", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE oms_backorder SET location_id = (SELECT oms_order.pickup_location_id FROM oms_order"
        " JOIN oms_order_line ON oms_order_line.order_id = oms_order.id"
        " WHERE oms_order_line.id = oms_backorder.order_line_id)"
    )
