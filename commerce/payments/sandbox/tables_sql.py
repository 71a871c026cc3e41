"""The sandbox provider's own book. Commerce never reads these tables."""

import sqlalchemy as sa

from commerce.database_sql import metadata

sandbox_payments = sa.Table(
    "sandbox_payments",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("reference", sa.String(64), nullable=False, unique=True),  # the merchant's own id
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("captured_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("refunded_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("seller_name", sa.Text, nullable=False),
    sa.Column("return_url", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.String(80)),
    sa.Column("refuse_capture", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
    sa.Column("customer", sa.String(64)),  # whose card is kept when it is approved
    sa.Column("means", sa.String(64)),  # the card that was kept, or charged
)

sandbox_means = sa.Table(
    "sandbox_means",  # the cards it keeps for the merchant's customers
    metadata,
    sa.Column("token", sa.String(64), primary_key=True),
    sa.Column("customer", sa.String(64), nullable=False),
    sa.Column("card", sa.String(64), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("customer", "card"),
)

sandbox_answers = sa.Table(
    "sandbox_answers",  # a repeated call with the same key gets the same answer
    metadata,
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("call_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
)

sandbox_webhooks = sa.Table(
    "sandbox_webhooks",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("payment", sa.String(40), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("deliveries_left", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at_ms", sa.BigInteger),  # None: delivered as often as asked, or given up
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_sandbox_webhooks_next_try", "next_try_at_ms"),
)
