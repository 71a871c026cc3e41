"""Imports, and by which names files know our products, variants and pictures."""

import sqlalchemy as sa

from commerce.database_sql import metadata

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("file_name", sa.String(200), nullable=False),
    sa.Column("blob", sa.String(100), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    # The dry run's answer, and what went wrong since, as JSON.
    sa.Column("report", sa.Text, nullable=False),
    sa.Column("later", sa.Text, nullable=False, server_default="[]"),
    # Rows of the file; those that cannot be read as products; those that the dry run would leave out.
    sa.Column("rows_total", sa.Integer, nullable=False),
    sa.Column("rows_unread", sa.Integer, nullable=False),
    sa.Column("rows_bad", sa.Integer, nullable=False),
    # Products done so far, in the file's order; the transaction that does one raises it by one.
    sa.Column("position", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rows_done", sa.Integer, nullable=False, server_default="0"),
    sa.Column("rows_failed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("made", sa.Integer, nullable=False, server_default="0"),
    sa.Column("changed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("kept", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("started_at_ms", sa.BigInteger),
    sa.Column("ended_at_ms", sa.BigInteger),
    sa.Index(None, "shop", "created_at_ms"),
    sa.Index(None, "state"),
)

product_handles = sa.Table(
    "product_handles",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("handle", sa.String(200), primary_key=True),
    sa.Column("product", sa.String(32), sa.ForeignKey("products.id"), nullable=False),
    sa.Index(None, "product"),
)

variant_names = sa.Table(
    "variant_names",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("name", sa.String(50), primary_key=True),
    sa.Column("variant", sa.String(32), sa.ForeignKey("variants.id"), nullable=False),
    sa.Index(None, "variant"),
)

picture_sources = sa.Table(
    "picture_sources",
    metadata,
    sa.Column("product", sa.String(32), sa.ForeignKey("products.id"), primary_key=True),
    # SHA-256 of the address, which may be longer than a key can be.
    sa.Column("source", sa.String(64), primary_key=True),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)
"""Addresses whose picture a product has: a file imported again fetches none of them twice."""

picture_waits = sa.Table(
    "picture_waits",
    metadata,
    sa.Column("import_id", sa.String(32), sa.ForeignKey("imports.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("product", sa.String(32), sa.ForeignKey("products.id"), nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("column_name", sa.String(200), nullable=False),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("alt", sa.String(300), nullable=False, server_default=""),
)
"""Pictures that an import still has to fetch; each row goes when its picture came, or cannot come."""
