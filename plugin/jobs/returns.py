"""Reads what came back to the sender's mailbox, where the deployment names one. Wires `mail.mailbox` to `services.post.incoming`."""

from __future__ import annotations

import logging
from pathlib import Path

from flask import current_app

from plugin.extensions import db
from plugin.mail import incoming as reading
from plugin.mail.mailbox import MailboxError, Place, opened
from plugin.mail.messages import domain_of
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import incoming

log = logging.getLogger("accord.returns")


def read_mailbox() -> int:
    """Takes every unread mail; returns how many were new. A mailbox that is away is tried again next time."""
    here = runtime(current_app)
    settings = here.settings
    if not settings.mail_returns:
        return 0
    bind(db.session, System("returns"))
    password = Path(settings.mail_returns_password_file).read_text().strip() if settings.mail_returns_password_file else ""
    done = 0
    try:
        with opened(Place.parse(settings.mail_returns, password), settings.mail_ca_file) as box:
            for number, raw in box.unread():
                came = reading.read(raw, domain_of(settings.mail_from))
                done += incoming.take(db.session, here.keys, came, business_now(db.session), machine_now())
                box.mark(number, for_a_person=came.kind == "reply")
    except MailboxError as wrong:
        log.warning("mailbox not read", extra={"reason": str(wrong)})
    return done
