"""Payment proofs."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

ID = sa.String(36)
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "oms_payment_proof",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("order_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("attachment_id", sa.String(36), nullable=False),
        sa.Column("attachment_hash", sa.String(64), nullable=False),
        sa.Column("attachment_type", sa.String(20), nullable=False),
        sa.Column("amount_minor", sa.BigInteger),
        sa.Column("reference", sa.String(80)),
        sa.Column("paid_on", sa.Date),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("note", sa.String(300)),
        sa.Column("payment_id", ID),
        sa.Column("decided_by", sa.String(80)),
        sa.Column("sent_at", AT, nullable=False),
        sa.Column("decided_at", AT),
        sa.CheckConstraint("status IN ('open', 'approved', 'rejected')", name="ck_oms_payment_proof_status"),
        sa.CheckConstraint(
            "reason IN ('unreadable', 'not_received', 'wrong_amount', 'wrong_account', 'other')",
            name="ck_oms_payment_proof_reason",
        ),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="ck_oms_payment_proof_decided"),
        sa.CheckConstraint("(status = 'approved') = (payment_id IS NOT NULL)", name="ck_oms_payment_proof_approved"),
        sa.CheckConstraint("(status = 'rejected') = (reason IS NOT NULL)", name="ck_oms_payment_proof_rejected"),
        sa.CheckConstraint("amount_minor > 0", name="ck_oms_payment_proof_amount"),
        sa.PrimaryKeyConstraint("id", name="pk_oms_payment_proof"),
        sa.UniqueConstraint("number", name="uq_oms_payment_proof_number"),
        sa.ForeignKeyConstraint(["order_id"], ["oms_order.id"], name="fk_oms_payment_proof_order_id"),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name="fk_oms_payment_proof_customer_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["oms_payment.id"], name="fk_oms_payment_proof_payment_id"),
    )
    is_open = sa.text("status = 'open'")
    op.create_index(
        "uq_oms_payment_proof_open",
        "oms_payment_proof",
        ["order_id", "attachment_hash"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    counters = sa.table("oms_counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "payment_proof", "value": 10_000}])
    for columns in (["status", "id"], ["attachment_hash"], ["reference"], ["customer_id"], ["payment_id"]):
        op.create_index(f"ix_oms_payment_proof_{'_'.join(columns)}", "oms_payment_proof", columns)
