"""Deliveries: how many a second one worker makes, beside bare RQ jobs that make the same HTTP call; and how long one takes when idle.

A rate is over the time between the first and the last arrival at the sink, so that starting a process counts for nobody.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from plugin.extensions import db
from plugin.models import Delivery
from plugin.models.scope import System, bind
from plugin.runtime import runtime
from plugin.services.keeping.clock import business_now
from tests.bench import bare_job
from tests.bench.figures import Figure, middle, percentile, spread
from tests.bench.processes import cpu_seconds
from tests.bench.seeding import point_at_sink
from tests.bench.stage import Process, Stage
from tests.plugin.running import settle
from tests.world import World, make_world

TITLE = "Deliveries"
RUNS, EACH, ALONE = 3, 120, 24


def measure(stage: Stage) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL: rates in turn with the bare jobs', then one at a time."""
    for engine in ("sqlite", "postgresql"):
        url = stage.database(engine, "deliveries")
        app = stage.app(url)
        with app.app_context():
            world = make_world(app)
            point_at_sink(app, stage.sink_port)
            ours: list[float] = []
            bare: list[float] = []
            costs: list[float] = []
            for run in range(RUNS):
                rate, cost = _ours(stage, app, world, url)
                ours.append(rate)
                costs.append(cost)
                bare.append(_bare(stage, run))
            waits = _alone(stage, world, url)
            db.session.remove()
            db.engine.dispose()
        share = middle(ours) / middle(bare)
        yield Figure(f"{engine}: deliveries by one worker", middle(ours), "/s", f"{spread(ours)}; {share:.2f} of bare RQ jobs")
        yield Figure(f"{engine}: bare RQ jobs, the same call", middle(bare), "/s", spread(bare))
        yield Figure(f"{engine}: the worker's CPU a delivery", middle(costs), "ms")
        yield Figure(f"{engine}: submitted until delivered, idle, p50", percentile(waits, 50), "ms", f"p95 {percentile(waits, 95):.0f}")


def _ours(stage: Stage, app: Flask, world: World, url: str) -> tuple[float, float]:
    """A rate, and CPU in ms a delivery."""
    stage.redis.flush()
    for _ in range(EACH):
        settle(world, business_now(db.session) - timedelta(minutes=90))
    stage.forget()
    stage.redis.flush()  # mails wait in the database for a later run: only deliveries are measured
    worker = _worker(stage, url)
    worker.start()
    time.sleep(3)  # it waits at the queue by then
    before = cpu_seconds(worker.pid)
    runtime(app).waker.wake("delivery")
    taken = stage.wait_for(EACH, 120)
    _until_concluded()
    cost = 1e3 * (cpu_seconds(worker.pid) - before) / EACH
    worker.stop()
    return _rate(taken), cost


def _until_concluded() -> None:
    bind(db.session, System("bench"))
    while db.session.scalar(select(func.count()).select_from(Delivery).where(Delivery.state.in_(("due", "claimed")))):
        db.session.rollback()
        time.sleep(0.02)
    db.session.rollback()


def _worker(stage: Stage, url: str) -> Process:
    return Process([sys.executable, "-m", "plugin.jobs.worker"], stage.folder / "delivering.log", stage.environment(url, 1))


def _bare(stage: Stage, run: int) -> float:
    stage.redis.flush()
    stage.forget()
    queue = bare_job.queue(stage.redis.url)
    for number in range(EACH):
        queue.enqueue("tests.bench.bare_job.post", stage.sink_port, f"bare-{run}-{number}", result_ttl=0, description="bare")
    worker = Process([sys.executable, "-m", "tests.bench.bare_job"], stage.folder / "bare.log", {"ACCORD_REDIS_URL": stage.redis.url})
    worker.start()
    taken = stage.wait_for(EACH, 120)
    worker.stop()
    return _rate(taken)


def _rate(taken: dict[str, list[float]]) -> float:
    times = sorted(times[0] for times in taken.values())
    return (len(times) - 1) / (times[-1] - times[0])


def _alone(stage: Stage, world: World, url: str) -> list[float]:
    """From the commit of the outcome until the sink has it, one at a time, nothing else to do; in ms."""
    stage.forget()
    stage.redis.flush()
    worker = _worker(stage, url)
    worker.start()
    time.sleep(3)
    waits = []
    for number in range(ALONE):
        reference = settle(world, business_now(db.session) - timedelta(minutes=90))
        committed = time.monotonic()
        came = stage.wait_for(number + 1, 10, every=0.005)
        waits += [1e3 * (came[f"{reference}-v1"][0] - committed)] if f"{reference}-v1" in came else [1e4]
        time.sleep(0.2)
    worker.stop()
    return waits[2:]  # the first ones open connections and fill caches
