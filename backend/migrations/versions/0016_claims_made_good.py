"""Claims that say what is wrong, and how they were made good."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("oms_claim") as claim:
        claim.add_column(sa.Column("return_id", sa.String(length=36), nullable=True))
        claim.add_column(sa.Column("answer", sa.String(length=300), nullable=True))
        claim.add_column(sa.Column("closed_by", sa.String(length=80), nullable=True))
        claim.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
        claim.drop_constraint(op.f("ck_oms_claim_kind"), type_="check")
        claim.drop_constraint(op.f("ck_oms_claim_state"), type_="check")
        claim.create_check_constraint(op.f("ck_oms_claim_kind"), "kind IN ('unknown', 'missing', 'wrong', 'faulty')")
        claim.create_check_constraint(op.f("ck_oms_claim_state"), "state IN ('open', 'closed')")
        claim.create_check_constraint(op.f("ck_oms_claim_closed"), "(state = 'closed') = (closed_at IS NOT NULL)")
        claim.create_foreign_key(op.f("fk_oms_claim_return_id"), "oms_return", ["return_id"], ["id"])
