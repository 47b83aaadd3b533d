"""How Alembic finds the database and the tables: through the app that is running the command."""

from __future__ import annotations

from alembic import context
from flask import current_app

from plugin.models import Base

config = context.config


def run() -> None:
    """Brings the database to a version, in one transaction."""
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(writing=True) as connection:
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


run()
