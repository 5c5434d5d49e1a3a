"""One person of several customers: proofs, their requests, and what was done."""

import sqlalchemy as sa
from alembic import op

from backend.migrations.append_only import make_append_only

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ID, AT = sa.String(length=36), sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("oms_customer") as customer:
        customer.add_column(sa.Column("person_id", ID, nullable=True))
        customer.add_column(sa.Column("email_verified_at", AT, nullable=True))
        customer.create_foreign_key(op.f("fk_oms_customer_person_id"), "oms_customer", ["person_id"], ["id"])
        customer.create_index(op.f("ix_oms_customer_person_id"), ["person_id"])
    op.add_column("oms_channel_identity", sa.Column("seen_at", AT, nullable=True))
    op.execute("UPDATE oms_channel_identity SET seen_at = created_at")
    with op.batch_alter_table("oms_channel_identity") as identity:
        identity.add_column(sa.Column("phone", sa.String(length=20), nullable=True))
        identity.add_column(sa.Column("verified_at", AT, nullable=True))
        identity.add_column(sa.Column("method", sa.String(length=10), nullable=True))
        identity.alter_column("seen_at", existing_type=AT, nullable=False)
        identity.create_check_constraint(
            op.f("ck_oms_channel_identity_verified"), "(verified_at IS NULL) = (method IS NULL)"
        )
        identity.create_index(op.f("ix_oms_channel_identity_phone"), ["phone"])
    op.create_table(
        "oms_identity_entry",
        sa.Column("id", ID, nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=60), nullable=False),
        sa.Column("happened_at", AT, nullable=False),
        sa.CheckConstraint("act IN ('linked', 'unlinked', 'renewed')", name=op.f("ck_oms_identity_entry_act")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_identity_entry_customer_id")),
        sa.ForeignKeyConstraint(["person_id"], ["oms_customer.id"], name=op.f("fk_oms_identity_entry_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_identity_entry")),
    )
    op.create_index(op.f("ix_oms_identity_entry_customer_id"), "oms_identity_entry", ["customer_id"])
    op.create_index(op.f("ix_oms_identity_entry_person_id"), "oms_identity_entry", ["person_id"])
    make_append_only("oms_identity_entry")
    op.create_table(
        "oms_link_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("customer_id", ID, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=True),
        sa.Column("identity_id", ID, nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("expires_at", AT, nullable=False),
        sa.Column("ended_at", AT, nullable=True),
        sa.CheckConstraint("kind IN ('code', 'link')", name=op.f("ck_oms_link_request_kind")),
        sa.CheckConstraint("(kind = 'link') = (token_hash IS NOT NULL)", name=op.f("ck_oms_link_request_token")),
        sa.ForeignKeyConstraint(["customer_id"], ["oms_customer.id"], name=op.f("fk_oms_link_request_customer_id")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["oms_channel_identity.id"], name=op.f("fk_oms_link_request_identity_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_link_request")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_oms_link_request_token_hash")),
    )
    op.create_index(
        op.f("ix_oms_link_request_customer_id_created_at"), "oms_link_request", ["customer_id", "created_at"]
    )
    op.create_index(
        op.f("ix_oms_link_request_channel_address_created_at"),
        "oms_link_request",
        ["channel", "address", "created_at"],
    )
