"""The jobs themselves: they wire services to mail and adapters, and drain what is due. Nothing is sent from inside a transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from flask import current_app

from plugin.extensions import db
from plugin.jobs import delivering, posting, purging, returns
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.post import mailing

_BATCH = 20
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
        posting.post(letters, machine_now() + lease / 2)


@_without_words
def deliver() -> None:
    """Writes every record that is due to its destination, and looks again for what arrived a while ago."""
    runtime(current_app).waker.lowered("delivery")
    bind(db.session, System("delivery"))
    delivering.drain()
    delivering.look_again()


@_without_words
def read_returns() -> None:
    """Reads what came back by mail."""
    runtime(current_app).waker.lowered("returns")
    returns.read_mailbox()


@_without_words
def purge() -> None:
    """Removes what is over: once a night, whoever is first."""
    runtime(current_app).waker.lowered("purge")
    bind(db.session, System("purge"))
    purging.run()
