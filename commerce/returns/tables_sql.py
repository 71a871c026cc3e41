"""Refunds, what buyers want to give back, and what a shop lays down about it."""

import sqlalchemy as sa

from commerce.database_sql import metadata
from commerce.orders.tables_sql import ID

refunds = sa.Table(
    "refunds",
    metadata,
    sa.Column("id", ID, primary_key=True),  # the provider's idempotency key, too
    sa.Column("order", ID, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("shop", ID, nullable=False),
    sa.Column("payment", ID, sa.ForeignKey("payments.id"), nullable=False),
    sa.Column("return_id", ID),  # the return it closes
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("cause", sa.String(16), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("restock", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("refusal", sa.String(64)),  # the provider's word, once it said no
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
    sa.Column("done_at_ms", sa.BigInteger),
    sa.Column("next_step_at_ms", sa.BigInteger),  # when a worker calls the provider again; None: ended
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Index("ix_refunds_order", "order"),
    sa.Index("ix_refunds_next_step", "next_step_at_ms"),
    sa.Index("ix_refunds_updated", "updated_at_ms"),
)

refund_lines = sa.Table(
    "refund_lines",
    metadata,
    sa.Column("refund", ID, sa.ForeignKey("refunds.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),  # of the order's line
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("unsent", sa.Integer, nullable=False),  # units of these that were never sent, and will not be
)

returns = sa.Table(
    "returns",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("order", ID, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("shop", ID, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),  # the buyer's words
    sa.Column("answer", sa.Text, nullable=False),  # the host's words, "" before there are any
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
    sa.Column("received_at_ms", sa.BigInteger),
    sa.Column("closed_at_ms", sa.BigInteger),
    sa.Column("told_ms", sa.BigInteger),  # when the shop was told of it by mail; None: not yet
    sa.Index("ix_returns_order", "order"),
    sa.Index("ix_returns_shop", "shop", "state"),
)

return_lines = sa.Table(
    "return_lines",
    metadata,
    sa.Column("return_id", ID, sa.ForeignKey("returns.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),  # of the order's line
    sa.Column("quantity", sa.Integer, nullable=False),
)

return_rules = sa.Table(
    "return_rules",
    metadata,
    sa.Column("shop", ID, primary_key=True),
    sa.Column("withdrawal", sa.String(8), nullable=False),  # where the withdrawal function is offered
    sa.Column("delivery_days", sa.Integer, nullable=False),  # from sending to delivery, unless it is marked
    sa.Column("return_days", sa.Integer, nullable=False),  # after delivery; 0 takes nothing back by choice
)
