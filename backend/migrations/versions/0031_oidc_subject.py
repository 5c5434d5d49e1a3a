"""Who a member is at the shop's identity provider."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("oms_staff_member") as table:
        table.add_column(sa.Column("oidc_subject", sa.String(length=300), nullable=True))
        table.create_unique_constraint(op.f("uq_oms_staff_member_oidc_subject"), ["oidc_subject"])
