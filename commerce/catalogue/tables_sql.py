"""Products, their variants with every price they ever had, and pictures."""

import sqlalchemy as sa

from commerce.database_sql import metadata

products = sa.Table(
    "products",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("published", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("tax_class", sa.String(24), nullable=False, server_default="standard"),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    # A product that was sold stays for its orders; it is only not shown any more.
    sa.Column("deleted_at_ms", sa.BigInteger),
    sa.Index(None, "shop", "created_at_ms"),
)

variants = sa.Table(
    "variants",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("product", sa.String(32), sa.ForeignKey("products.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("sku", sa.String(80), nullable=False, server_default=""),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("compare_at_minor", sa.BigInteger),
    sa.Column("price_version", sa.BigInteger, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "product"),
)

prices = sa.Table(
    "prices",
    metadata,
    sa.Column("variant", sa.String(32), sa.ForeignKey("variants.id"), primary_key=True),
    sa.Column("version", sa.BigInteger, primary_key=True),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("compare_at_minor", sa.BigInteger),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("from_ms", sa.BigInteger, nullable=False),
)

pictures = sa.Table(
    "pictures",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    # Null: the shop's avatar or a show's poster.
    sa.Column("product", sa.String(32), sa.ForeignKey("products.id")),
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("alt", sa.String(300), nullable=False, server_default=""),
    sa.Column("width", sa.Integer, nullable=False),
    sa.Column("height", sa.Integer, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "product", "position"),
)
