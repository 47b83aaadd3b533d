"""What a reader should be told besides: contradictions of the text that touch the case, limits that end on a holiday, panels that
cannot be formed, steps taken past a guard.

What lives here: the warnings of a state. What does not: anything that changes a date or opens a move.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from policies.evaluating.beginning import read_member
from policies.evaluating.cases import Case, Member
from policies.evaluating.clocks import cap_deadline, chosen_limit, own_deadline
from policies.evaluating.due_words import day_words
from policies.evaluating.lives import Live
from policies.evaluating.panels import impossible, misfits
from policies.parts.schema import Warning
from policies.parts.terms import Limit, Stop
from policies.parts.vocabulary import Conflict


def warnings_of(case: Case, waiting: list[Live]) -> tuple[Warning, ...]:
    """Every warning, in the order a person should read them. `waiting` are the obligations still owed."""
    return (*_steps(case), *_panel(case), *_caps(case), *_stops(case), *_limits(case, waiting), *_text(case))


def _steps(case: Case) -> Iterator[Warning]:
    for code, text, rule in case.remarks:
        yield Warning(code, text, rule)
    guards = {guard.key: guard for stage in case.policy.stages for guard in stage.guards}
    for key in case.overridden:
        guard = guards.get(key)
        strength = guard.strength if guard is not None else "must"
        what = "a breach of the policy" if strength == "must" else "not as the policy advises"
        text = guard.text if guard is not None else key
        yield Warning("overridden", f"Set aside with a reason, {what}: {text}", guard.rule if guard is not None else "")
    for key in case.early:
        yield Warning("unknown", f"Something was recorded as done that this case does not ask for: {key}.")
    if case.policy.unresolved:
        missing = "; ".join(one.text for one in case.policy.unresolved)
        yield Warning("unresolved", f"The policy names things that it does not give: {missing}", case.policy.unresolved[0].rule)


def _panel(case: Case) -> Iterator[Warning]:
    titles = {one.id: one.title for one in case.policy.agency_types}
    for panel in case.policy.panels:
        if case.resolved is None and panel.when.holds(case):
            for text in impossible(panel, case.members, titles):
                yield Warning("panel", f"The {panel.title} cannot be formed, because: {text}", panel.rule)
            for live in case.lives:
                for text in misfits(panel, case.members, _seats(live), titles) if "seats" in live.facts else ():
                    yield Warning("panel", f"The {panel.title} that was held does not fit the policy: {text}", panel.rule)


def _seats(live: Live) -> list[Member]:
    """The seats of a panel as its form gave them; what cannot be read is no seat."""
    given = live.facts["seats"]
    return [read_member(one) for one in given if isinstance(one, Mapping) and one.get("agency")] if isinstance(given, list | tuple) else []


def _caps(case: Case) -> Iterator[Warning]:
    for cap in case.policy.caps:
        due = None if cap.ends.holds(case) else cap_deadline(case, cap, case.spell)
        if due is not None and due.at < case.clock:
            yield Warning("cap passed", f"{cap.title}: the time ended on {day_words(due.local_date)}.", cap.clock.rule)


def _stops(case: Case) -> Iterator[Warning]:
    for stop in case.policy.stops:
        spans = case.stops.get(stop.id)
        if spans and spans[-1][1] is None and case.resolved is None:
            since = day_words(case.policy.calendar.day_of(spans[-1][0]))
            yield Warning("stopped", f"{stop.title}: since {since} this time does not count{_which(case, stop)}.", stop.rule)


def _which(case: Case, stop: Stop) -> str:
    """Which clocks stand still, in the policy's own titles."""
    titles = {f"stage:{one.id}": one.title for one in case.policy.stages}
    titles |= {f"cap:{one.id}": one.title for one in case.policy.caps} | {f"duty:{one.place}": one.title for one in case.policy.duties}
    return f" for: {'; '.join(sorted(titles[one] for one in stop.clocks))}" if stop.clocks else ""


def _limits(case: Case, waiting: list[Live]) -> Iterator[Warning]:
    for live in waiting:
        limit = chosen_limit(case, live.clock, live.child) if live.clock is not None else None
        counts = limit is not None and limit.day is None and limit.unit in ("hours", "days")
        due = own_deadline(case, live) if counts else None
        if limit is None or due is None or due.started is None:
            continue
        start, calendar = due.started, case.policy.calendar
        if limit.unit == "hours" and not calendar.hours_are_working and not calendar.is_working(due.local_date):
            text = f"{live.duty.title}: its {limit.text} end on {day_words(due.local_date)}, which is not a working day."
            yield Warning("hours", text, live.duty.rule)
        readings = _two_readings(case, limit, start) if limit.unit == "days" else ""
        if readings:
            yield Warning("days", f"{live.duty.title}: {readings}", live.duty.rule)


def _two_readings(case: Case, limit: Limit, start: datetime) -> str:
    """Both dates of a limit in "days" without more, and which one counts (setting C5); "" where they are the same."""
    calendar = case.policy.calendar
    zero = calendar.day_zero(start)
    plain, working = zero + timedelta(days=limit.count), calendar.working_day_after(zero, limit.count)
    counts, other = ("working", "calendar") if calendar.days_are_working else ("calendar", "working")
    first, second = (working, plain) if calendar.days_are_working else (plain, working)
    if first == second:
        return ""
    return f"'{limit.text}' counts as {counts} days, to {day_words(first)}; as {other} days it would be {day_words(second)}."


def _text(case: Case) -> Iterator[Warning]:
    for conflict in case.policy.conflicts:
        if conflict.when is None or conflict.when.holds(case):
            yield Warning("conflict", _conflict(conflict), conflict.rule)
    for note in case.policy.notes:
        if note.when is not None and note.when.holds(case):
            yield Warning("note", note.text, note.rule)


def _conflict(conflict: Conflict) -> str:
    return f"{conflict.about}: the text says {' and also '.join(conflict.readings)}. Here: {conflict.chosen}."
