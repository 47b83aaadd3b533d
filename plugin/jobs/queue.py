"""The queue: JSON only, functions from a list, and one waiting job a kind.

A job carries no id: it is a tap on the shoulder ("there is mail", "there are deliveries"), and drains what is due. The flag in Redis
keeps a second tap from queueing while one waits; the job removes the flag before it looks, so no row committed after that is missed.
With Redis down or flushed nothing is lost: rows are due in the database and the next sweep taps again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import redis
from rq import Queue
from rq.job import Job
from sqlalchemy import event
from sqlalchemy.orm import Session

NAME = "accord"
FUNCTIONS = {
    "mail": "plugin.jobs.work.send_mail",
    "delivery": "plugin.jobs.work.deliver",
    "nightly": "plugin.jobs.nightly.test_connections",
    "returns": "plugin.jobs.work.read_returns",
    "purge": "plugin.jobs.work.purge",
}
# A worker killed after it took a job and before it lowered the flag leaves the flag up: nobody taps for so long, and no longer.
_FLAG_SECONDS = 5
_KEEP_FAILED_SECONDS = 7 * 24 * 3600

log = logging.getLogger("accord.queue")


class RefusedJobError(Exception):
    """A job names a function that is not one of ours: somebody else writes to our Redis."""


class AccordJob(Job):
    """A job whose function must be one of FUNCTIONS; checked before anything is imported."""

    @property
    def func(self) -> Any:
        """The function to run; raises RefusedJobError."""
        if self.func_name not in FUNCTIONS.values():
            raise RefusedJobError("a job asked for a function that is not on the list")
        return super().func


class Waker:
    """Taps the workers on the shoulder. Never raises: a queue that is down must not undo what is committed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self.queue = Queue(NAME, connection=self.redis, serializer="json", job_class=AccordJob)

    def blocking(self) -> redis.Redis:
        """A connection for a worker, which waits at the queue for longer than a page may."""
        return redis.Redis.from_url(self._url, socket_connect_timeout=2)

    def wake(self, what: str) -> bool:
        """Queues one job of this kind unless one waits already; True where the queue could be reached."""
        try:
            if self.redis.set(flag(what), 1, nx=True, ex=_FLAG_SECONDS):
                self.queue.enqueue(FUNCTIONS[what], description=what, result_ttl=0, failure_ttl=_KEEP_FAILED_SECONDS, job_timeout=300)
        except redis.RedisError as down:
            log.warning("queue unreachable", extra={"kind": what, "error": type(down).__name__})
            return False
        return True

    def depth(self) -> int | str:
        """How many jobs wait; "down" where the queue cannot be reached."""
        try:
            return int(self.queue.count)
        except redis.RedisError:
            return "down"

    def lowered(self, what: str) -> None:
        """Called by a job before it looks for rows: from here on a commit taps anew."""
        try:
            self.redis.delete(flag(what))
        except redis.RedisError:
            log.warning("queue unreachable", extra={"kind": what, "error": "flag"})


def flag(what: str) -> str:
    """The key of the flag that says a job of this kind waits."""
    return f"accord:waiting:{what}"


def wake_after_commit(session_class: Any, waker: Callable[[], Waker]) -> None:
    """Tells the queue, after each commit, what the session left in info["wake"]; a rollback forgets it. Called once a process."""

    @event.listens_for(session_class, "after_commit")
    def _tap(session: Session) -> None:
        for what in session.info.pop("wake", ()):
            waker().wake(what)

    @event.listens_for(session_class, "after_rollback")
    def _forget(session: Session) -> None:
        session.info.pop("wake", None)
