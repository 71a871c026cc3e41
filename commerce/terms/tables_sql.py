"""What a shop adds to its prices. A shop without a row here has the terms of `commerce.terms.structs`."""

import sqlalchemy as sa

from commerce.database_sql import metadata

shop_terms = sa.Table(
    "shop_terms",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("tax_inclusive", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
)

shipping_methods = sa.Table(
    "shipping_methods",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("note", sa.String(500), nullable=False, server_default=""),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("free_from_minor", sa.BigInteger),
    sa.Column("places", sa.Text, nullable=False),  # JSON: a list of `DE` and `US-CA`, empty for everywhere
    sa.Column("min_days", sa.Integer),
    sa.Column("max_days", sa.Integer),
    sa.Column("taxed", sa.Boolean, nullable=False, server_default=sa.true()),
)

tax_rates = sa.Table(
    "tax_rates",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("place", sa.String(8), primary_key=True),  # `DE` or `US-CA`
    sa.Column("tax_class", sa.String(24), primary_key=True, server_default="standard"),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("rate_ppm", sa.Integer, nullable=False),
)
