"""The nightly test of every connection, and the mail about what is broken: `checks` and `nightly` of services.write_back wired to mail."""

from __future__ import annotations

import logging

from flask import current_app

from plugin.extensions import db, mail
from plugin.mail import messages
from plugin.mail.transport import MailError
from plugin.models import new_id
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import machine_now
from plugin.services.providers import sign_on_checks
from plugin.services.write_back import checks, nightly

log = logging.getLogger("accord.nightly")


def test_connections() -> None:
    """Once a night, by whichever worker comes first."""
    here = runtime(current_app)
    here.waker.lowered("nightly")
    bind(db.session, System("nightly"))
    if nightly.claim(db.session, machine_now()):
        sign_on_checks.run_all(db.session, here.keys, here.http, here.settings.public_url, machine_now())
        tell(checks.run_all(db.session, here.keys, here.adapters, here.http, machine_now()))


def tell(bad: list[str]) -> int:
    """Mails what is broken to those who look after it; the number of mails. One that cannot be sent is told anew the next night."""
    here = runtime(current_app)
    letters = nightly.letters(db.session, bad)
    db.session.rollback()
    sent = 0
    for letter in letters:
        content = messages.broken(letter.lines, link=f"{here.settings.public_url}/admin/connections")
        try:
            with mail.sender() as sender:
                sender.send(messages.message(content, to=letter.to, sender=here.settings.mail_from, message_id=new_id()))
            sent += 1
        except MailError:
            log.warning("the nightly mail could not be sent")
    return sent
