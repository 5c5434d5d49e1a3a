"""Discounts that someone of the shop gives by hand, and the second person above a limit."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_ACT = "ck_oms_pending_act_act"
_ACTS = "act IN ('credit_note', 'debit_note', 'write_off', 'journal_entry', 'discount')"


def upgrade() -> None:
    with op.batch_alter_table("oms_pending_act") as pending:
        pending.drop_constraint(op.f(_ACT), type_="check")
        pending.create_check_constraint(op.f(_ACT), _ACTS)
