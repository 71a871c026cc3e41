"""Alembic's entry: runs migrations on the connection that `migrate` hands in, in its transaction."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context

from commerce.tables_sql import metadata


def render_item(kind: str, item: Any, _context: object) -> str | Literal[False]:
    """Write a boolean's default as both databases understand it; SQLite alone would say 0."""
    if kind == "server_default" and isinstance(getattr(item, "arg", None), sa.False_ | sa.True_):
        return "sa.true()" if isinstance(item.arg, sa.True_) else "sa.false()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
    render_item=render_item,
)
context.run_migrations()
