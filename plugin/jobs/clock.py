"""`python -m plugin.jobs.clock`: wakes the sweep every few seconds. Several may run; the rows decide, not the process.

`--once` sweeps one time and ends, for cron. Told to end (SIGTERM, SIGINT) it finishes what it is at.
"""

from __future__ import annotations

import logging
import signal
import sys
import time
from pathlib import Path
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from plugin import starting
from plugin.app import create_app
from plugin.extensions import db
from plugin.jobs.purging import lay_removed
from plugin.models.scope import System, bind
from plugin.runtime import Runtime, runtime
from plugin.services.case import checkpoints
from plugin.services.keeping import purging
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post.reminders import sweep
from plugin.services.write_back import nightly

log = logging.getLogger("accord.clock")
_READ_EVERY = 60.0  # seconds between looks into the mailbox that mail comes back to


def main(once: bool) -> None:
    """Sweeps until it is told to stop. A database that is away is waited for."""
    app = create_app()
    starting.ready(app)
    here = runtime(app)
    told_to_end, read_at = _told_to_end(), 0.0
    while not told_to_end.is_set():
        with app.app_context():
            try:
                bind(db.session, System("sweep"))
                sweep(db.session, here.keys, business_now(db.session), machine_now())
                if nightly.due(db.session, machine_now()):
                    here.waker.wake("nightly")
                keep_checkpoint(here)
                if purging.due(db.session, business_now(db.session)):
                    here.waker.wake("purge")
                if here.settings.mail_returns and time.monotonic() >= read_at:
                    read_at = time.monotonic() + _READ_EVERY
                    here.waker.wake("returns")
            except SQLAlchemyError as down:
                log.warning("sweep failed", extra={"error": type(down).__name__})
        if once:
            return
        told_to_end.wait(here.settings.sweep_seconds)


def _told_to_end() -> Event:
    """Is set when somebody asks this process to end."""
    told = Event()
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, lambda _number, _frame: told.set())
    return told


def keep_checkpoint(here: Runtime) -> None:
    """Once a day: the signed list of the chains' heads, kept in the database and, where one is set, in a folder, with the list of what was
    removed. In an app's context."""
    if not checkpoints.due(db.session, here.keys, machine_now()):
        return
    kept = checkpoints.keep(db.session, here.keys, here.settings.public_url, machine_now())
    if kept is None or not here.settings.checkpoints_folder:
        return
    try:
        checkpoints.lay(kept, Path(here.settings.checkpoints_folder))
    except OSError as fault:
        log.error("checkpoint not laid in its folder", extra={"error": type(fault).__name__})
    lay_removed(here)


if __name__ == "__main__":
    main("--once" in sys.argv[1:])
