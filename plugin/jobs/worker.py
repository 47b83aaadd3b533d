"""`python -m plugin.jobs.worker`: one RQ worker. Any number may run, on any number of machines.

A SimpleWorker: jobs run in this process, not in a fork each (a fork costs more than a delivery). A worker killed in the middle loses
nothing: the rows it held come due again when their lease ends.
"""

from __future__ import annotations

import time

import redis
from rq import SimpleWorker

from plugin import starting
from plugin.app import create_app
from plugin.jobs.queue import AccordJob
from plugin.runtime import runtime


def main() -> None:
    """Works until it is told to stop; waits for a Redis that is away."""
    app = create_app()
    starting.ready(app)
    here = runtime(app)
    with app.app_context():
        while True:
            try:
                worker = SimpleWorker(
                    [here.waker.queue], connection=here.waker.blocking(), serializer="json", job_class=AccordJob, worker_ttl=30
                )
                worker.work(logging_level="WARNING")
                return
            except redis.RedisError:
                time.sleep(1)


if __name__ == "__main__":
    main()
