"""First paid, first served: a flash sale in which units are held only when payment begins."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "flash_sales", sa.Column("pay_first", sa.Boolean(), server_default=sa.false(), nullable=False)
    )


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
