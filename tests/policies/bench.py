"""Measures the engine: evaluation of a case of 100 events, a whole simulation, loading and checking a pack.

`make bench` may import `measure`; `python -m tests.policies.bench` prints the table. Times are the best of several, in milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from policies import Event, Policy, evaluate, load, pack, pack_ids, pack_text
from policies.trying.simulating import simulate
from tests.policies.making import at

RAISED = at("2027-03-19 18:10")
LIMITS = {"evaluate 100 events": 1.0, "simulate": 20.0, "load and check": 50.0}


def hundred_events(policy: Policy) -> list[Event]:
    """A case that ran late through every stage, with facts on the way until there are 100 events."""
    events = list(simulate(policy, RAISED, "late").events)
    flags = [one.id for one in policy.flags if one.of != "case"] or [one.id for one in policy.flags]
    child = {"child": "child"} if policy.flags and policy.flags[0].of != "case" else {}
    while len(events) < 100:
        last = events[-1]
        number = len(events)
        facts = {"value": number % 2 == 0, **child}
        about = flags[number % len(flags)]
        events.append(Event(number + 1, "fact", last.at + timedelta(hours=1), last.at + timedelta(hours=1), about=about, facts=facts))
    return events


def best(work: Callable[[], object], times: int) -> float:
    """The shortest of `times` runs, in milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found) * 1000


def measure() -> dict[str, dict[str, float]]:
    """Milliseconds by pack and kind of work."""
    table: dict[str, dict[str, float]] = {}
    for pack_id in pack_ids():
        policy, text = pack(pack_id), pack_text(pack_id)
        events = hundred_events(policy)
        table[pack_id] = {
            "evaluate 100 events": best(lambda: evaluate(policy, events, events[-1].at), 100),  # noqa: B023  # run within the loop
            "simulate": best(lambda: simulate(policy, RAISED, "late"), 10),  # noqa: B023  # run within the loop
            "load and check": best(lambda: load(text), 10),  # noqa: B023  # run within the loop
        }
    return table


if __name__ == "__main__":
    for name, row in measure().items():
        print(f"{name:24}" + "".join(f"{kind}: {value:7.2f} ms   " for kind, value in row.items()))
