"""Conversations about orders: one for each order that has one, its messages, and what was sent with them."""

import sqlalchemy as sa

from commerce.database_sql import metadata
from commerce.orders.tables_sql import ID

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("order", ID, sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("shop", ID, nullable=False),
    # Rises with whatever a reader could see change; who knows this number has seen everything.
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("last", sa.Integer, nullable=False),  # number of the newest message, 0 before the first
    sa.Column("closed", sa.Boolean, nullable=False, server_default=sa.false()),  # to the buyer's messages
    sa.Column("buyer_read", sa.Integer, nullable=False, server_default="0"),  # the number read up to
    sa.Column("shop_read", sa.Integer, nullable=False, server_default="0"),
    sa.Column("buyer_unread", sa.Integer, nullable=False, server_default="0"),  # messages of the other side
    sa.Column("shop_unread", sa.Integer, nullable=False, server_default="0"),
    # Since when a side is being told by mail of what it has not read; None: there is nothing to tell.
    sa.Column("buyer_told_ms", sa.BigInteger),
    sa.Column("shop_told_ms", sa.BigInteger),
    sa.Column("shop_language", sa.String(8)),  # of the staff's latest message; None before there is one
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_conversations_shop", "shop", "shop_unread"),
)

messages = sa.Table(
    "conversation_messages",
    metadata,
    sa.Column("order", ID, sa.ForeignKey("conversations.order"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),  # 1 is the first
    sa.Column("kind", sa.String(8), nullable=False),  # said, closed, reopened
    sa.Column("side", sa.String(8), nullable=False),  # buyer or shop
    sa.Column("author", ID),  # whose of the staff it is; None for the buyer's
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)

attachments = sa.Table(
    "conversation_attachments",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("order", ID, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("side", sa.String(8), nullable=False),
    sa.Column("kind", sa.String(8), nullable=False),  # picture or voice
    sa.Column("message", sa.Integer),  # the message it was sent with; None while it waits for one
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("width", sa.Integer),
    sa.Column("height", sa.Integer),
    sa.Column("duration_ms", sa.Integer),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_conversation_attachments_order", "order", "message"),
    sa.Index("ix_conversation_attachments_created", "created_at_ms"),
)
