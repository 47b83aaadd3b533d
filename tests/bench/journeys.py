"""Journeys a second, beside the floor: an open case's form opened, filled, looked over and sent, the outcome delivered to a webhook.

The service is as it is deployed on one machine. The floor (`floor`) gets the same requests from the same clients, answers with the same
pages and writes the same rows in the same number of commits, with Flask and SQLAlchemy Core alone. A run's rate is over the time until
its last outcome is at the sink.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.bench import floor_data
from tests.bench.figures import Figure, middle, percentile, spread
from tests.bench.processes import cpu_seconds
from tests.bench.seeding import Seeded, seed
from tests.bench.stage import Service, Stage, free_port, run_clients, service

TITLE = "Journeys"
RUNS, ALONE, TOGETHER, CLIENTS, WARM = 3, 24, 96, 8, 16
STEPS = ("form opened", "answers looked over", "sent")


@dataclass
class Measured:
    """What came of the runs of one side (the service or the floor) with one number of clients; times in ms."""

    rates: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    steps: list[list[float]] = field(default_factory=lambda: [[], [], []])
    waits: list[float] = field(default_factory=list)
    lost: int = 0
    cpu: dict[str, float] = field(default_factory=dict)
    done: int = 0


def measure(stage: Stage) -> Iterator[Figure]:
    """On SQLite and on PostgreSQL."""
    for engine in ("sqlite", "postgresql"):
        found = _engine(stage, engine)
        for clients in (1, CLIENTS):
            yield from _told(engine, clients, found["service", clients], found["floor", clients])


def _engine(stage: Stage, engine: str) -> dict[tuple[str, int], Measured]:
    url = stage.database(engine, "journeys")
    app = stage.app(url)
    seeded = seed(app, stage.sink_port, 1 + WARM + RUNS * (ALONE + TOGETHER), CLIENTS)
    stage.redis.flush()
    queue = iter(seeded.cases)
    watched = {"queue": stage.redis_pid(), "sink": stage.sink.pid}
    if engine == "postgresql":
        watched["database"] = stage.postgres_pid()
    with service(stage, url) as real:
        _warm(stage, real.port, list(itertools.islice(queue, WARM)), seeded)
        sample = floor_data.sample(app, stage, real.port, next(queue), seeded.sessions[0], answers(seeded))
        with _floor(stage, url, sample) as bare:
            copies = iter(floor_data.copies(app, seeded.cases[0], WARM + RUNS * (ALONE + TOGETHER)))
            _warm(stage, bare.port, list(itertools.islice(copies, WARM)), seeded)
            found = {(side, clients): Measured() for side in ("service", "floor") for clients in (1, CLIENTS)}
            for _ in range(RUNS):
                for clients, count in ((1, ALONE), (CLIENTS, TOGETHER)):
                    for side, where, cases in (("service", real, queue), ("floor", bare, copies)):
                        mine = list(itertools.islice(cases, count))
                        _run(stage, where, watched, mine, clients, seeded, found[side, clients])
    return found


def _floor(stage: Stage, url: str, sample: floor_data.Sample) -> Service:
    port = free_port()
    environment = stage.environment(url, port) | {"FLOOR_SAMPLE": sample.keep(stage.folder), "FLOOR_SINK": str(stage.sink_port)}
    return Service(stage, "tests.bench.floor:app", {"worker": "tests.bench.floor_worker"}, environment, port)


def answers(seeded: Seeded) -> dict[str, str]:
    """The settled form, filled; in the browser's words. Settled in this minute: after the cases were raised, and not in the future."""
    now = datetime.now(ZoneInfo("Europe/London"))
    day = {"settled_at-day": str(now.day), "settled_at-month": str(now.month), "settled_at-year": str(now.year)}
    text = {"agreed": "She is collected from school.", "reasons": "It is dark and the road is busy.", "for_child": "She is not alone."}
    return {"outcome": seeded.outcome, **day, "settled_at-time": f"{now:%H:%M}", **text, "still_open": "no"}


def _warm(stage: Stage, port: int, cases: list[str], seeded: Seeded) -> None:
    run_clients(port, _shared(cases, 2, seeded), answers(seeded))
    stage.wait_for(len(cases), 30)


def _shared(cases: list[str], clients: int, seeded: Seeded) -> list[dict[str, Any]]:
    return [{"fs": seeded.sessions[at], "cases": cases[at::clients]} for at in range(clients)]


def _run(stage: Stage, where: Service, watched: dict[str, int], cases: list[str], clients: int, seeded: Seeded, into: Measured) -> None:
    stage.forget()
    time.sleep(0.3)
    pids = {**watched, **{name: part.pid for name, part in where.parts.items()}}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    run = run_clients(where.port, _shared(cases, clients, seeded), answers(seeded))
    taken = stage.wait_for(len(cases), 60)
    for name, pid in pids.items():
        into.cpu[name] = into.cpu.get(name, 0.0) + cpu_seconds(pid) - before[name]
    into.cpu["clients"] = into.cpu.get("clients", 0.0) + run["cpu"]
    into.done += len(cases)
    _note(run["journeys"], taken, into)


def _note(journeys: list[list[Any]], taken: dict[str, list[float]], into: Measured) -> None:
    began = min(one[1] for one in journeys)
    ended = max(max(one[4] for one in journeys), *(max(times) for times in taken.values()))
    into.rates.append(len(journeys) / (ended - began))
    for reference, *times in journeys:
        into.whole.append(1e3 * (times[3] - times[0]))
        for step in range(3):
            into.steps[step].append(1e3 * (times[step + 1] - times[step]))
        came = taken.get(f"{reference}-v1")
        into.lost += came is None
        into.waits += [1e3 * (came[0] - times[3])] if came else []


def _told(engine: str, clients: int, real: Measured, bare: Measured) -> Iterator[Figure]:
    name = f"{engine}, {clients} client{'s' if clients > 1 else ''}"
    rate, floor = middle(real.rates), middle(bare.rates)
    yield Figure(f"{name}: journeys", rate, "/s", f"{spread(real.rates)}; {real.done - real.lost} of {real.done} delivered")
    yield Figure(f"{name}: the floor", floor, "/s", f"{spread(bare.rates)}; ratio {floor / rate:.1f}; lost {bare.lost}")
    yield Figure(f"{name}: journey p50", percentile(real.whole, 50), "ms", f"floor {percentile(bare.whole, 50):.1f}")
    yield Figure(f"{name}: journey p95", percentile(real.whole, 95), "ms", f"floor {percentile(bare.whole, 95):.1f}")
    for step, what in enumerate(STEPS):
        mine, least = percentile(real.steps[step], 50), percentile(bare.steps[step], 50)
        yield Figure(f"{name}: {what} p50", mine, "ms", f"floor {least:.1f}, ratio {mine / least:.1f}")
    yield Figure(f"{name}: sent until delivered p50", percentile(real.waits, 50), "ms", f"p95 {percentile(real.waits, 95):.0f}")
    for side, measured in (("CPU a journey", real), ("the floor's CPU a journey", bare)):
        each = {part: 1e3 * spent / measured.done for part, spent in measured.cpu.items()}
        note = ", ".join(f"{part} {ms:.1f}" for part, ms in each.items() if ms >= 0.05)
        yield Figure(f"{name}: {side}", sum(each.values()), "ms", note)
