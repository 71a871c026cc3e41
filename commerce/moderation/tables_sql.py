"""What a shop remembers of its rooms."""

import sqlalchemy as sa

from commerce.database_sql import metadata

moderation_actions = sa.Table(
    "moderation_actions",
    metadata,
    # An entry's place in the room's log and its random tag: what was copied once is never copied again, also
    # when an older state of the log came back and its offsets are given out a second time.
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), primary_key=True),
    sa.Column("offset", sa.BigInteger, primary_key=True),
    sa.Column("tag", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    sa.Column("action_id", sa.String(64)),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("target", sa.String(64)),
    # Whom it concerns: the target, or who wrote the comment that is the target.
    sa.Column("person", sa.String(64)),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("seconds", sa.BigInteger),
    sa.Column("expires_at_ms", sa.BigInteger),
    sa.Column("undo_of", sa.String(64)),
    sa.Column("detail", sa.Text, nullable=False, server_default="{}"),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "shop", "person", "at_ms"),
    sa.Index(None, "action_id"),
    sa.Index(None, "undo_of"),
)

moderation_positions = sa.Table(
    "moderation_positions",
    metadata,
    sa.Column("show", sa.String(32), sa.ForeignKey("shows.id"), primary_key=True),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("tag", sa.String(32), nullable=False),
    sa.Column("updated_at_ms", sa.BigInteger, nullable=False),
)

moderation_notes = sa.Table(
    "moderation_notes",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), nullable=False),
    # An account or a guest, so no foreign key.
    sa.Column("person", sa.String(32), nullable=False),
    sa.Column("author", sa.String(32), sa.ForeignKey("accounts.id"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index(None, "shop", "person", "at_ms"),
)

saved_replies = sa.Table(
    "saved_replies",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("title", sa.String(80), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

room_policies = sa.Table(
    "room_policies",
    metadata,
    sa.Column("shop", sa.String(32), sa.ForeignKey("shops.id"), primary_key=True),
    # Rises by one at each change; who changes an older one than stands is told so.
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("actor", sa.String(32), nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
)
