"""Links to a show that somebody shared, and which devices came by them lately."""

import sqlalchemy as sa

from commerce.database_sql import metadata

share_links = sa.Table(
    "share_links",
    metadata,
    sa.Column("code", sa.String(16), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), nullable=False),
    sa.Column("owner", sa.String(32), nullable=False),  # who shares it; "": the shop, under `label`
    sa.Column("label", sa.String(60), nullable=False, server_default=""),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("visits", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("entries", sa.BigInteger, nullable=False, server_default="0"),
    sa.UniqueConstraint("show", "owner", "label"),
    sa.Index(None, "owner"),
)

share_seen = sa.Table(
    "share_seen",
    metadata,
    sa.Column("code", sa.String(16), primary_key=True),
    sa.Column("kind", sa.String(8), primary_key=True),  # visit, entry
    sa.Column("day", sa.Integer, primary_key=True),  # since 1970, UTC
    sa.Column("device", sa.String(32), primary_key=True),  # a keyed hash of device and day
    sa.Index(None, "day"),
)
