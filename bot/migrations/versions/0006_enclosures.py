"""Enclosures: the shop's documents that go with messages."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.String(36)


def upgrade() -> None:
    op.create_table(
        "bot_enclosure",
        sa.Column("message_id", ID, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("message_id", "position", name="pk_bot_enclosure"),
        sa.ForeignKeyConstraint(["message_id"], ["bot_message.id"], name="fk_bot_enclosure_message_id"),
    )
