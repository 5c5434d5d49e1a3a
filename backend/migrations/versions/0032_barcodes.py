"""What scanners read, and why something could not be picked."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_barcode",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_oms_barcode_quantity")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_barcode_sku")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_oms_barcode")),
    )
    op.create_index(op.f("ix_oms_barcode_sku"), "oms_barcode", ["sku"], unique=False)
    with op.batch_alter_table("oms_shortage") as shortage:
        shortage.add_column(sa.Column("reason", sa.String(length=10), nullable=True))
        shortage.create_check_constraint(
            op.f("ck_oms_shortage_reason"), "reason IN ('not_found', 'damaged', 'expired')"
        )
