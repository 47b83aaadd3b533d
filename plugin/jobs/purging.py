"""What is over, removed once a night: wires `services.keeping.purging` and `services.desk.removing` to the settings."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from flask import current_app

from plugin.extensions import db
from plugin.runtime import Runtime, runtime
from plugin.services.desk import removed, removing
from plugin.services.keeping import purging
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.keeping.purging import Keeping
from plugin.services.keeping.signing import BadListError

log = logging.getLogger("accord.purge")


def run() -> None:
    """Once a night, by whichever worker comes first. The session is bound already."""
    here = runtime(current_app)
    now = business_now(db.session)
    if not purging.claim(db.session, now):
        return
    told = here.settings
    access = timedelta(days=told.keep_access_days) if told.keep_access_days else None
    kept = Keeping(timedelta(days=told.keep_ended_days), timedelta(days=told.keep_drafts_days), access)
    rows = sum(purging.purge(db.session, kept, machine_now()).values())
    cases = removing.remove_due(db.session, now, machine_now())
    lay_removed(here)
    log.info("purged", extra={"kind": f"{rows} rows, {cases} cases"})


def lay_removed(here: Runtime) -> None:
    """Brings the list of what was removed up to date in the folder for it, where one is set. In an app's context."""
    if not here.settings.checkpoints_folder:
        return
    try:
        place = Path(here.settings.checkpoints_folder) / removed.NAME
        removed.lay(db.session, here.keys, here.settings.public_url, place, machine_now())
    except (OSError, LookupError, BadListError) as fault:
        log.error("list of what was removed not laid in its folder", extra={"error": type(fault).__name__})
