"""What the aging of receivables reads, in indexes."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_oms_invoice_aging",
        "oms_invoice",
        ["kind", "issued_on", "id", "customer_id", "currency", "due_on", "payable_minor", "corrects_id"],
    )
    op.drop_index(op.f("ix_oms_settlement_invoice_id"), table_name="oms_settlement")
    op.create_index("ix_oms_settlement_aging", "oms_settlement", ["invoice_id", "settled_at", "amount_minor"])
