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
from plugin.services.case import cases
from plugin.services.keeping.clock import business_now, machine_now
from plugin.services.write_back import deliveries, endings, reconciliation, records
from plugin.services.write_back.circuits import Pause
from plugin.services.write_back.deliveries import Claimed
from plugin.services.write_back.endings import Done, Terms, Tried
from plugin.services.write_back.watched import WatchedClient

_BATCH = 20
_TOGETHER, _MOMENT = 8, timedelta(milliseconds=200)  # how many endings are committed at once, and how long one may wait for it
_SECONDS_EACH = 3  # for one delivery, as a rule; a slow one is why half the lease is kept back
log = logging.getLogger("accord.work")


def drain() -> None:
    """Writes every record that is due to its destination. The session is bound already."""
    here = runtime(current_app)
    lease = timedelta(seconds=here.settings.lease_seconds)
    # No more at a time than can be written within the lease, and of those the first in any case: somebody always gets on.
    at_most = max(1, min(_BATCH, int(lease.total_seconds()) // _SECONDS_EACH))
    while claimed := deliveries.claim(db.session, here.keys, machine_now(), lease, at_most):
        ends = Endings(here)
        known = cases.open_several(db.session, here.keys, {one.case_id for one in claimed})
        db.session.rollback()
        for one in claimed:
            # What is begun must end within the lease; what there is no time for, or no way open, is left to whoever is free.
            if one.connection_id in ends.paused or (one is not claimed[0] and machine_now() > one.lease_ends - lease / 2):
                ends.write_down()
                deliveries.release(db.session, one, machine_now())
            else:
                ends.add(*_deliver(here, one, known))
        ends.write_down()
        if ends.failed:
            raise ends.failed  # the others of this batch were done; the job says that it failed


class Endings:
    """What came of tries and is not written down yet. Several are committed at once, because each commit waits for the disk; none waits
    longer than a moment, and what cannot be looked for later does not wait at all.
    """

    def __init__(self, here: Runtime) -> None:
        self._here = here
        self._done: list[Done] = []
        self.paused: frozenset[str] = frozenset()
        self.failed: Exception | None = None

    def add(self, held: Claimed, tried: Tried, terms: Terms) -> None:
        """One more; written down at once where it must not be lost."""
        self._done.append((held, tried, terms))
        waited = tried.ended - self._done[0][1].ended
        # A failure may pause the connection, and whatever comes next by it must know.
        plain = terms.searchable and isinstance(tried.outcome, Delivered)
        if not plain or len(self._done) >= _TOGETHER or waited > _MOMENT:
            self.write_down()

    def write_down(self) -> None:
        """All of them; where one spoils it for the others, each by itself. What cannot be written stays claimed until the lease ends, and
        is looked for then."""
        done, self._done = self._done, []
        try:
            self._conclude(done)
        except Exception:
            db.session.rollback()
            for one in done:
                self._alone(one)

    def _alone(self, one: Done) -> None:
        try:
            self._conclude([one])
        except Exception as fault:
            db.session.rollback()
            log.exception("delivery not concluded", extra={"delivery": one[0].id})
            self.failed = self.failed or fault

    def _conclude(self, done: list[Done]) -> None:
        if done:
            self.paused |= endings.conclude(db.session, self._here.keys, done, business_now(db.session))


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


def _deliver(here: Runtime, one: Claimed, known: records.Known) -> Done:
    """One try, and what came of it."""
    started, http = machine_now(), WatchedClient(here.http)
    adapter, looked, outcome = None, False, None
    try:
        adapter = here.adapters.get(one.adapter)
        looked = one.must_look and adapter.searchable
        outcome = _unasked(one, adapter) or _tried(here, one, adapter, http, known)
    except (ValidationError, UnknownAdapter):
        outcome = Refused("The settings of this connection cannot be used any more: load or save them again.")
    except Exception as fault:
        # A fault of ours. The log has the place, the row has no traceback.
        db.session.rollback()
        log.exception("delivery fault", extra={"delivery": one.id, "connection": one.connection_id})
        outcome = Deferred(f"A fault in the service ({type(fault).__name__}). Nothing was sent.")
    return one, Tried(outcome, started, machine_now(), looked, http.status), _terms(here, one, adapter)


def _unasked(one: Claimed, adapter: Adapter) -> Outcome | None:
    """A worker was lost while it wrote to a place that cannot be searched: nobody sends it again but a person who has looked."""
    if one.must_look and not adapter.searchable:
        return Unknown("The service was interrupted while it sent this, and the place it went to cannot be searched.")
    return None


def _tried(here: Runtime, one: Claimed, adapter: Adapter, http: WatchedClient, known: records.Known) -> Outcome:
    """Looks where it must, then writes. Raises what `records` raises; a fault of the adapter's comes back as Unknown."""
    record = records.record_for(db.session, here.keys, one, adapter.needs_documents, known)
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
