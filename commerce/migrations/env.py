"""Alembic's entry: runs migrations on the connection that `migrate` hands in, in its transaction."""

from alembic import context

from commerce.tables_sql import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
)
context.run_migrations()
