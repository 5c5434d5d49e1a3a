"""Debit notes for what goes back to a supplier."""

import sqlalchemy as sa
from alembic import op

from backend.migrations.append_only import make_append_only

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_supplier_note",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("partner_id", sa.String(length=36), nullable=False),
        sa.Column("partner_name", sa.String(length=120), nullable=False),
        sa.Column("reference", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("cost_minor >= 0", name=op.f("ck_oms_supplier_note_cost")),
        sa.ForeignKeyConstraint(["partner_id"], ["oms_partner.id"], name=op.f("fk_oms_supplier_note_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_supplier_note")),
        sa.UniqueConstraint("number", name=op.f("uq_oms_supplier_note_number")),
    )
    op.create_index(op.f("ix_oms_supplier_note_reference"), "oms_supplier_note", ["reference"], unique=False)
    op.create_table(
        "oms_supplier_note_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("note_id", sa.String(length=36), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "quantity > 0 AND cost_minor >= 0", name=op.f("ck_oms_supplier_note_line_amounts")
        ),
        sa.ForeignKeyConstraint(["note_id"], ["oms_supplier_note.id"], name=op.f("fk_oms_supplier_note_line_note_id")),
        sa.ForeignKeyConstraint(["sku"], ["oms_variant.sku"], name=op.f("fk_oms_supplier_note_line_sku")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_supplier_note_line")),
    )
    op.create_index(op.f("ix_oms_supplier_note_line_note_id"), "oms_supplier_note_line", ["note_id"], unique=False)
    for table in ("oms_supplier_note", "oms_supplier_note_line"):
        make_append_only(table)
    counters = sa.table("oms_counter", sa.column("name"), sa.column("value"))
    op.bulk_insert(counters, [{"name": "supplier_note", "value": 10_000}])
