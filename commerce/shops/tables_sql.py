"""Shops, who works in them, and whom they banned."""

import sqlalchemy as sa

from commerce.database_sql import metadata

shops = sa.Table(
    "shops",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("slug", sa.String(40), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("currency", sa.String(3), nullable=False),
    sa.Column("legal_name", sa.String(200), nullable=False, server_default=""),
    sa.Column("legal_address", sa.String(500), nullable=False, server_default=""),
    sa.Column("contact_email", sa.String(254), nullable=False, server_default=""),
    sa.Column("accent", sa.String(7), nullable=False, server_default="#d97706"),
    sa.Column("avatar", sa.String(32)),
    sa.Column("supporters", sa.Boolean, nullable=False, server_default=sa.true()),  # its rooms list them
    # Counts bans and lifted bans; each one's version in Redis comes from here, so a later one always wins.
    sa.Column("ban_version", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
)

shop_staff = sa.Table(
    "shop_staff",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("person", sa.String(32), sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("added_at_ms", sa.BigInteger, nullable=False),
    # Whether a role that sees no takings and orders may see them.
    sa.Column("money", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "person"),
)

show_staff = sa.Table(
    "show_staff",
    metadata,
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), primary_key=True),
    sa.Column("person", sa.String(32), sa.ForeignKey("accounts.id"), primary_key=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("added_at_ms", sa.BigInteger, nullable=False),
    sa.Column("money", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Index(None, "person"),
)

bans = sa.Table(
    "bans",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    # An account or a guest, so no foreign key.
    sa.Column("person", sa.String(32), primary_key=True),
    sa.Column("banned", sa.Boolean, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("reason", sa.String(500), nullable=False, server_default=""),
    sa.Column("name", sa.String(80), nullable=False, server_default=""),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    # By the shop's clock; None is for good.
    sa.Column("expires_at_ms", sa.BigInteger),
    # Set when the ban is on the device and the address too; of the address only a keyed hash is kept.
    sa.Column("device", sa.String(64)),
    sa.Column("address_key", sa.String(64)),
    sa.Index(None, "shop", "device"),
    sa.Index(None, "shop", "address_key"),
)
