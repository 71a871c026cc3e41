"""Invoices and credit notes, and the last number of each series."""

import sqlalchemy as sa

from commerce.database_sql import metadata
from commerce.orders.tables_sql import ID, JSON_TEXT

invoices = sa.Table(
    "invoices",
    metadata,
    sa.Column("subject", ID, primary_key=True),  # the order of an invoice, the refund of a credit note
    sa.Column("order", ID, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("shop", ID, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("year", sa.Integer, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),  # 1, 2, 3, … in a shop, kind and year
    sa.Column("number", sa.String(24), nullable=False),
    sa.Column("issued_at_ms", sa.BigInteger, nullable=False),
    sa.Column("content", JSON_TEXT, nullable=False),  # all that stands on it, as it was
    sa.UniqueConstraint("shop", "kind", "year", "sequence"),
    sa.Index("ix_invoices_order", "order"),
)

invoice_series = sa.Table(
    "invoice_series",
    metadata,
    sa.Column("shop", ID, primary_key=True),
    sa.Column("kind", sa.String(16), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
)
