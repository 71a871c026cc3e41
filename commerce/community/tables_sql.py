"""Who follows a shop, whose guest's address is confirmed, and the mailed links that confirm one.

A person is an account or a guest, so `person` has no foreign key.
"""

import sqlalchemy as sa

from commerce.database_sql import metadata

follows = sa.Table(
    "follows",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("by_mail", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("language", sa.String(8), nullable=False),  # of mails and pushes about it
    sa.Index(None, "person"),
)

guest_mails = sa.Table(
    "guest_mails",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("confirmed_at_ms", sa.BigInteger, nullable=False),
)

community_links = sa.Table(
    "community_links",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("email", sa.String(254), nullable=False),
    sa.Column("shop", sa.String(32), nullable=False),
    sa.Column("show", sa.String(32)),  # None: it follows the shop; else it reminds of the show
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "person"),
    sa.Index(None, "expires_at_ms"),
)

reminders = sa.Table(
    "reminders",
    metadata,
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), primary_key=True),
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("since_ms", sa.BigInteger, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Index(None, "person"),
)

show_notices = sa.Table(
    "show_notices",
    metadata,
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), primary_key=True),
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),  # soon, live
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)

push_subscriptions = sa.Table(
    "push_subscriptions",
    metadata,
    sa.Column("id", sa.String(64), primary_key=True),  # SHA-256 of the endpoint
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("endpoint", sa.Text, nullable=False),
    sa.Column("p256dh", sa.String(100), nullable=False),  # the browser's key, base64url
    sa.Column("auth", sa.String(40), nullable=False),  # its secret, base64url
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "person"),
)
