"""Orders that wait to be paid, and until when."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OUTCOME = "ck_oms_order_hold_outcome"
_OUTCOMES = "outcome IN ('approved', 'changed', 'rejected', 'cancelled', 'paid')"


def upgrade() -> None:
    with op.batch_alter_table("oms_order_hold") as hold:
        hold.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        hold.drop_constraint(op.f(_OUTCOME), type_="check")
        hold.create_check_constraint(op.f(_OUTCOME), _OUTCOMES)
    op.create_index(op.f("ix_oms_order_hold_outcome_expires_at"), "oms_order_hold", ["outcome", "expires_at"])
