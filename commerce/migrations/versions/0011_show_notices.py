"""Reminders of shows, what was sent of them, and browsers that take pushes."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("community_links", sa.Column("show", sa.String(length=32), nullable=True))
    op.create_table(
        "reminders",
        sa.Column("show", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("since_ms", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["show"], ["shows.id"], name=op.f("fk_reminders_show")),
        sa.PrimaryKeyConstraint("show", "person", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_person"), "reminders", ["person"], unique=False)
    op.create_table(
        "show_notices",
        sa.Column("show", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["show"], ["shows.id"], name=op.f("fk_show_notices_show")),
        sa.PrimaryKeyConstraint("show", "person", "kind", name=op.f("pk_show_notices")),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.String(length=100), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
    )
    op.create_index(op.f("ix_push_subscriptions_person"), "push_subscriptions", ["person"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
