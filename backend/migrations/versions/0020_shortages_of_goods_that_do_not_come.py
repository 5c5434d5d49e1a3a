"""A shortage is of an order line: what a supplier does not bring was in nobody's basket yet."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("oms_shortage") as shortage:
        shortage.add_column(sa.Column("order_line_id", sa.String(length=36), nullable=True))
        shortage.alter_column("fulfillment_line_id", existing_type=sa.String(length=36), nullable=True)
    op.execute(
        "UPDATE oms_shortage SET order_line_id = (SELECT order_line_id FROM oms_fulfillment_line"
        " WHERE oms_fulfillment_line.id = oms_shortage.fulfillment_line_id)"
    )
    with op.batch_alter_table("oms_shortage") as shortage:
        shortage.alter_column("order_line_id", existing_type=sa.String(length=36), nullable=False)
        shortage.create_foreign_key(op.f("fk_oms_shortage_order_line_id"), "oms_order_line", ["order_line_id"], ["id"])
        shortage.create_index(op.f("ix_oms_shortage_order_line_id"), ["order_line_id"])
