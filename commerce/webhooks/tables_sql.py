"""Outgoing webhooks: where a shop wants to be told, what happened, and each endpoint's copy of it."""

import sqlalchemy as sa

from commerce.database_sql import metadata

webhook_endpoints = sa.Table(
    "webhook_endpoints",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("description", sa.String(200), nullable=False, server_default=""),
    sa.Column("types", sa.Text, nullable=False),  # JSON: the event types wanted
    sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("off_reason", sa.String(16)),  # None: on, or switched off by hand
    sa.Column("secrets", sa.Text, nullable=False),  # JSON, sealed, newest first; see signing.py
    sa.Column("language", sa.String(8), nullable=False),  # of mails about it
    sa.Column("failing_since_ms", sa.BigInteger),  # None: the last delivery was taken
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "shop"),
)

webhook_events = sa.Table(
    "webhook_events",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # as it travels, every time
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "created_at_ms"),
)

webhook_deliveries = sa.Table(
    "webhook_deliveries",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("event", sa.String(32), sa.ForeignKey("webhook_events.id"), nullable=False),
    sa.Column("endpoint", sa.String(32), sa.ForeignKey("webhook_endpoints.id"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_try_at_ms", sa.BigInteger),  # None: delivered, or given up
    sa.Column("tried_at_ms", sa.BigInteger),
    sa.Column("took_ms", sa.Integer),
    sa.Column("status", sa.Integer),  # of the last answer; None: there was none
    sa.Column("trouble", sa.String(16)),  # why there was none
    sa.Column("answer", sa.Text, nullable=False, server_default=""),  # the beginning of its body
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("event", "endpoint"),
    sa.Index(None, "next_try_at_ms"),
    sa.Index(None, "endpoint", "created_at_ms", "id"),
)
