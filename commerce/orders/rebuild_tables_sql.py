"""The table of lost stock: when it was found, and what the rebuild did."""

import sqlalchemy as sa

from commerce.database_sql import metadata

stock_rebuilds = sa.Table(
    "stock_rebuilds",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("shop", sa.String(40), nullable=False),
    # The shop while it is frozen, null afterwards: a shop is frozen once at a time.
    sa.Column("open_for", sa.String(40)),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("found_at_ms", sa.BigInteger, nullable=False),
    sa.Column("repaired_at_ms", sa.BigInteger),
    sa.Column("report", sa.Text),  # JSON of commerce.sale.rebuild.Report, once it is repaired
    sa.Column("seen_at_ms", sa.BigInteger),  # when the host said that they have read it
    sa.UniqueConstraint("open_for"),
    sa.Index(None, "shop", "found_at_ms"),
)
