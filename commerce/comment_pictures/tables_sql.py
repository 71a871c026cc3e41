"""Pictures of comments: whose they are, and with which comment they were shown."""

import sqlalchemy as sa

from commerce.database_sql import metadata

comment_pictures = sa.Table(
    "comment_pictures",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), nullable=False),
    # An account or a guest, so no foreign key.
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("comment", sa.String(64)),  # None while it waits for one
    sa.Column("key", sa.String(64)),  # the idempotency key of that comment
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("said_at_ms", sa.BigInteger),
    sa.Index(None, "show", "person"),
    sa.Index(None, "created_at_ms"),
)
