"""Following a shop."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "follows",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("by_mail", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_follows_shop")),
        sa.PrimaryKeyConstraint("shop", "person", name=op.f("pk_follows")),
    )
    op.create_index(op.f("ix_follows_person"), "follows", ["person"], unique=False)
    op.create_table(
        "guest_mails",
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("confirmed_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_guest_mails")),
    )
    op.create_table(
        "community_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_community_links")),
    )
    op.create_index(op.f("ix_community_links_person"), "community_links", ["person"], unique=False)
    op.create_index(
        op.f("ix_community_links_expires_at_ms"), "community_links", ["expires_at_ms"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
