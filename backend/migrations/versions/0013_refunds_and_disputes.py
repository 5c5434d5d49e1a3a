"""How money goes back: by whom, out of which account; and what banks took back."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("oms_payment") as payment:
        payment.add_column(sa.Column("charge_ref", sa.String(length=120), nullable=True))
        payment.add_column(sa.Column("disputed_minor", sa.BigInteger(), server_default="0", nullable=False))
        payment.create_check_constraint("disputed", "disputed_minor >= 0 AND disputed_minor <= captured_minor")
        payment.create_unique_constraint(op.f("uq_oms_payment_provider_charge_ref"), ["provider", "charge_ref"])
    with op.batch_alter_table("oms_refund") as refund:
        refund.add_column(sa.Column("way", sa.String(length=8), server_default="provider", nullable=False))
        refund.add_column(sa.Column("out_of", sa.String(length=20), nullable=True))
        refund.add_column(sa.Column("note", sa.String(length=300), nullable=True))
        refund.create_check_constraint("way", "way IN ('provider', 'manual', 'dispute')")
    op.create_index(op.f("ix_oms_refund_customer_id_id"), "oms_refund", ["customer_id", "id"])
