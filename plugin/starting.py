"""Before a part of the service runs: do its keys open what is in its database, and has a backup brought back what was removed?

Ends the process (exit code 3, which a gunicorn does not try again) rather than run and read nothing, or show what must be gone.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

from plugin.extensions import db
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.desk import removed
from plugin.services.keeping import rotation
from plugin.services.keeping.clock import machine_now
from plugin.services.keeping.signing import BadListError

log = logging.getLogger("accord.start")
_SAMPLE = 20
_UNREADABLE = """The keys in {file} do not open what is in the database: {count} rows of those looked at (the first: {first}).
Was the file replaced, or an old key taken out of its list "fernet" before `flask --app wsgi secrets rotate` had run?
Put the right file in its place, or the old key back at the end of the list. `flask --app wsgi secrets check` names every row.
If that key is lost for good, ACCORD_START_ANYWAY=1 starts the service: what it sealed stays unreadable.
"""
_NOT_OURS = """{file} says what was removed and must stay so, but cannot be used: {why}.
Was it changed, or does the keys' file lack the key that signed it? Put the right file in its place, or take it away if it is not ours.
"""


def ready(app: Flask) -> None:
    """Looks whether this part may run. Raises SystemExit, having said what is wrong and what to do; ClickException with no keys."""
    refuse_unreadable(app)
    remove_again(app)


def refuse_unreadable(app: Flask) -> None:
    """Looks at a sample of what is sealed. Raises SystemExit, having said what is wrong and what to do; ClickException with no keys."""
    here = runtime(app)
    keys = here.keys
    with app.app_context():
        bind(db.session, System("start"))
        try:
            lost = rotation.unreadable(db.session, keys, _SAMPLE)
        except (OperationalError, ProgrammingError):
            lost = []
        db.session.remove()
        db.engine.dispose()  # whoever forks later shares no connection
    if not lost:
        return
    sys.stderr.write(_UNREADABLE.format(file=here.settings.secrets_file, count=len(lost), first=", ".join(lost[:3])))
    if not here.settings.start_anyway:
        raise SystemExit(3)


def remove_again(app: Flask) -> None:
    """Removes what the list in the checkpoints' folder names and the database holds: it was restored. Raises SystemExit."""
    here = runtime(app)
    file = Path(here.settings.checkpoints_folder) / removed.NAME
    if not here.settings.checkpoints_folder or not file.exists():
        return
    with app.app_context():
        bind(db.session, System("start"))
        try:
            back = removed.remove_again(db.session, removed.read(file.read_text(encoding="utf-8"), here.keys), machine_now())
        except (BadListError, UnicodeDecodeError) as wrong:
            sys.stderr.write(_NOT_OURS.format(file=file, why=wrong))
            raise SystemExit(3) from None
        except (OperationalError, ProgrammingError):  # away, or without tables: said when it is used
            back = []
        db.session.remove()
        db.engine.dispose()  # whoever forks later shares no connection
    if back:
        log.warning("removed again after a backup was restored", extra={"kind": f"{len(back)} cases"})
