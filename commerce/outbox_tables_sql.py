"""Two tables that every domain writes beside its own change: the outbox, and answered operations."""

import sqlalchemy as sa

from commerce.database_sql import metadata

outbox = sa.Table(
    "outbox",
    metadata,
    # SQLite numbers rows by itself only when the key is a plain INTEGER.
    sa.Column(
        "seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True
    ),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("lane", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("shop", sa.String(32)),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("due_at_ms", sa.BigInteger, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refused", sa.Text),
    sa.Index(None, "lane", "seq"),
    sa.Index(None, "due_at_ms"),
)

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("operation", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "created_at_ms"),
)

data_format = sa.Table(
    "data_format",
    metadata,
    # One row: the oldest release that may use this data.
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("oldest_release", sa.String(32), nullable=False),
)
