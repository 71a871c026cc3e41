"""Ways to pay of each shop, instructions for paying by hand, and webhooks that are only a hint."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "payment_methods",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("method", sa.String(length=32), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False),
        sa.Column("instructions", sa.Text(), server_default="", nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_payment_methods_shop")),
        sa.PrimaryKeyConstraint("shop", "method", name=op.f("pk_payment_methods")),
    )
    op.add_column("payments", sa.Column("instructions", sa.Text(), nullable=True))
    op.add_column("payment_inbox", sa.Column("ask", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
