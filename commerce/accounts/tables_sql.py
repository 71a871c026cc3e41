"""Accounts, guests, their devices, and the one-time links sent by mail."""

import sqlalchemy as sa

from commerce.database_sql import metadata

accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    # Null once the account is deleted: the row stays because orders point to it.
    sa.Column("email", sa.String(254), unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("password_hash", sa.String(200)),
    sa.Column("email_confirmed_at_ms", sa.BigInteger),
    sa.Column("admin", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("announce_purchases", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("deleted_at_ms", sa.BigInteger),
)

guests = sa.Table(
    "guests",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("announce_purchases", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("merged_into", sa.String(32), sa.ForeignKey("accounts.id")),
    sa.Index(None, "merged_into"),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("seen_at_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
    sa.Column("ended_at_ms", sa.BigInteger),
    sa.Index(None, "person"),
    sa.Index(None, "expires_at_ms"),
)

account_links = sa.Table(
    "account_links",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(32), sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),
    # The address it was sent to: a link confirms that one, not a later one.
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "account"),
)
