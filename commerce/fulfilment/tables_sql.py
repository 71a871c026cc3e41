"""Parcels and what is in them."""

import sqlalchemy as sa

from commerce.database_sql import metadata
from commerce.orders.tables_sql import ID

parcels = sa.Table(
    "parcels",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("order", ID, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("shop", ID, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("carrier", sa.String(40), nullable=False),  # "" until it is known
    sa.Column("tracking", sa.String(64), nullable=False),
    sa.Column("tracking_url", sa.Text),
    sa.Column("packed_at_ms", sa.BigInteger, nullable=False),
    sa.Column("sent_at_ms", sa.BigInteger),
    sa.Column("delivered_at_ms", sa.BigInteger),
    sa.Index("ix_parcels_order", "order"),
)

parcel_lines = sa.Table(
    "parcel_lines",
    metadata,
    sa.Column("parcel", ID, sa.ForeignKey("parcels.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),  # of the order's line
    sa.Column("quantity", sa.Integer, nullable=False),
)
