"""A tall drawing in pieces that each fit on a sheet of A4, cut between blocks and never through one.

What lives here: where to cut. What does not: drawing a piece (`svg`). A stage keeps its gate above it and its question below it where the
three fit on one sheet; a block that is taller than a sheet stays whole.
"""

from __future__ import annotations

from itertools import pairwise

from policies.charting.placing import Plan

A4 = 267 / 186  # height by width of what is printed on a sheet, with margins of 12 and 15 millimetres
_ABOVE = 10.0  # how far above the next block a cut runs: below the word beside an arrow, above its head


def cuts_of(plan: Plan) -> tuple[tuple[float, float], ...]:
    """The pieces as (top, bottom), from the top; together they are the whole drawing."""
    room = plan.width * A4
    blocks = [one for one in plan.boxes if not one.inside]
    gaps = [(below.y - _ABOVE, above.kind in ("stage", "gate")) for above, below in pairwise(blocks)]
    tops = [0.0]
    while plan.height - tops[-1] > room:
        within = [gap for gap in gaps if tops[-1] < gap[0] <= tops[-1] + room]
        wanted = [y for y, joined in within if not joined] or [y for y, _ in within]
        after = [y for y, _ in gaps if y > tops[-1]]
        if not after:
            break
        tops.append(wanted[-1] if wanted else after[0])
    return tuple(zip(tops, (*tops[1:], plan.height), strict=True))
