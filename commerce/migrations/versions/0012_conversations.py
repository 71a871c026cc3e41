"""Conversations about orders, their messages, what is sent with them; pictures of comments."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("buyer_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("shop_read", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buyer_unread", sa.Integer(), server_default="0", nullable=False),
        sa.Column("shop_unread", sa.Integer(), server_default="0", nullable=False),
        sa.Column("buyer_told_ms", sa.BigInteger(), nullable=True),
        sa.Column("shop_told_ms", sa.BigInteger(), nullable=True),
        sa.Column("shop_language", sa.String(length=8), nullable=True),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_conversations_order")),
        sa.PrimaryKeyConstraint("order", name=op.f("pk_conversations")),
    )
    op.create_index("ix_conversations_shop", "conversations", ["shop", "shop_unread"], unique=False)
    op.create_table(
        "conversation_messages",
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("author", sa.String(length=40), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order"], ["conversations.order"], name=op.f("fk_conversation_messages_order")
        ),
        sa.PrimaryKeyConstraint("order", "number", name=op.f("pk_conversation_messages")),
    )
    op.create_table(
        "conversation_attachments",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("message", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_conversation_attachments_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_attachments")),
    )
    op.create_index(
        "ix_conversation_attachments_order", "conversation_attachments", ["order", "message"], unique=False
    )
    op.create_index(
        "ix_conversation_attachments_created", "conversation_attachments", ["created_at_ms"], unique=False
    )
    op.create_table(
        "comment_pictures",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("show", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("comment", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("said_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["show"], ["shows.id"], name=op.f("fk_comment_pictures_show")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_pictures")),
    )
    op.create_index(
        op.f("ix_comment_pictures_show_person"), "comment_pictures", ["show", "person"], unique=False
    )
    op.create_index(
        op.f("ix_comment_pictures_created_at_ms"), "comment_pictures", ["created_at_ms"], unique=False
    )


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
