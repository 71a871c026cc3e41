"""When stock was lost, and what its rebuild did."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stock_rebuilds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("open_for", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("found_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("repaired_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("report", sa.Text(), nullable=True),
        sa.Column("seen_at_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_rebuilds")),
        sa.UniqueConstraint("open_for", name=op.f("uq_stock_rebuilds_open_for")),
    )
    op.create_index(op.f("ix_stock_rebuilds_shop_found_at_ms"), "stock_rebuilds", ["shop", "found_at_ms"])


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
