"""Walks in which several fulfillments are picked at once."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "oms_picking_walk",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("location_id", sa.String(length=36), nullable=False),
        sa.Column("picker", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_oms_picking_walk_ended")),
        sa.ForeignKeyConstraint(["location_id"], ["oms_location.id"], name=op.f("fk_oms_picking_walk_location_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_picking_walk")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_oms_picking_walk_one_open",
        "oms_picking_walk",
        ["picker"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "oms_picking_basket",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("walk_id", sa.String(length=36), nullable=False),
        sa.Column("fulfillment_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("position BETWEEN 1 AND 20", name=op.f("ck_oms_picking_basket_position")),
        sa.ForeignKeyConstraint(["walk_id"], ["oms_picking_walk.id"], name=op.f("fk_oms_picking_basket_walk_id")),
        sa.ForeignKeyConstraint(
            ["fulfillment_id"], ["oms_fulfillment.id"], name=op.f("fk_oms_picking_basket_fulfillment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oms_picking_basket")),
        sa.UniqueConstraint("walk_id", "position", name=op.f("uq_oms_picking_basket_walk_id_position")),
    )
    op.create_index(
        op.f("ix_oms_picking_basket_fulfillment_id_id"), "oms_picking_basket", ["fulfillment_id", "id"], unique=False
    )
    is_carried = sa.text("left_at IS NULL")
    op.create_index(
        "uq_oms_picking_basket_one_carried",
        "oms_picking_basket",
        ["fulfillment_id"],
        unique=True,
        sqlite_where=is_carried,
        postgresql_where=is_carried,
    )
