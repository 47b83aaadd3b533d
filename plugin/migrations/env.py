"""How Alembic finds the database and the tables: through the app that is running the command."""

from __future__ import annotations

from alembic import context
from flask import current_app

from plugin.models import Base

config = context.config


def run() -> None:
    """Brings the database to a version, in one transaction.

    SQLite changes some columns by making a table anew and dropping the old one, which it refuses while rows of others point at it; so it
    looks at foreign keys at the end instead.
    """
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect().execution_options(writing=True) as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:  # before a transaction begins: within one it is not heard
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
        try:
            with context.begin_transaction():
                context.run_migrations()
                if sqlite and (lost := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise RuntimeError(f"rows would point at nothing: {sorted({str(row[0]) for row in lost})}")
        finally:
            if sqlite:
                connection.rollback()
                connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
