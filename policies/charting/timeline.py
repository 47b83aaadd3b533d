"""A simulated case as a dated drawing: a block for each stay at a stage, in it a card for each day with what happened and what was owed.

What lives here: a run as a flow. What does not: the run (`trying.simulating`), placing and drawing, which are those of every chart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise

from policies.charting.flow import Block, BlockKind, Card, Flow, Link
from policies.evaluating.due_words import day_words, due_words
from policies.parts.model import Policy
from policies.parts.schema import Event, StageSpell
from policies.plain.naming import raised
from policies.trying.runs import Line, Run
from policies.trying.supposing import supposed_words

_ANSWERS = {
    "none": "the other side never answers",
    "late": "everything is done on its last day and nothing is settled before the last stage",
    "prompt": "everything is done on the next working day and it is settled at the first stage",
}


@dataclass(slots=True)
class _Stay:
    """A part of the run: a stay at a stage, or the time after it was settled or closed."""

    key: str
    kind: BlockKind
    title: str
    clocks: tuple[str, ...] = ()
    lines: list[Line] = field(default_factory=list)


def timeline_flow(policy: Policy, run: Run) -> Flow:
    """The run from top to bottom."""
    blocks = tuple(_block(policy, one) for one in _stays(policy, run))
    links = tuple(Link("next", above.key, below.key) for above, below in pairwise(blocks))
    began = day_words(policy.calendar.day_of(run.events[0].at))
    told = f"A case raised on {began}, where {_ANSWERS.get(run.answers, run.answers)}"
    summary = f"{told}. It ends {run.state.status}, at stage {run.state.stage} ({run.state.stage_title})."
    return Flow(
        f"{policy.title}: an example",
        f"{told}. {supposed_words(policy, run.events[0].facts)} Version {policy.version}",
        summary,
        blocks,
        links,
    )


def _stays(policy: Policy, run: Run) -> list[_Stay]:
    """The parts with their lines: one begins with the line that says when a stay ends, or when it is settled or closed."""
    found: list[_Stay] = []
    first: list[Line] = []
    spells = list(run.state.spells)
    ends = [one for one in run.events if one.kind == "closed" or (one.kind == "resolved" and _settles(policy, one))]
    for line in run.lines:
        if line.what == "ends":
            found.append(_stay(policy, len(run.state.spells) - len(spells) + 1, spells.pop(0)))
            continue
        if ends and line.what == "event" and line.at == ends[0].at and line.text.startswith(_end_words(policy, ends[0])):
            found.append(_end(policy, ends.pop(0), len(found)))
        (found[-1].lines if found else first).append(line)
    found[0].lines[:0] = first
    return found


def _settles(policy: Policy, event: Event) -> bool:
    outcome = policy.outcome_by_id.get(event.about)
    return outcome is None or outcome.closes


def _end_words(policy: Policy, event: Event) -> str:
    """What the line of such an event begins with."""
    outcome = policy.outcome_by_id.get(event.about)
    return "Closed" if event.kind == "closed" else outcome.title if outcome is not None else event.about


def _end(policy: Policy, event: Event, number: int) -> _Stay:
    kind: BlockKind = "closed" if event.kind == "closed" else "settled"
    outcome = policy.outcome_by_id.get(event.about)
    return _Stay(f"{kind} {number}", kind, f"It is {kind}: {outcome.title if outcome is not None else event.about}")


def _stay(policy: Policy, number: int, spell: StageSpell) -> _Stay:
    tier = f", tier {spell.tier}" if spell.tier > 1 else ""
    due = (f"To be settled {due_words(policy.calendar, spell.due)}.",) if spell.due is not None else ("No time limit.",)
    return _Stay(f"stay {number}", "stage", f"Stage {spell.stage}: {spell.title}{tier}", due)


def _block(policy: Policy, stay: _Stay) -> Block:
    return Block(stay.key, stay.kind, stay.title, clocks=stay.clocks, left=tuple(_days(policy, stay)))


def _days(policy: Policy, stay: _Stay) -> Iterator[Card]:
    for day, lines in groupby(stay.lines, key=lambda one: policy.calendar.day_of(one.at)):
        yield Card(f"{stay.key} {day}", day_words(day), lines=tuple(_told(one) for one in lines))


def _told(line: Line) -> str:
    """One line with its time of day: what happened first, what became owed as such."""
    text = raised(line.text) if line.what == "event" else f"Owed: {line.text}"
    return f"{line.local[11:16]} {text}{f' [{line.rule}]' if line.rule else ''}"
