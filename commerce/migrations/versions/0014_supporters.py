"""Which orders are announced, and which shops show their supporters."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("announced", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.create_index("ix_orders_show", "orders", ["show"], unique=False)
    op.add_column("shops", sa.Column("supporters", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
