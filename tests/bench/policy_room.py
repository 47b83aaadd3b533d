"""The policy room by itself, in this process: loading and checking a pack, drawing it, a case of 100 events evaluated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import forms
import policies
from policies import Event, Policy
from policies.charting.letters import lines_of, width_of
from tests.bench.figures import Figure, middle
from tests.bench.stage import Stage

TITLE = "Policies"
RAISED = datetime(2027, 3, 19, 10, 0, tzinfo=UTC)


def measure(_stage: Stage) -> Iterator[Figure]:
    """Each pack that there is."""
    for pack in policies.pack_ids():
        text = policies.pack_text(pack)
        loading = _ms(lambda text=text: policies.load(text, forms=forms.ids()), 5)  # type: ignore[misc]  # a default keeps the loop's value
        yield Figure(f"{pack}: load and check", loading, "ms", f"{len(text.splitlines())} lines")
        policy = policies.load(text)
        events = case_of(policy, 100)
        now = events[-1].at + timedelta(days=3)
        state = policies.evaluate(policy, events, now)
        evaluating = _ms(lambda p=policy, e=events, n=now: policies.evaluate(p, e, n), 40)  # type: ignore[misc]  # as above
        yield _chart(pack, policy, state)
        yield Figure(f"{pack}: evaluate 100 events", evaluating, "ms", f"{len(state.obligations)} obligations, {len(state.moves)} moves")


def _chart(pack: str, policy: Policy, state: policies.State) -> Figure:
    """Both drawings with no width of a line known yet, as the first time in a process; then again."""

    def first() -> None:
        lines_of.cache_clear()
        width_of.cache_clear()
        policies.chart(policy, state)

    again = _ms(lambda: policies.chart(policy, state), 9)
    column = _ms(lambda: policies.chart(policy, state, narrow=True), 9)
    boxes = len(policies.chart(policy, state).plan.boxes)
    return Figure(
        f"{pack}: chart, the first time", _ms(first, 9), "ms", f"{boxes} boxes; again {again:.1f}, narrow {column:.1f}; at most 50"
    )


def case_of(policy: Policy, count: int) -> list[Event]:
    """A case of `count` events that walks the policy's stages up to the last, a working life's worth of facts at each."""
    parties = [{"agency": side, "type": policy.agency_types[0].id, "side": side, "traits": []} for side in ("raising", "responding")]
    first = {"themes": [policy.themes[0].id], "start": policy.stages[0].id, "parties": parties, "children": [{"child": "c1", "flags": []}]}
    events = [Event(1, "raised", RAISED, RAISED, "", "raising", policy.stages[0].id, "p1", "raising", {**first, "flags": [], "dates": {}})]
    stages, flags = [one.id for one in policy.stages], [one.id for one in policy.flags]
    for seq in range(2, count + 1):
        at, stage = RAISED + timedelta(hours=seq), events[-1].stage
        later = stages[stages.index(stage) + 1 :]
        if seq % 20 == 0 and later:
            events.append(Event(seq, "moved", at, at, later[0], "raising", later[0], "p1", "raising", {}))
        else:
            side, facts = ("raising", "responding")[seq % 2], {"value": seq % 4 < 2, "child": "c1"}
            events.append(Event(seq, "fact", at, at, flags[seq % len(flags)], side, stage, "p1", side, facts))  # type: ignore[arg-type]
    return events


def _ms(work: Callable[[], object], times: int) -> float:
    work()
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(1e3 * (time.perf_counter() - began))
    return middle(spent)
