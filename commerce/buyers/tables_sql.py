"""What buyers let us remember. Deleting it is deleting these rows; orders have their own copy."""

import sqlalchemy as sa

from commerce.database_sql import metadata

ID = sa.String(40)

saved_buyers = sa.Table(
    "saved_buyers",
    metadata,
    sa.Column("person", ID, primary_key=True),  # an account or a guest, so no foreign key
    sa.Column("contact_name", sa.Text, nullable=False),
    sa.Column("contact_email", sa.Text, nullable=False),
    sa.Column("contact_phone", sa.Text),
    sa.Column("address_line1", sa.Text),  # all of them null: no address was ever needed
    sa.Column("address_line2", sa.Text),
    sa.Column("address_city", sa.Text),
    sa.Column("address_region", sa.Text),
    sa.Column("address_postcode", sa.Text),
    sa.Column("address_country", sa.String(2)),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
)

saved_shipping = sa.Table(
    "saved_shipping",
    metadata,
    sa.Column("person", ID, primary_key=True),
    sa.Column("shop", ID, primary_key=True),
    sa.Column("shipping", ID, nullable=False),
)

saved_means = sa.Table(
    "saved_means",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("person", ID, nullable=False),
    sa.Column("provider", sa.String(32), nullable=False),
    sa.Column("token", sa.String(255), nullable=False),  # the provider's; useless to anybody else
    sa.Column("label", sa.String(80), nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("person", "provider", "token"),
    sa.Index(None, "provider", "token"),
)
