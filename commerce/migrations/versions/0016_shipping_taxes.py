"""What shipping bears, rate by rate; orders from before bear their one rate and have none of it."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("orders", sa.Column("shipping_taxes", sa.Text(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
