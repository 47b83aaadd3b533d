"""What another policy would change for a case: its stage, its dates, what is owed, where it can go.

What lives here: cases evaluated under both, and the differences in sentences. What does not: what changes in the text (`texts`). Nothing is
changed by asking: a running case keeps the version it was raised under.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from policies.evaluating.due_words import due_words
from policies.evaluating.states import evaluate
from policies.evaluating.views import Viewer, view
from policies.parts.model import Policy
from policies.parts.schema import Deadline, Event, Obligation, State
from policies.plain.naming import quoted, raised
from policies.trying.simulating import simulate

_OWED = ("not yet", "owed", "overdue")
Kind = Literal["stage gone", "other name", "other date", "no longer owed", "owed too", "not possible", "possible", "closed", "open"]


@dataclass(frozen=True, slots=True)
class CaseChange:
    """One thing that would be other for a case: what kind of change, of what (in words that are the same in every case), and the rest."""

    what: Kind
    of: str
    more: str = ""

    def __str__(self) -> str:
        return f"{self.of}: {self.what}{f', {self.more}' if self.more else ''}."


def for_case(old: Policy, new: Policy, events: Sequence[Event], now: datetime, viewer: Viewer | None = None) -> tuple[CaseChange, ...]:
    """What would be other for this case at `now` (aware UTC) under the new policy; with a viewer, of what they may see.

    Raises ValueError for events that are no case.
    """
    before, after = evaluate(old, events, now), evaluate(new, events, now)
    if viewer is not None:
        before, after = view(before, viewer), view(after, viewer)
    return (*_stage(old, new, before, after), *_owed(old, new, before, after), *_moves(before, after))


def for_cases(changes: Iterable[Sequence[CaseChange]]) -> tuple[tuple[Kind, str, int], ...]:
    """Of several cases' changes: each kind and what it is of, with the number of cases it is found in, the most frequent first."""
    counts = Counter(one for found in changes for one in {(change.what, change.of) for change in found})
    return tuple((what, of, count) for (what, of), count in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def for_typical_case(old: Policy, new: Policy, began: datetime) -> tuple[tuple[str, tuple[CaseChange, ...]], ...]:
    """The same for an invented case, raised at `began` (aware UTC), each time it has entered a stage of the old policy: the stage's title,
    with what would be other then."""
    events = simulate(old, began, "none").events
    found, seen = [], set[str]()
    for count, event in enumerate(events, 1):
        state = evaluate(old, events[:count], event.at)
        if state.stage not in seen:
            seen.add(state.stage)
            found.append((f"Stage {state.stage}: {state.stage_title}", for_case(old, new, events[:count], event.at)))
    return tuple(found)


def _stage(old: Policy, new: Policy, before: State, after: State) -> Iterator[CaseChange]:
    been = {one.stage for one in before.spells}
    for one in old.stages:
        if one.id in been and one.id not in new.stage_by_id:
            still = "the case is there" if one.id == before.stage else "the case was there"
            yield CaseChange("stage gone", f"Stage {one.id} ({one.title})", still)
    if before.stage == after.stage and before.stage_title != after.stage_title:
        yield CaseChange("other name", f"Stage {before.stage} ({before.stage_title})", f"it is called {quoted(after.stage_title)}")
    if before.status == "open" and (dates := _dates(old, new, before.due, after.due)):
        yield CaseChange("other date", f"Stage {before.stage} ({before.stage_title})", dates)


def _dates(old: Policy, new: Policy, before: Deadline | None, after: Deadline | None) -> str:
    """How a date differs, "" where it does not."""
    if (before.at if before else None) == (after.at if after else None):
        return ""
    was = due_words(old.calendar, before) if before else "no date"
    would = due_words(new.calendar, after) if after else "no date"
    return f"{would} instead of {was}"


def _owed(old: Policy, new: Policy, before: State, after: State) -> Iterator[CaseChange]:
    """What is still to be done in either, and in one of them is not asked for, is done, or has another date."""
    was, would = {one.key: one for one in before.obligations}, {one.key: one for one in after.obligations}
    for key, one in was.items():
        other = would.get(key)
        if one.status not in _OWED:
            continue
        if other is None or other.status not in _OWED:
            yield CaseChange("no longer owed", _name(one))
        elif dates := _dates(old, new, one.due, other.due):
            yield CaseChange("other date", _name(one), dates)
    for key, one in would.items():
        if one.status in _OWED and (key not in was or was[key].status not in _OWED):
            due = f", {due_words(new.calendar, one.due)}" if one.due else ""
            yield CaseChange("owed too", _name(one), f"{one.strength}{due}")


def _name(one: Obligation) -> str:
    side = f", {one.owner.side} side" if one.owner.side in ("raising", "responding") else ""
    return f"{quoted(one.title)} ({raised(one.owner.title)}{side})"


def _moves(before: State, after: State) -> Iterator[CaseChange]:
    was, would = {one.key: one for one in before.moves}, {one.key: one for one in after.moves}
    for key, one in was.items():
        if key not in would:
            yield CaseChange("not possible", quoted(one.title))
        elif one.open and not would[key].open:
            yield CaseChange("closed", quoted(one.title), " ".join(reason.text.rstrip(".") for reason in would[key].closed_because))
        elif would[key].open and not one.open:
            yield CaseChange("open", quoted(one.title))
    for key, one in would.items():
        if key not in was:
            yield CaseChange("possible", quoted(one.title))
