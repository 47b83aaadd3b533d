"""What is over, removed once a night: wires `services.keeping.purging` and `services.desk.retention` to the settings."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import current_app

from plugin.extensions import db
from plugin.runtime import runtime
from plugin.services.desk import retention
from plugin.services.keeping import purging
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.keeping.purging import Keeping

log = logging.getLogger("accord.purge")


def run() -> None:
    """Once a night, by whichever worker comes first. The session is bound already."""
    here = runtime(current_app)
    now = business_now(db.session)
    if not purging.claim(db.session, now):
        return
    kept = Keeping(timedelta(days=here.settings.keep_ended_days), timedelta(days=here.settings.keep_drafts_days))
    rows = sum(purging.purge(db.session, kept, machine_now()).values())
    cases = retention.remove_due(db.session, now, machine_now())
    log.info("purged", extra={"kind": f"{rows} rows, {cases} cases"})
