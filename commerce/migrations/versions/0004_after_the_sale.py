"""After the sale: parcels, refunds, returns, invoices."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "invoice_series",
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "year", name=op.f("pk_invoice_series")),
    )
    op.create_table(
        "return_rules",
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("withdrawal", sa.String(length=8), nullable=False),
        sa.Column("delivery_days", sa.Integer(), nullable=False),
        sa.Column("return_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("shop", name=op.f("pk_return_rules")),
    )
    op.create_table(
        "invoices",
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("issued_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_invoices_order")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_invoices")),
        sa.UniqueConstraint(
            "shop", "kind", "year", "sequence", name=op.f("uq_invoices_shop_kind_year_sequence")
        ),
    )
    op.create_index("ix_invoices_order", "invoices", ["order"], unique=False)
    op.create_table(
        "parcels",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("carrier", sa.String(length=40), nullable=False),
        sa.Column("tracking", sa.String(length=64), nullable=False),
        sa.Column("tracking_url", sa.Text(), nullable=True),
        sa.Column("packed_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("sent_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("delivered_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_parcels_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parcels")),
    )
    op.create_index("ix_parcels_order", "parcels", ["order"], unique=False)
    op.create_table(
        "returns",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("closed_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_returns_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_returns")),
    )
    op.create_index("ix_returns_order", "returns", ["order"], unique=False)
    op.create_index("ix_returns_shop", "returns", ["shop", "state"], unique=False)
    op.create_table(
        "parcel_lines",
        sa.Column("parcel", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["parcel"], ["parcels.id"], name=op.f("fk_parcel_lines_parcel")),
        sa.PrimaryKeyConstraint("parcel", "position", name=op.f("pk_parcel_lines")),
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("order", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=40), nullable=False),
        sa.Column("payment", sa.String(length=40), nullable=False),
        sa.Column("return_id", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("restock", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("refusal", sa.String(length=64), nullable=True),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("next_step_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["order"], ["orders.id"], name=op.f("fk_refunds_order")),
        sa.ForeignKeyConstraint(["payment"], ["payments.id"], name=op.f("fk_refunds_payment")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
    )
    op.create_index("ix_refunds_next_step", "refunds", ["next_step_at_ms"], unique=False)
    op.create_index("ix_refunds_order", "refunds", ["order"], unique=False)
    op.create_index("ix_refunds_updated", "refunds", ["updated_at_ms"], unique=False)
    op.create_table(
        "return_lines",
        sa.Column("return_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["return_id"], ["returns.id"], name=op.f("fk_return_lines_return_id")),
        sa.PrimaryKeyConstraint("return_id", "position", name=op.f("pk_return_lines")),
    )
    op.create_table(
        "refund_lines",
        sa.Column("refund", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["refund"], ["refunds.id"], name=op.f("fk_refund_lines_refund")),
        sa.PrimaryKeyConstraint("refund", "position", name=op.f("pk_refund_lines")),
    )
    op.add_column(
        "orders", sa.Column("fulfilment", sa.String(length=16), server_default="open", nullable=False)
    )
    op.create_index("ix_orders_updated", "orders", ["updated_at_ms"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
