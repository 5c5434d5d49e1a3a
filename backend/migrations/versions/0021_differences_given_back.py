"""What of a return goes back to how it was paid, and as what the difference of an exchange does."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("oms_return", sa.Column("refunded_minor", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column(
        "oms_return", sa.Column("difference_as", sa.String(length=12), server_default="refund", nullable=False)
    )
    # Until now only what was wished as a refund went back.
    op.execute(
        "UPDATE oms_return SET refunded_minor = COALESCE((SELECT SUM(amount_minor) FROM oms_refund "
        "WHERE oms_refund.key LIKE 'return:' || oms_return.number || ':%'), 0)"
    )
