"""A chart from start to end: a policy, and a case's state if there is one, become a drawing and its text.

What lives here: the two layouts and the order of the steps. What does not: any of the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from policies.charting.around import flow_of
from policies.charting.flow import Flow
from policies.charting.outline import outline_of
from policies.charting.paging import cuts_of
from policies.charting.placing import Plan, Sheet, place
from policies.charting.routing import route, sides
from policies.charting.svg import svg_of
from policies.charting.timeline import timeline_flow
from policies.parts.model import Policy
from policies.parts.schema import State
from policies.plain.writing import Section
from policies.trying.runs import Run

WIDE = Sheet(width=760, columns=2, note=11, title=12, head=15)
NARROW = Sheet(width=270, columns=1, note=13, title=13.5, head=16, pad=6, gap=6, lane=10, between=28)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart. `svg` is one <svg> element of that width and height (in pixels at full size); `summary` says in a sentence what it shows;
    `outline` says all of it; `plan` is where everything stands, for tests."""

    title: str
    summary: str
    width: float
    height: float
    svg: str
    outline: Section
    plan: Plan

    def heights(self) -> tuple[float, ...]:
        """How high each of the pieces is."""
        return tuple(bottom - top for top, bottom in cuts_of(self.plan))

    def pieces(self, prefix: str = "chart") -> tuple[str, ...]:
        """The drawing as <svg> elements one below the other, none higher than a sheet of A4 (or than one block)."""
        cuts = cuts_of(self.plan)
        if len(cuts) == 1:
            return (svg_of(self.plan, self.title, self.summary, prefix),)
        return tuple(
            svg_of(self.plan, f"{self.title}, part {number} of {len(cuts)}", self.summary, f"{prefix}-{number}", piece)
            for number, piece in enumerate(cuts, 1)
        )


def chart(policy: Policy, state: State | None = None, *, at: str = "", narrow: bool = False, prefix: str = "chart") -> Drawing:
    """The flow chart of `policy`; with the `state` of a case under it, where that case stands is marked.

    Without a state, `at` marks a place by its key ("stage 2", "settled", "closed"); KeyError where there is none.

    Wide is for paper (A4 upright) and screens, `narrow` one column for 320 pixels. `prefix` begins the ids inside the <svg> and must be
    unique where several stand in one page.
    """
    return _drawn(flow_of(policy, state, at), NARROW if narrow else WIDE, prefix)


def timeline_chart(policy: Policy, run: Run, *, narrow: bool = False, prefix: str = "timeline") -> Drawing:
    """A simulated case under `policy`, day by day."""
    return _drawn(timeline_flow(policy, run), NARROW if narrow else replace(WIDE, columns=1), prefix)


def _drawn(flow: Flow, sheet: Sheet, prefix: str) -> Drawing:
    plan = place(flow, sheet, *sides(flow, sheet))
    route(flow, sheet, plan)
    svg = svg_of(plan, flow.title, flow.summary, prefix)
    return Drawing(flow.title, flow.summary, plan.width, plan.height, svg, outline_of(flow), plan)
