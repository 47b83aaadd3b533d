"""`python -m plugin.jobs.worker`: one RQ worker. Any number may run, on any number of machines.

A SimpleWorker: jobs run in this process, not in a fork each (a fork costs more than a delivery). A worker killed in the middle loses
nothing: the rows it held come due again when their lease ends.
"""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from types import FrameType

import redis
from rq import SimpleWorker

from plugin import starting
from plugin.app import create_app
from plugin.jobs.queue import AccordJob
from plugin.runtime import runtime


class Worker(SimpleWorker):
    """Remembers that it was told to end, also where the queue is away and cannot be told so."""

    told_to_end = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Told to end (SIGTERM, SIGINT): the job it is at is finished first."""
        self.told_to_end = True
        with suppress(redis.RedisError):
            super().request_stop(signum, frame)


def main() -> None:
    """Works until it is told to stop; waits for a Redis that is away."""
    app = create_app()
    starting.ready(app)
    here = runtime(app)
    _end_at_once()
    with app.app_context():
        while True:
            with suppress(redis.RedisError):
                worker = Worker([here.waker.queue], connection=here.waker.blocking(), serializer="json", job_class=AccordJob, worker_ttl=30)
                if _ended(worker):
                    return
            time.sleep(1)


def _ended(worker: Worker) -> bool:
    """Lets it work; whether it was told to end, and not stopped by a queue that went away."""
    try:
        worker.work(logging_level="WARNING")
    except redis.RedisError:  # also where it only wanted to say that it ends
        pass
    finally:
        _end_at_once()
    return worker.told_to_end


def _end_at_once() -> None:
    """What RQ has signals do is for a worker that works; while none does, a process ends when it is told to."""
    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, _end)


def _end(_signum: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
