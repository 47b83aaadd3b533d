"""What holds of every case under every policy, whatever happens in whatever order."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies import Event, Policy, State, Viewer, canonical, evaluate, load, next_steps, pack, pack_ids, rungs, view
from tests.policies.making import CHARITY, COUNCIL, HOSPITAL, POLICE, SCHOOL, at
from tests.policies.rows import every_pack

BUNDLED = [pack(one) for one in pack_ids()]
OTHERS = [load(text, source=name) for name, text in every_pack().items()]
START = at("2026-12-14 10:00")
STEADY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=30)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Policy, list[Event]]:
    """A policy and any events at all: in order or not, sensible or not."""
    policy = draw(st.one_of(st.sampled_from(BUNDLED), st.sampled_from(OTHERS)))
    flags = [one.id for one in policy.flags if one.of != "case"]
    children = [
        {
            "child": name,
            "flags": draw(st.lists(st.sampled_from(flags), unique=True)) if flags else [],
            "officer": draw(st.sampled_from(["", "p1", "p2"])),
        }
        for name in ("c1", "c2")
    ]
    parties = [SCHOOL, COUNCIL, *draw(st.lists(st.sampled_from([POLICE, CHARITY, HOSPITAL]), unique_by=lambda one: one["agency"]))]
    facts: dict[str, Any] = {"themes": [policy.themes[0].id], "parties": parties, "children": children}
    events = [Event(1, "raised", START, START, side="raising", facts=facts)]
    when = START
    for _ in range(draw(st.integers(0, 14))):
        when += timedelta(minutes=draw(st.sampled_from([0, 5, 300, 1440, 4320])))
        kind, about, given = draw(actions(policy))
        events.append(
            Event(len(events) + 1, kind, when, when, about=about, side=draw(st.sampled_from(["raising", "responding"])), facts=given)
        )
    return policy, events


def actions(policy: Policy) -> st.SearchStrategy[tuple[Any, str, dict[str, Any]]]:
    stages = [one.id for one in policy.stages]
    keys = [f"{one.place}{side}" for one in policy.duties for side in ("", "/raising", "/responding", "/p1", "/time 2")]
    dates = st.integers(1, 40).map(lambda days: {"value": (START + timedelta(days=days)).isoformat()})
    kinds = [
        st.tuples(st.just("unresolved"), st.sampled_from(stages), st.just({})),
        st.tuples(st.just("moved"), st.sampled_from(stages), st.sampled_from([{}, {"tier": 2}, {"tier": 3}])),
        st.tuples(st.just("fulfilled"), st.sampled_from(keys), st.sampled_from([{}, {"result": "not agreed"}, {"meeting": "held"}])),
        st.tuples(st.just("waived"), st.sampled_from(keys), st.just({})),
        st.tuples(st.just("resolved"), st.sampled_from([one.id for one in policy.outcomes]), st.just({})),
        st.tuples(st.just("closed"), st.just(policy.outcomes[0].id), st.just({})),
        st.tuples(st.just("reopened"), st.sampled_from(stages), st.just({})),
        st.tuples(st.just("fact"), st.just("protective date"), dates),
        st.tuples(st.just("noted"), st.just(""), st.just({})),
        st.tuples(st.just("corrected"), st.integers(2, 6).map(str), st.just({"void": True})),
    ]
    flags = [one.id for one in policy.flags]
    if policy.dates:
        kinds.append(st.tuples(st.just("fact"), st.sampled_from([one.id for one in policy.dates]), dates))
    for question in policy.questions:
        made = st.sampled_from([one.id for one in question.options]).map(lambda option: {"value": option})
        kinds.append(st.tuples(st.just("fact"), st.just(question.id), made))
    if flags:
        given = st.fixed_dictionaries({"value": st.booleans()}, optional={"child": st.sampled_from(["c1", "c2"])})
        kinds.append(st.tuples(st.just("fact"), st.sampled_from(flags), given))
    return st.one_of(kinds)


def nowhere_stuck(state: State) -> bool:
    owed = [one for one in state.obligations if one.status in ("owed", "overdue")]
    assert all(one.owner.side != "none" and one.owner.title for one in owed)
    return state.status == "closed" or any(move.open for move in state.moves) or bool(owed)


@STEADY
@given(cases())
def test_every_state_has_a_move_or_somebody_who_owes_something_or_is_closed(found: tuple[Policy, list[Event]]) -> None:
    policy, events = found
    for now in (events[-1].at, events[-1].at + timedelta(days=400)):
        assert nowhere_stuck(evaluate(policy, events, now))


@STEADY
@given(cases())
def test_keys_are_unique_and_evaluation_is_repeatable(found: tuple[Policy, list[Event]]) -> None:
    policy, events = found
    state = evaluate(policy, events, events[-1].at)
    assert state == evaluate(policy, list(reversed(events)), events[-1].at)
    keys = [one.key for one in state.obligations]
    assert len(keys) == len(set(keys))
    assert len({canonical(one) for one in events}) == len(events)


@STEADY
@given(cases())
def test_what_was_done_stays_as_it_was_when_more_happens(found: tuple[Policy, list[Event]]) -> None:
    policy, events = found
    if any(one.kind == "corrected" for one in events):
        return
    before: State | None = None
    for length in range(1, len(events) + 1):
        state = evaluate(policy, events[:length], events[length - 1].at)
        if before is not None:
            after = {one.key: one for one in state.obligations}
            for one in before.obligations:
                if one.status in ("done", "done late", "waived"):
                    assert (after[one.key].status, after[one.key].due, after[one.key].done_at) == (one.status, one.due, one.done_at)
                assert one.key in after
            assert state.spells[: len(before.spells) - 1] == before.spells[:-1]
        before = state


@STEADY
@given(cases(), st.integers(0, 60))
def test_a_protective_date_never_lengthens_and_binds_only_what_is_open(found: tuple[Policy, list[Event]], days: int) -> None:
    policy, events = found
    now = events[-1].at
    protective = Event(
        len(events) + 1, "fact", now, now, about="protective date", facts={"value": (now + timedelta(days=days)).isoformat()}
    )
    before, after = evaluate(policy, events, now), evaluate(policy, [*events, protective], now)
    if before.due is not None and before.status == "open":
        assert after.due is not None
        assert after.due.at <= before.due.at
    olds = {one.key: one for one in before.obligations}
    for one in after.obligations:
        old = olds[one.key]
        if old.due is not None:
            assert one.due is not None
            assert one.due.at <= old.due.at
        if old.status not in ("owed", "overdue", "not yet"):
            assert one == old


@STEADY
@given(cases())
def test_no_deadline_is_earlier_than_its_clock_allows(found: tuple[Policy, list[Event]]) -> None:
    policy, events = found
    state = evaluate(policy, events, events[-1].at)
    for one in state.obligations:
        for clock in one.clocks:
            if clock.started is not None and " before " not in clock.limit:
                assert clock.at > clock.started
        if one.clocks:
            assert one.due is not None
            assert one.due.at == min(clock.at for clock in one.clocks)
            assert one.binds_because


@STEADY
@given(cases(), st.integers(0, 90), st.booleans())
def test_no_time_runs_out_while_a_case_has_ended(found: tuple[Policy, list[Event]], days: int, closes: bool) -> None:
    policy, events = found
    before = evaluate(policy, events, events[-1].at)
    if before.status != "open":
        return
    settled = events[-1].at + timedelta(minutes=1)
    again = settled + timedelta(days=days)
    outcome = next(one.id for one in policy.outcomes if one.closes)
    steps = [("resolved", outcome, settled), *([("closed", outcome, settled)] if closes else []), ("reopened", before.stage, again)]
    more = [Event(len(events) + n, kind, when, when, about=about) for n, (kind, about, when) in enumerate(steps, 1)]  # type: ignore[arg-type]  # kinds of event
    state = evaluate(policy, [*events, *more], again)
    for one in (one for one in state.clocks if one.started is not None and " before " not in one.limit):
        lasts = not closes and one.reason == "own limit"  # what outlasts its stage is asked for, and counts, until the closing
        assert one.at >= again or one.at <= settled or lasts


@STEADY
@given(cases(), st.integers(0, 200))
def test_time_alone_closes_nothing_and_does_nothing(found: tuple[Policy, list[Event]], days: int) -> None:
    policy, events = found
    if policy.opens_by_itself or policy.waits_for_time:
        return  # here the policy says what time does; `test_time_that_stops` and `test_rows` hold it to that
    now = events[-1].at
    before, after = evaluate(policy, events, now), evaluate(policy, events, now + timedelta(days=days))
    assert (before.status, before.stage, before.outcome) == (after.status, after.stage, after.outcome)
    assert [one.key for one in before.obligations] == [one.key for one in after.obligations]
    changed = {(one.status, two.status) for one, two in zip(before.obligations, after.obligations, strict=True) if one.status != two.status}
    assert changed <= {("owed", "overdue"), ("not yet", "overdue")}


@STEADY
@given(cases())
def test_nothing_closes_in_silence(found: tuple[Policy, list[Event]]) -> None:
    policy, events = found
    state = evaluate(policy, events, events[-1].at)
    kinds = {one.kind for one in events}
    assert state.status != "closed" or "closed" in kinds
    assert state.status != "settled" or "resolved" in kinds


@STEADY
@given(cases())
def test_each_officer_of_a_flagged_child_is_told_exactly_once(found: tuple[Policy, list[Event]]) -> None:
    policy, events = found
    state = evaluate(policy, events, events[-1].at)
    notices = [one for one in state.obligations if one.id == "tell reviewing officer"]
    assert len({one.to[0].person or one.child for one in notices}) == len(notices)
    assert len({one.key for one in notices}) == len(notices)


@STEADY
@given(cases())
def test_reminders_climb_in_order_and_views_only_leave_out(found: tuple[Policy, list[Event]]) -> None:
    policy, events = found
    now: datetime = events[-1].at
    state = evaluate(policy, events, now)
    for one in state.obligations:
        ladder = rungs(policy, one, now)
        assert list(ladder) == sorted(ladder, key=lambda rung: rung.at)
        assert all(one.since is not None and rung.at >= one.since for rung in ladder)
        assert bool(ladder) <= (one.status in ("owed", "overdue"))
        if one.strength == "must" and one.status in ("owed", "overdue") and not one.automatic:
            assert ladder[-1].to == "partnership"
    keys = {one.key for one in state.obligations}
    for viewer in (Viewer("school", "raising"), Viewer("council", "responding"), Viewer("board", "partnership", coordinator=True)):
        assert {one.key for one in view(state, viewer).obligations} <= keys
    assert {one.key for one in next_steps(state, policy)} == {one.key for one in state.obligations if one.status in ("owed", "overdue")}
