"""The record of moderation, notes, ready answers, rules of rooms; bans that end, and of devices and addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("device", sa.String(length=64), nullable=True),
        sa.Column("address_key", sa.String(length=64), nullable=True),
    ):
        op.add_column("bans", column)
    op.create_index(op.f("ix_bans_shop_device"), "bans", ["shop", "device"])
    op.create_index(op.f("ix_bans_shop_address_key"), "bans", ["shop", "address_key"])
    _staff()
    _record()
    _files()


def _staff() -> None:
    money: sa.Column[bool] = sa.Column("money", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("shop_staff", money)
    op.create_table(
        "show_staff",
        sa.Column("show", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("added_at_ms", sa.BigInteger(), nullable=False),
        sa.Column("money", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["show"], ["shows.id"], name=op.f("fk_show_staff_show")),
        sa.ForeignKeyConstraint(["person"], ["accounts.id"], name=op.f("fk_show_staff_person")),
        sa.PrimaryKeyConstraint("show", "person", name=op.f("pk_show_staff")),
    )
    op.create_index(op.f("ix_show_staff_person"), "show_staff", ["person"])


def _record() -> None:
    op.create_table(
        "moderation_actions",
        sa.Column("show", sa.String(length=32), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("action_id", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=True),
        sa.Column("expires_at_ms", sa.BigInteger(), nullable=True),
        sa.Column("undo_of", sa.String(length=64), nullable=True),
        sa.Column("detail", sa.Text(), server_default="{}", nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["show"], ["shows.id"], name=op.f("fk_moderation_actions_show")),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_moderation_actions_shop")),
        sa.PrimaryKeyConstraint("show", "offset", "tag", name=op.f("pk_moderation_actions")),
    )
    for columns in (["shop", "person", "at_ms"], ["action_id"], ["undo_of"]):
        name = f"ix_moderation_actions_{'_'.join(columns)}"
        op.create_index(op.f(name), "moderation_actions", columns)
    op.create_table(
        "moderation_positions",
        sa.Column("show", sa.String(length=32), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("tag", sa.String(length=32), nullable=False),
        sa.Column("updated_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["show"], ["shows.id"], name=op.f("fk_moderation_positions_show")),
        sa.PrimaryKeyConstraint("show", name=op.f("pk_moderation_positions")),
    )


def _files() -> None:
    op.create_table(
        "moderation_notes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("person", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_moderation_notes_shop")),
        sa.ForeignKeyConstraint(["author"], ["accounts.id"], name=op.f("fk_moderation_notes_author")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_notes")),
    )
    op.create_index(
        op.f("ix_moderation_notes_shop_person_at_ms"), "moderation_notes", ["shop", "person", "at_ms"]
    )
    op.create_table(
        "saved_replies",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_saved_replies_shop")),
        sa.PrimaryKeyConstraint("shop", "position", name=op.f("pk_saved_replies")),
    )
    op.create_table(
        "room_policies",
        sa.Column("shop", sa.String(length=32), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shop"], ["shops.id"], name=op.f("fk_room_policies_shop")),
        sa.PrimaryKeyConstraint("shop", name=op.f("pk_room_policies")),
    )


def downgrade() -> None:
    raise NotImplementedError("Releases move forward; go back by restoring a backup.")
