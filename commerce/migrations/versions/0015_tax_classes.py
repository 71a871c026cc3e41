"""What each product is to the tax, rates by place and class, the rate of each line of an order.

And when a shop was told of a return: those there are already count as told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def _tax_class() -> sa.Column[str]:
    return sa.Column("tax_class", sa.String(length=24), server_default="standard", nullable=False)


def upgrade() -> None:
    op.add_column("products", _tax_class())
    for column in (
        _tax_class(),
        sa.Column("tax_name", sa.String(length=40), nullable=True),
        sa.Column("tax_rate_ppm", sa.Integer(), nullable=True),
    ):
        op.add_column("order_lines", column)
    with op.batch_alter_table("tax_rates") as batch:
        batch.add_column(_tax_class())
        batch.drop_constraint("pk_tax_rates", type_="primary")
        batch.create_primary_key("pk_tax_rates", ["shop", "place", "tax_class"])
    op.add_column("returns", sa.Column("told_ms", sa.BigInteger(), nullable=True))
    op.execute("UPDATE returns SET told_ms = created_at_ms")


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
