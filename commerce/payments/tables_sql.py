"""The webhook inbox: deliveries are stored first and applied afterwards. And how a shop can be paid."""

import sqlalchemy as sa

from commerce.database_sql import metadata

payment_inbox = sa.Table(
    "payment_inbox",
    metadata,
    sa.Column("provider", sa.String(32), primary_key=True),
    sa.Column("id", sa.String(128), primary_key=True),  # the provider's; repeats have the same
    sa.Column("payment", sa.String(40), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reference", sa.String(128), nullable=False),
    sa.Column("fingerprint", sa.String(128)),
    sa.Column("ask", sa.Boolean, nullable=False, server_default=sa.false()),  # only a hint: ask the provider
    sa.Column("received_at_ms", sa.BigInteger, nullable=False),
    sa.Column("next_try_at_ms", sa.BigInteger),  # None: applied, or of no payment of ours
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_payment_inbox_next_try", "next_try_at_ms"),
)

payment_methods = sa.Table(
    "payment_methods",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("method", sa.String(32), primary_key=True),
    sa.Column("offered", sa.Boolean, nullable=False),
    sa.Column("instructions", sa.Text, nullable=False, server_default=""),  # for ways to pay by hand
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
)
