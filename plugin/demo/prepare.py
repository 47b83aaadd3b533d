"""`python -m plugin.demo.prepare`: brings the tables up to date and puts the demo's data in where it is missing. Run before the service."""

from __future__ import annotations

from flask_migrate import upgrade

from plugin import starting
from plugin.app import create_app
from plugin.demo.seed import seed


def main() -> None:
    """Does it once, on the database of ACCORD_DATABASE_URL."""
    app = create_app()
    with app.app_context():
        upgrade()
    starting.ready(app)
    seed(app)


if __name__ == "__main__":
    main()
