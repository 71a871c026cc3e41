"""The tables of orders, their payments, and the ledger's copy.

Personal data stands in columns of its own (`contact_*`, `address_*`), so that forgetting a person
keeps the order's figures. Times are milliseconds since 1970.
"""

import sqlalchemy as sa

from commerce.database_sql import metadata

ID = sa.String(40)
JSON_TEXT = sa.Text
"""JSON kept as text: written once, read whole, never searched."""

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("number", sa.String(16), nullable=False),
    sa.Column("shop", ID, nullable=False),
    sa.Column("show", ID),
    sa.Column("person", ID, nullable=False),
    sa.Column("token", sa.String(64), nullable=False),  # the right of the guest's link
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("stock", sa.String(16), nullable=False),
    sa.Column("fulfilment", sa.String(16), nullable=False, server_default="open"),  # how much was sent
    sa.Column("winner", ID),  # the payment that pays it, once one is authorised
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("items_minor", sa.BigInteger, nullable=False),
    sa.Column("shipping_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),  # all of it, the shipping's too
    sa.Column("discount_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("shipping_tax_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("shipping_taxes", JSON_TEXT),  # a row a rate it shares; None: an older release's
    sa.Column("tax_name", sa.String(40)),  # of the rate that most of the goods' money bears; None: of none
    sa.Column("tax_rate_ppm", sa.Integer, nullable=False, server_default="0"),
    sa.Column("tax_inclusive", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("shipping", JSON_TEXT),  # the way it is sent, as it was agreed
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("method", sa.String(32), nullable=False),
    sa.Column("return_url", sa.Text, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("seller", JSON_TEXT, nullable=False),  # the seller's identity as it was shown
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("deadline_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
    sa.Column("next_step_at_ms", sa.BigInteger),  # when a worker looks again; None: nothing is left to do
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
    sa.Column("via", sa.String(16)),  # the share link it is owed to; None: nobody's
    sa.Column("announced", sa.Boolean, nullable=False, server_default=sa.true()),  # "Mei just bought"
    sa.Column("contact_name", sa.Text),
    sa.Column("contact_email", sa.Text),
    sa.Column("contact_phone", sa.Text),
    sa.Column("address_line1", sa.Text),
    sa.Column("address_line2", sa.Text),
    sa.Column("address_city", sa.Text),
    sa.Column("address_region", sa.Text),
    sa.Column("address_postcode", sa.Text),
    sa.Column("address_country", sa.String(2)),
    sa.UniqueConstraint("shop", "number"),
    sa.Index("ix_orders_person", "person", "created_at_ms"),
    sa.Index("ix_orders_shop", "shop", "created_at_ms", "id"),
    sa.Index("ix_orders_next_step", "next_step_at_ms"),
    sa.Index("ix_orders_updated", "updated_at_ms"),
    sa.Index("ix_orders_via", "via"),
    sa.Index("ix_orders_show", "show"),
)

order_lines = sa.Table(
    "order_lines",
    metadata,
    sa.Column("order", ID, sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("reservation", ID, nullable=False),
    sa.Column("pool", sa.String(48), nullable=False),
    sa.Column("product", ID, nullable=False),
    sa.Column("variant", ID, nullable=False),
    sa.Column("sale", ID),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("variant_title", sa.Text, nullable=False),
    sa.Column("picture", JSON_TEXT),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("price_minor", sa.BigInteger, nullable=False),
    sa.Column("price_version", sa.BigInteger, nullable=False),
    sa.Column("discount_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tax_minor", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("tax_class", sa.String(24), nullable=False, server_default="standard"),
    sa.Column("tax_name", sa.String(40)),  # None: no tax was taken of it, or see the next
    sa.Column("tax_rate_ppm", sa.Integer),  # None: a line from before rates stood on lines; the order's
    sa.Column("show_at_ms", sa.BigInteger),  # since the show went live; None outside a live show
)

order_reservations = sa.Table(
    "order_reservations",
    metadata,
    sa.Column("order", ID, sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("reservation", ID, primary_key=True),
    sa.Index("ix_order_reservations_reservation", "reservation"),
)

payments = sa.Table(
    "payments",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("order", ID, sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("shop", ID, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),  # 1 for the first
    sa.Column("method", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("reference", sa.String(128)),  # the provider's id
    sa.Column("pay_url", sa.Text),
    sa.Column("fingerprint", sa.String(128)),
    sa.Column("instructions", sa.Text),  # how to pay by hand, as the shop said it at checkout
    sa.Column("means", sa.String(255)),  # the token of a kept means of payment that it charges
    sa.Column("keeps_means", sa.Boolean, nullable=False, server_default=sa.false()),  # its buyer asked for it
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("order", "attempt"),
)

ledger_entries = sa.Table(
    "ledger_entries",
    metadata,
    sa.Column("shop", ID, primary_key=True),
    sa.Column("id", sa.String(48), primary_key=True),  # of the Redis stream
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("person", sa.String(64)),
    sa.Column("show", ID),
    sa.Column("reservation", ID),
    sa.Column("order", ID),
    sa.Column("pool", sa.String(48)),
    sa.Column("variant", ID),
    sa.Column("quantity", sa.BigInteger),
    sa.Column("fields", JSON_TEXT, nullable=False),  # the whole entry, ids and figures only
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_ledger_entries_reservation", "reservation"),
)

ledger_positions = sa.Table(
    "ledger_positions",
    metadata,
    sa.Column("shop", ID, primary_key=True),
    sa.Column("position", sa.String(48), nullable=False),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
)
