"""Proofs of consent: to the privacy policy, and to advertising."""

import sqlalchemy as sa
from alembic import op

from backend.migrations.append_only import make_append_only

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ID, AT = sa.String(length=36), sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "oms_consent",
        sa.Column("id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("given_at", AT, nullable=False),
        sa.CheckConstraint("kind IN ('privacy', 'marketing')", name=op.f("ck_oms_consent_kind")),
        sa.CheckConstraint("(kind = 'privacy') = (version IS NOT NULL)", name=op.f("ck_oms_consent_version")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_consent_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_consent")),
    )
    op.create_index(op.f("ix_oms_consent_customer_id_kind"), "oms_consent", ["customer_id", "kind"])
    make_append_only("oms_consent")
