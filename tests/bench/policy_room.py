"""The policy room by itself, in this process: loading and checking a pack, drawing it, cases of 100 and 1,000 events evaluated."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import forms
import policies
from policies import Event, Policy
from policies.charting.letters import lines_of, width_of
from tests.bench.figures import Figure, middle
from tests.bench.stage import Stage

TITLE = "Policies"
RAISED = datetime(2027, 3, 19, 10, 0, tzinfo=UTC)
EVERY_KEY = Path(__file__).parent.parent / "policies" / "every_key.yaml"


def measure(_stage: Stage) -> Iterator[Figure]:
    """Each pack that there is."""
    for pack in policies.pack_ids():
        text = policies.pack_text(pack)
        loading = _ms(lambda text=text: policies.load(text, forms=forms.ids()), 5)  # type: ignore[misc]  # a default keeps the loop's value
        yield Figure(f"{pack}: load and check", loading, "ms", f"{len(text.splitlines())} lines")
        policy = policies.load(text)
        events = case_of(policy, 100)
        now = events[-1].at + timedelta(days=3)
        yield _chart(pack, policy, policies.evaluate(policy, events, now))
        yield from _evaluations(pack, policy)
    yield from _evaluations("every key of the language", policies.load(EVERY_KEY.read_text(encoding="utf-8")))
    yield _crowded()


def _evaluations(name: str, policy: Policy) -> Iterator[Figure]:
    """A case of 100 events, and how much longer ten times as many take."""
    few, many = _evaluating(policy, case_of(policy, 100), 60), _evaluating(policy, case_of(policy, 1000), 20)
    state = policies.evaluate(policy, case_of(policy, 100), RAISED)
    yield Figure(f"{name}: evaluate 100 events", few, "ms", f"{len(state.obligations)} obligations, {len(state.moves)} moves")
    yield Figure(f"{name}: 1,000 events against 100", many / few, "times", f"{many:.2f} ms; at most 12")


def _crowded() -> Figure:
    """The pack with most duties, in a case between forty agencies that has just been settled: each of them owes its record."""
    policy = max((policies.load(policies.pack_text(one)) for one in policies.pack_ids()), key=lambda one: len(one.duties))
    first, *rest = case_of(policy, 99)
    kind = policy.agency_types[0].id
    parties = [{"agency": f"a{n}", "type": kind, "side": ("raising", "responding")[n % 2]} for n in range(40)]
    end = rest[-1].at + timedelta(hours=1)
    events = [replace(first, facts={**first.facts, "parties": parties}), *rest, Event(100, "resolved", end, end, policy.outcomes[0].id)]
    is_open = [one for one in policies.evaluate(policy, events, end).obligations if one.status in ("owed", "overdue", "not yet")]
    return Figure(
        f"{policy.id}: evaluate 100 events, forty agencies", _evaluating(policy, events, 30), "ms", f"{len(is_open)} open at the end"
    )


def _evaluating(policy: Policy, events: list[Event], times: int) -> float:
    now = events[-1].at + timedelta(days=3)
    return _ms(lambda: policies.evaluate(policy, events, now), times)


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
