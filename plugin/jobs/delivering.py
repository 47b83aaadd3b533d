"""The deliveries that are due, written: records made, adapters called with the database let go, what came of it concluded."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import current_app
from pydantic import ValidationError

from integrations.contract import Adapter, Deferred, Delivered, Outcome, Refused, Unknown
from integrations.registry import UnknownAdapter
from plugin.extensions import db
from plugin.runtime import Runtime, runtime
from plugin.services import deliveries, reconciliation, records
from plugin.services.circuits import Pause
from plugin.services.clock import business_now, machine_now
from plugin.services.deliveries import Claimed, Terms, Tried
from plugin.services.watched import WatchedClient

_BATCH = 20
_SECONDS_EACH = 3  # for one delivery, as a rule; a slow one is why half the lease is kept back
log = logging.getLogger("accord.work")


def drain() -> None:
    """Writes every record that is due to its destination. The session is bound already."""
    here = runtime(current_app)
    lease = timedelta(seconds=here.settings.lease_seconds)
    # No more at a time than can be written within the lease, and of those the first in any case: somebody always gets on.
    at_most = max(1, min(_BATCH, int(lease.total_seconds()) // _SECONDS_EACH))
    while claimed := deliveries.claim(db.session, here.keys, machine_now(), lease, at_most):
        paused: set[str] = set()
        failed: Exception | None = None
        for one in claimed:
            # What is begun must end within the lease; what there is no time for, or no way open, is left to whoever is free.
            in_time = one is claimed[0] or machine_now() < one.lease_ends - lease / 2
            try:
                if not in_time or one.connection_id in paused:
                    deliveries.release(db.session, one, machine_now())
                elif not _deliver(here, one):
                    paused.add(one.connection_id)
            except Exception as fault:  # what came of it could not be written down: it stays claimed, and is looked for when the lease ends
                db.session.rollback()
                log.exception("delivery not concluded", extra={"delivery": one.id})
                failed = failed or fault
        if failed:
            raise failed  # the others of this batch were done; the job says that it failed


def look_again() -> None:
    """Asks record systems whether what arrived some time ago is there. The session is bound already."""
    here = runtime(current_app)
    lease, again = timedelta(seconds=here.settings.lease_seconds), timedelta(seconds=here.settings.look_again_seconds)
    at_most = max(1, min(_BATCH, int(lease.total_seconds()) // _SECONDS_EACH))
    while claimed := reconciliation.claim(db.session, here.keys, machine_now(), lease, at_most):
        for one in claimed:
            if one is claimed[0] or machine_now() < one.lease_ends - lease / 2:
                found, tells = _found(here, one)
                now, machine = business_now(db.session), machine_now()
                reconciliation.conclude(db.session, here.keys, one, found, tells, again, now, machine)


def _found(here: Runtime, one: Claimed) -> tuple[Delivered | Unknown | None, bool]:
    """What the adapter finds, and whether it can tell."""
    try:
        adapter = here.adapters.get(one.adapter)
        if not reads_back(adapter, one):
            return None, False
        record = records.record_for(db.session, here.keys, one, adapter.needs_documents)
        db.session.rollback()
        return adapter.find(record, adapter.options.model_validate(one.options), one.secrets, here.http), True
    except Exception as fault:
        db.session.rollback()
        log.exception("look fault", extra={"delivery": one.id, "connection": one.connection_id})
        return Unknown(f"a fault in the service ({type(fault).__name__})"), True


def _deliver(here: Runtime, one: Claimed) -> bool:
    """One try. False where its connection is paused from here on."""
    started, http = machine_now(), WatchedClient(here.http)
    adapter, looked, outcome = None, False, None
    try:
        adapter = here.adapters.get(one.adapter)
        looked = one.must_look and adapter.searchable
        outcome = _unasked(one, adapter) or _tried(here, one, adapter, http)
    except (ValidationError, UnknownAdapter):
        outcome = Refused("The settings of this connection cannot be used any more: load or save them again.")
    except Exception as fault:
        # A fault of ours. The log has the place, the row has no traceback.
        db.session.rollback()
        log.exception("delivery fault", extra={"delivery": one.id, "connection": one.connection_id})
        outcome = Deferred(f"A fault in the service ({type(fault).__name__}). Nothing was sent.")
    tried = Tried(outcome, started, machine_now(), looked, http.status)
    return deliveries.conclude(db.session, here.keys, one, tried, _terms(here, one, adapter), business_now(db.session))


def _unasked(one: Claimed, adapter: Adapter) -> Outcome | None:
    """A worker was lost while it wrote to a place that cannot be searched: nobody sends it again but a person who has looked."""
    if one.must_look and not adapter.searchable:
        return Unknown("The service was interrupted while it sent this, and the place it went to cannot be searched.")
    return None


def _tried(here: Runtime, one: Claimed, adapter: Adapter, http: WatchedClient) -> Outcome:
    """Looks where it must, then writes. Raises what `records` raises; a fault of the adapter's comes back as Unknown."""
    record = records.record_for(db.session, here.keys, one, adapter.needs_documents)
    db.session.rollback()  # let go of the database before the network is touched
    options = adapter.options.model_validate(one.options)
    try:
        if one.must_look:
            found = adapter.find(record, options, one.secrets, http)
            if isinstance(found, Delivered | Unknown):
                return found
        return adapter.write(record, options, one.secrets, http)
    except Exception as fault:  # it may have happened after the peer wrote
        log.exception("adapter fault", extra={"delivery": one.id, "connection": one.connection_id})
        return Unknown(f"Sent, perhaps: a fault in the service ({type(fault).__name__}).")


def _terms(here: Runtime, one: Claimed, adapter: Adapter | None) -> Terms:
    settings = here.settings
    return Terms(
        waits=settings.retry_seconds,
        searchable=adapter is not None and adapter.searchable,
        by_hand=bool(getattr(adapter, "by_hand", False)),
        reads_back=adapter is not None and reads_back(adapter, one),
        look_after=timedelta(seconds=settings.look_again_seconds),
        pause=Pause(settings.pause_after, timedelta(seconds=settings.pause_seconds)),
    )


def reads_back(adapter: Adapter, one: Claimed) -> bool:
    """Whether the adapter, as it is set up here, can tell later that a record it wrote is gone."""
    tells = getattr(adapter, "reads_back", None)
    try:
        return bool(tells and tells(adapter.options.model_validate(one.options)))
    except ValidationError:
        return False
