"""A simulated case as a dated drawing: a block for each stay at a stage, in it a card for each day with what happened and what was owed.

What lives here: a run as a flow. What does not: the run (`policies.simulating`), placing and drawing, which are those of every chart.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, pairwise

from policies.charting.flow import Block, BlockKind, Card, Flow, Link
from policies.clocks import day_words, due_words
from policies.model import Policy
from policies.plain.naming import raised
from policies.schema import StageSpell
from policies.simulating import Line, Run

_ANSWERS = {
    "none": "the other side never answers",
    "late": "everything is done on its last day and nothing is settled before the last stage",
    "prompt": "everything is done on the next working day and it is settled at the first stage",
}


@dataclass(slots=True)
class _Stay:
    """A part of the run: a stay at a stage, or the time after it was settled or closed.

    Much happens in one instant: `after` is the line that ends the part before, `first` the line that begins this one.
    """

    key: str
    kind: BlockKind
    title: str
    began: datetime
    clocks: tuple[str, ...] = ()
    after: str = ""
    first: str = ""
    lines: list[Line] = field(default_factory=list)


def timeline_flow(policy: Policy, run: Run) -> Flow:
    """The run from top to bottom."""
    stays = _filled([one for one in run.lines if one.what != "ends"], _stays(policy, run))  # when a stay ends stands at its head
    blocks = tuple(_block(policy, one) for one in stays)
    links = tuple(Link("next", above.key, below.key) for above, below in pairwise(blocks))
    began = day_words(policy.calendar.local(run.events[0].at).date())
    told = f"A case raised on {began}, where {_ANSWERS.get(run.answers, run.answers)}"
    summary = f"{told}. It ends {run.state.status}, at stage {run.state.stage} ({run.state.stage_title})."
    return Flow(f"{policy.title}: an example", f"{told}. Version {policy.version}", summary, blocks, links)


def _stays(policy: Policy, run: Run) -> list[_Stay]:
    spells = run.state.spells
    found = [_stay(policy, number, one, spells[number - 2].title if number > 1 else "") for number, one in enumerate(spells, 1)]
    ends: tuple[tuple[BlockKind, str], ...] = (("settled", "resolved"), ("closed", "closed"))
    for kind, event_kind in ends:
        at = next((one.at for one in run.events if one.kind == event_kind), None)
        if at is not None:
            first = run.state.outcome_title if kind == "settled" else "Closed"
            found.append(_Stay(kind, kind, f"It is {kind}: {run.state.outcome_title}", at, first=first))
    return found


def _stay(policy: Policy, number: int, spell: StageSpell, before: str) -> _Stay:
    tier = f", tier {spell.tier}" if spell.tier > 1 else ""
    due = (f"To be settled {due_words(policy.calendar, spell.due)}.",) if spell.due is not None else ("No time limit.",)
    title = f"Stage {spell.stage}: {spell.title}{tier}"
    return _Stay(f"stay {number}", "stage", title, spell.entered, due, after=f"Not settled at {before}")


def _filled(lines: Sequence[Line], stays: list[_Stay]) -> list[_Stay]:
    """Each line in the stay it belongs to."""
    at, over = 0, False
    for line in lines:
        while at + 1 < len(stays) and _has_begun(stays[at + 1], line, over):
            at, over = at + 1, False
        stays[at].lines.append(line)
        over = over or (at + 1 < len(stays) and line.text == stays[at + 1].after)
    return stays


def _has_begun(stay: _Stay, line: Line, over: bool) -> bool:
    """Whether a line is in this stay or a later one; `over`: the one before has ended by its own last line."""
    return stay.began < line.at or (stay.began == line.at and (over or line.text == stay.first))


def _block(policy: Policy, stay: _Stay) -> Block:
    return Block(stay.key, stay.kind, stay.title, clocks=stay.clocks, left=tuple(_days(policy, stay)))


def _days(policy: Policy, stay: _Stay) -> Iterator[Card]:
    for day, lines in groupby(stay.lines, key=lambda one: policy.calendar.local(one.at).date()):
        yield Card(f"{stay.key} {day}", day_words(day), lines=tuple(_told(one) for one in lines))


def _told(line: Line) -> str:
    """One line with its time of day: what happened first, what became owed as such."""
    text = raised(line.text) if line.what == "event" else f"Owed: {line.text}"
    return f"{line.local[11:16]} {text}{f' [{line.rule}]' if line.rule else ''}"
