"""Share links, who came by them, and the link an order is owed to."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "share_links",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("show", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=32), nullable=False),
        sa.Column("label", sa.String(length=60), server_default="", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("visits", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entries", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_share_links_shop")),
        sa.ForeignKeyConstraint(["show"], ["shows.id"], name=op.f("fk_share_links_show")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_share_links")),
        sa.UniqueConstraint("show", "owner", "label", name=op.f("uq_share_links_show_owner_label")),
    )
    op.create_index(op.f("ix_share_links_owner"), "share_links", ["owner"], unique=False)
    op.create_table(
        "share_seen",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("code", "kind", "day", "device", name=op.f("pk_share_seen")),
    )
    op.create_index(op.f("ix_share_seen_day"), "share_seen", ["day"], unique=False)
    op.add_column("orders", sa.Column("via", sa.String(length=16), nullable=True))
    op.create_index("ix_orders_via", "orders", ["via"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
