"""Ways of shipping, taxes, and what an order keeps of them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "shop_terms",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_shop_terms_shop")),
        sa.PrimaryKeyConstraint("shop", name=op.f("pk_shop_terms")),
    )
    op.create_table(
        "shipping_methods",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("note", sa.String(length=500), server_default="", nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("free_from_minor", sa.BigInteger(), nullable=True),
        sa.Column("places", sa.Text(), nullable=False),
        sa.Column("min_days", sa.Integer(), nullable=True),
        sa.Column("max_days", sa.Integer(), nullable=True),
        sa.Column("taxed", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_shipping_methods_shop")),
        sa.PrimaryKeyConstraint("shop", "id", name=op.f("pk_shipping_methods")),
    )
    op.create_table(
        "tax_rates",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("place", sa.String(length=8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("rate_ppm", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_tax_rates_shop")),
        sa.PrimaryKeyConstraint("shop", "place", name=op.f("pk_tax_rates")),
    )
    for column in (
        sa.Column("discount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("shipping_tax_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax_name", sa.String(length=40), nullable=True),
        sa.Column("tax_rate_ppm", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("shipping", sa.Text(), nullable=True),
    ):
        op.add_column("orders", column)
    for column in (
        sa.Column("discount_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("show_at_ms", sa.BigInteger(), nullable=True),
    ):
        op.add_column("order_lines", column)
    op.create_table(
        "saved_buyers",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("contact_phone", sa.Text(), nullable=True),
        sa.Column("address_line1", sa.Text(), nullable=True),
        sa.Column("address_line2", sa.Text(), nullable=True),
        sa.Column("address_city", sa.Text(), nullable=True),
        sa.Column("address_region", sa.Text(), nullable=True),
        sa.Column("address_postcode", sa.Text(), nullable=True),
        sa.Column("address_country", sa.String(length=2), nullable=True),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_saved_buyers")),
    )
    op.create_table(
        "saved_shipping",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("shipping", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("person", "shop", name=op.f("pk_saved_shipping")),
    )
    op.create_table(
        "saved_means",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=255), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_means")),
        sa.UniqueConstraint("person", "provider", "token", name=op.f("uq_saved_means_person_provider_token")),
    )
    op.create_index(op.f("ix_saved_means_provider_token"), "saved_means", ["provider", "token"], unique=False)
    op.add_column("payments", sa.Column("means", sa.String(length=255), nullable=True))
    op.add_column(
        "payments", sa.Column("keeps_means", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "sandbox_means",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("customer", sa.String(length=64), nullable=False),
        sa.Column("card", sa.String(length=64), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_sandbox_means")),
        sa.UniqueConstraint("customer", "card", name=op.f("uq_sandbox_means_customer_card")),
    )
    op.add_column("sandbox_payments", sa.Column("customer", sa.String(length=64), nullable=True))
    op.add_column("sandbox_payments", sa.Column("means", sa.String(length=64), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
