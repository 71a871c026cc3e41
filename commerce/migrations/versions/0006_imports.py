"""Imports of products, and by which names files know them."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("blob", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("later", sa.Text(), server_default="[]", nullable=False),
        sa.Column("rows_total", sa.Integer(), nullable=False),
        sa.Column("rows_unread", sa.Integer(), nullable=False),
        sa.Column("rows_bad", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_failed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("made", sa.Integer(), server_default="0", nullable=False),
        sa.Column("changed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kept", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("started_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_at_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_imports_shop")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_shop_created_at_ms"), "imports", ["shop", "created_at_ms"], unique=False)
    op.create_index(op.f("ix_imports_state"), "imports", ["state"], unique=False)
    op.create_table(
        "picture_sources",
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.id"], name=op.f("fk_picture_sources_product")),
        sa.PrimaryKeyConstraint("product", "source", name=op.f("pk_picture_sources")),
    )
    op.create_table(
        "picture_waits",
        sa.Column("import_id", sa.String(length=32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("column_name", sa.String(length=200), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("alt", sa.String(length=300), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_picture_waits_import_id")),
        sa.ForeignKeyConstraint(["product"], ["products.id"], name=op.f("fk_picture_waits_product")),
        sa.PrimaryKeyConstraint("import_id", "seq", name=op.f("pk_picture_waits")),
    )
    op.create_table(
        "product_handles",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("handle", sa.String(length=200), nullable=False),
        sa.Column("product", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["product"], ["products.id"], name=op.f("fk_product_handles_product")),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_product_handles_shop")),
        sa.PrimaryKeyConstraint("shop", "handle", name=op.f("pk_product_handles")),
    )
    op.create_index(op.f("ix_product_handles_product"), "product_handles", ["product"], unique=False)
    op.create_table(
        "variant_names",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("variant", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_variant_names_shop")),
        sa.ForeignKeyConstraint(["variant"], ["variants.id"], name=op.f("fk_variant_names_variant")),
        sa.PrimaryKeyConstraint("shop", "name", name=op.f("pk_variant_names")),
    )
    op.create_index(op.f("ix_variant_names_variant"), "variant_names", ["variant"], unique=False)


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
