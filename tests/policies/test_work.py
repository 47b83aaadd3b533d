"""How much work an event makes: counted in what is looked at and called, never by the clock."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import FrameType
from typing import Any

import pytest

from policies import Event, Policy, evaluate, load, pack, pack_ids
from policies.evaluating import duties
from policies.parts.terms import Duty
from policies.trying.supposing import plain_facts
from tests.policies.making import at
from tests.policies.rows import every_pack

START = at("2027-03-19 10:00")


def raised(policy: Policy) -> list[Event]:
    return [Event(1, "raised", START, START, side="raising", facts={**plain_facts(policy), "children": [], "flags": []})]


def then(events: list[Event], kind: Any, about: str = "", **facts: Any) -> list[Event]:
    when = events[-1].at + timedelta(hours=1)
    return [*events, Event(len(events) + 1, kind, when, when, about=about, facts=facts)]


def to_and_fro(policy: Policy, count: int) -> list[Event]:
    """A case that nobody would have: settled, opened again and moved on as long as it goes, and all the time a flag changes."""
    events, stages, flags = raised(policy), [one.id for one in policy.stages], [one.id for one in policy.flags] or ["none"]
    while len(events) < count:
        number = len(events)
        stage = stages[number // 4 % len(stages)]
        steps: list[tuple[Any, str]] = [("moved", stage), ("resolved", policy.outcomes[0].id), ("reopened", stage)]
        kind, about = [*steps, ("fact", flags[number % len(flags)])][number % 4]
        events = then(events, kind, about, **({"value": number % 8 < 4} if kind == "fact" else {}))
    return events


def looked_at(policy: Policy, events: list[Event], patch: pytest.MonkeyPatch) -> list[str]:
    """The names of the duties that are looked at while the events are replayed, as often as they are."""
    found: list[str] = []
    refresh = duties.refresh

    def noting(case: Any, duty: Duty, when: Any) -> bool:
        found.append(duty.place)
        return refresh(case, duty, when)

    with patch.context() as inside:
        inside.setattr(duties, "refresh", noting)
        evaluate(policy, events, events[-1].at)
    return found


def calls(policy: Policy, events: list[Event]) -> int:
    """How many functions are called to evaluate the case, those of Python itself included."""
    evaluate(policy, events, events[-1].at)  # what is worked out once for a policy is not counted
    found = 0

    def count(_frame: FrameType, what: str, _arg: object) -> None:
        nonlocal found
        found += what in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        evaluate(policy, events, events[-1].at)
    finally:
        sys.setprofile(before)
    return found


@pytest.mark.parametrize("pack_id", pack_ids())
def test_an_event_that_changes_nothing_looks_at_no_obligation(pack_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = pack(pack_id)
    flag = policy.flags[0].id
    for known in (True, False):
        events = then(then(raised(policy), "fact", flag, value=not known), "fact", flag, value=known)
        before = looked_at(policy, events, monkeypatch)
        assert before
        for idle in (("noted", "", {}), ("overridden", "some guard", {}), ("fact", flag, {"value": known})):
            kind, about, facts = idle
            assert looked_at(policy, then(events, kind, about, **facts), monkeypatch) == before


@pytest.mark.parametrize("pack_id", pack_ids())
def test_a_flag_that_changes_looks_only_at_what_asks_for_it(pack_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = pack(pack_id)
    events = raised(policy)
    before = looked_at(policy, events, monkeypatch)
    for flag in policy.flags:
        asking = [duty.place for duty in policy.duties if f"fact:{flag.id}" in duty.triggers]
        after = looked_at(policy, then(events, "fact", flag.id, value=True), monkeypatch)
        assert after[len(before) :] == asking


@pytest.mark.parametrize("pack_id", pack_ids())
def test_ten_times_the_events_make_at_most_twelve_times_the_work(pack_id: str) -> None:
    policy = pack(pack_id)
    assert calls(policy, to_and_fro(policy, 500)) <= 12 * calls(policy, to_and_fro(policy, 50))


@pytest.mark.slow
@pytest.mark.parametrize("name", every_pack())
def test_that_is_so_under_every_other_pack(name: str) -> None:
    policy = load(every_pack()[name], source=name)
    assert calls(policy, to_and_fro(policy, 600)) <= 12 * calls(policy, to_and_fro(policy, 60))
