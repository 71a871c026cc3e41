"""Shows, what they show in which order, and their flash sales."""

import sqlalchemy as sa

from commerce.database_sql import metadata

shows = sa.Table(
    "shows",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("starts_at_ms", sa.BigInteger, nullable=False),
    sa.Column("started_at_ms", sa.BigInteger),
    sa.Column("ended_at_ms", sa.BigInteger),
    sa.Column("poster", sa.String(32), sa.ForeignKey("pictures.id")),
    sa.Column("pinned", sa.String(32), sa.ForeignKey("products.id")),
    sa.Column("outside_players", sa.Boolean, nullable=False, server_default=sa.false()),
    # The key's hash decides; the sealed key is for the host, who must be able to see it again.
    sa.Column("stream_key_hash", sa.String(64), nullable=False),
    sa.Column("stream_key_sealed", sa.String(200), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "state", "starts_at_ms"),
    sa.Index(None, "shop", "starts_at_ms"),
)

show_products = sa.Table(
    "show_products",
    metadata,
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), primary_key=True),
    sa.Column("product", sa.String(32), sa.ForeignKey("products.id"), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Index(None, "product"),
)

flash_sales = sa.Table(
    "flash_sales",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), nullable=False),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    sa.Column("product", sa.String(32), sa.ForeignKey("products.id"), nullable=False),
    sa.Column("variant", sa.String(32), sa.ForeignKey("variants.id"), nullable=False),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("limit", sa.Integer, nullable=False),
    sa.Column("starts_at_ms", sa.BigInteger, nullable=False),
    sa.Column("ends_at_ms", sa.BigInteger, nullable=False),
    sa.Column("ended_at_ms", sa.BigInteger),
    # Counts changes; Redis takes a record only when its version is higher than the one it has.
    sa.Column("version", sa.BigInteger, nullable=False),
    # Null until Redis took the record and the units; `refused` says why it did not.
    sa.Column("opened_at_ms", sa.BigInteger),
    sa.Column("refused", sa.String(40)),
    sa.Column("refused_facts", sa.Text),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("pay_first", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "show", "starts_at_ms"),
    sa.Index(None, "variant"),
    sa.Index(None, "ends_at_ms"),
)
