"""The jobs themselves: they wire services to mail and adapters, and drain what is due. Nothing is sent from inside a transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from zoneinfo import ZoneInfo

from flask import current_app

from integrations.contract import Delivered, Outcome, Unknown
from plugin.extensions import db, mail
from plugin.mail import messages
from plugin.mail.transport import MailError, Sender
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services import deliveries, mailing, records
from plugin.services.clock import business_now, machine_now

_BATCH = 20
_SECONDS_EACH = 3  # for one delivery, as a rule; a slow one is why half the lease is kept back
log = logging.getLogger("accord.work")


class JobFailedError(Exception):
    """A job failed. It names the type of the fault alone: RQ keeps an exception's words, and those may hold what somebody typed."""


def _without_words(job: Callable[[], None]) -> Callable[[], None]:
    """A job whose faults reach the queue by their type alone; where they happened stands in our own log."""

    @wraps(job)
    def run() -> None:
        failed = ""
        try:
            job()
        except Exception as fault:
            db.session.rollback()
            log.exception("job failed", extra={"kind": job.__name__})
            failed = type(fault).__name__
        if failed:
            raise JobFailedError(failed)  # raised out here: nothing of the fault hangs on it

    return run


@_without_words
def send_mail() -> None:
    """Sends every mail that is due, over one connection a batch."""
    here = runtime(current_app)
    here.waker.lowered("mail")
    bind(db.session, System("mail"))
    lease = timedelta(seconds=here.settings.lease_seconds)
    while letters := mailing.claim(db.session, here.keys, machine_now(), business_now(db.session), lease, _BATCH):
        _send(letters)


def _send(letters: list[mailing.Letter]) -> None:
    waits = runtime(current_app).settings.mail_retry_seconds
    left = list(letters)
    try:
        with mail.sender() as sender:
            while left:
                _send_one(sender, left[0])
                left.pop(0)
    except MailError as wrong:  # no connection: all that is left waits
        for letter in left:
            mailing.failed(db.session, letter, wrong.reason, wrong.permanent, machine_now(), waits)


def _send_one(sender: Sender, letter: mailing.Letter) -> None:
    here = runtime(current_app)
    link = f"{here.settings.public_url}/r/{letter.token}"
    content = messages.reminder(
        letter.template,
        reference=letter.reference,
        stage=letter.stage_title,
        due=letter.due,
        decides=letter.decides,
        link=link,
        zone=ZoneInfo("Europe/London"),
    )
    made = messages.message(content, to=letter.to, sender=here.settings.mail_from, message_id=letter.id)
    try:
        sender.send(made)
    except MailError as wrong:
        mailing.failed(db.session, letter, wrong.reason, wrong.permanent, machine_now(), here.settings.mail_retry_seconds)
    else:
        mailing.sent(db.session, here.keys, letter, business_now(db.session), machine_now())


@_without_words
def deliver() -> None:
    """Writes every record that is due to its destination."""
    here = runtime(current_app)
    here.waker.lowered("delivery")
    bind(db.session, System("delivery"))
    lease = timedelta(seconds=here.settings.lease_seconds)
    # No more at a time than can be written within the lease, and of those the first in any case: somebody always gets on.
    at_most = max(1, min(_BATCH, int(lease.total_seconds()) // _SECONDS_EACH))
    while claimed := deliveries.claim(db.session, here.keys, machine_now(), lease, at_most):
        for one in claimed:
            # What is begun must end within the lease; what there is no time for is left to whoever is free.
            if one is claimed[0] or machine_now() < one.lease_ends - lease / 2:
                _deliver_one(one)
            else:
                deliveries.release(db.session, one)


def _deliver_one(one: deliveries.Claimed) -> None:
    here = runtime(current_app)
    started = machine_now()
    adapter = here.adapters.get(one.adapter)
    outcome: Outcome
    try:
        record = records.record_for(db.session, here.keys, one, getattr(adapter, "needs_documents", True))
        db.session.rollback()  # let go of the database before the network is touched
        options = adapter.options.model_validate(one.options)
        found = adapter.find(record, options, one.secrets, here.http) if one.must_look and adapter.searchable else None
        if isinstance(found, Delivered | Unknown):
            outcome = found
        else:
            outcome = adapter.write(record, options, one.secrets, here.http)
    except Exception as fault:
        # A fault of ours: it may have happened after the peer wrote. The log has the place, the row has no traceback.
        db.session.rollback()
        log.exception("delivery fault", extra={"delivery": one.id})
        outcome = Unknown(f"a fault in the service ({type(fault).__name__})")
    _conclude(one, outcome, started, adapter.searchable)


def _conclude(one: deliveries.Claimed, outcome: Outcome, started: datetime, searchable: bool) -> None:
    here = runtime(current_app)
    now = business_now(db.session)
    deliveries.conclude(
        db.session,
        here.keys,
        one,
        outcome,
        started=started,
        machine_now=machine_now(),
        now=now,
        waits=here.settings.retry_seconds,
        searchable=searchable,
    )
