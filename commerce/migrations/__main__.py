"""Write the next migration: `python -m commerce.migrations "What it does"`.

Compares the tables with a database in memory that has all migrations so far. Read what it wrote before you
commit it; a released migration is never edited.
"""

import sys

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from commerce.migrations.migrate import alembic_config


def write_next(message: str) -> None:
    """Write one file into `versions/`."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    write_next(sys.argv[1])
