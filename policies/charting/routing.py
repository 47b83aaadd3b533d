"""The ways between the blocks of a chart: straight down, to the end along the right, past stages along the left, round again.

What lives here: how many lanes there are beside the blocks, and the points of each arrow. What does not: where the blocks are (`placing`).
No way goes through a box: straight ones fill the space between two neighbours, all others run in lanes beside the blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from policies.charting.flow import Flow, Link
from policies.charting.placing import Arrow, Box, Label, Plan, Sheet

CLEAR = 12  # an arrow's head is 8.5 long


@dataclass(frozen=True, slots=True)
class Lanes:
    """The lanes of a flow. `beside` gives that of each way on the left, the innermost 0: back, past a stage, straight to one. On the right
    are one round again and one to the end."""

    beside: Mapping[Link, int]
    tiers: bool
    ends: bool

    @property
    def left(self) -> int:
        return 1 + max(self.beside.values(), default=-1)

    @property
    def right(self) -> int:
        return int(self.tiers) + int(self.ends)


def lanes_of(flow: Flow) -> Lanes:
    """The lanes this flow needs."""
    kinds = [one.kind for one in flow.links]
    straight = _straight(flow)
    ends = any(one.kind == "yes" and one not in straight for one in flow.links)
    return Lanes(_beside_lanes(flow), "tier" in kinds, ends)


def _beside_lanes(flow: Flow) -> dict[Link, int]:
    """A lane for each way on the left: a longer one outside those that it goes past, so that they cross only where none could help it.

    The ways straight to a stage leave together and share one, as long as the longest of them.
    """
    jumps = tuple(one for one in flow.links if one.kind == "jump")
    bundles = [*((one,) for one in flow.links if one.kind in ("skip", "back")), *((jumps,) if jumps else ())]
    keys = [one.key for one in flow.blocks]
    found: list[tuple[int, tuple[int, int], tuple[Link, ...]]] = []
    for (top, bottom), bundle in sorted(((_span(one, keys), one) for one in bundles), key=lambda one: one[0][1] - one[0][0]):
        lane = 1 + max((lane for lane, (above, below), _ in found if above < bottom and top < below), default=-1)
        found.append((lane, (top, bottom), bundle))
    return {link: lane for lane, _, bundle in found for link in bundle}


def _span(bundle: tuple[Link, ...], keys: list[str]) -> tuple[int, int]:
    """The first and the last block that these ways go past, as places among `keys`."""
    places = [keys.index(key) for one in bundle for key in (one.start, one.end)]
    return min(places), max(places)


def _straight(flow: Flow) -> frozenset[Link]:
    """The ways from a block to the one right below it."""
    keys = [one.key for one in flow.blocks]
    return frozenset(
        one for one in flow.links if keys.index(one.end) == keys.index(one.start) + 1 and one.kind not in ("jump", "skip", "back")
    )


def sides(flow: Flow, sheet: Sheet) -> tuple[float, float]:
    """Where the blocks begin and end between their lanes."""
    lanes = lanes_of(flow)
    return _distance(lanes.left, sheet) if lanes.left else 1, sheet.width - 1 - lanes.right * sheet.lane


def _distance(lane: int, sheet: Sheet) -> float:
    """How far from the blocks a lane on the left lies: the first one clear of the heads of the arrows that come in past it."""
    return CLEAR + lane * sheet.lane


def route(flow: Flow, sheet: Sheet, plan: Plan) -> None:
    """Adds every way to the plan, and the words beside it."""
    lanes, straight = lanes_of(flow), _straight(flow)
    left, right = sides(flow, sheet)
    for link in flow.links:
        if link in straight:
            _down(plan, link, sheet, (left + right) / 2)
        elif link.kind == "yes":
            _to_the_end(plan, link, sheet, right + (int(lanes.tiers) + 0.6) * sheet.lane)
        elif link.kind == "tier":
            _again(plan, link, right + 0.7 * sheet.lane)
        else:
            lane = left - _distance(lanes.beside[link], sheet)
            _backward(plan, link, lanes, lane) if link.kind == "back" else _along(plan, link, lanes, lane)
            if link.words:
                _beside(plan, link, sheet)


def _down(plan: Plan, link: Link, sheet: Sheet, middle: float) -> None:
    start, end = plan.box(link.start), plan.box(link.end)
    plan.arrows.append(Arrow(link.kind, ((middle, start.bottom), (middle, end.y))))
    if link.words:
        y = start.bottom + sheet.title + 1
        plan.labels.append(Label(middle + 7, round(y, 1), link.words, sheet.title, True, "head"))


def _to_the_end(plan: Plan, link: Link, sheet: Sheet, lane: float) -> None:
    start, end = plan.box(link.start), plan.box(link.end)
    y = start.y + start.height / 2
    plan.arrows.append(Arrow(link.kind, ((start.right, y), (lane, y), (lane, end.y))))
    plan.labels.append(Label(round(start.right + 5, 1), round(y - 4, 1), link.words, sheet.title, True, "head"))


def _again(plan: Plan, link: Link, lane: float) -> None:
    box = plan.box(link.start)
    top, bottom = box.y + 12, box.bottom - 12
    plan.arrows.append(Arrow(link.kind, ((box.right, bottom), (lane, bottom), (lane, top), (box.right, top))))


def _along(plan: Plan, link: Link, lanes: Lanes, lane: float) -> None:
    """A way down on the left. It comes in below the ways back that leave there, which lie nearer to the blocks."""
    start, end = plan.box(link.start), plan.box(link.end)
    out, into = start.y + start.height / 2, _height(end, _leaving(lanes, link.end))
    plan.arrows.append(Arrow(link.kind, ((start.x, out), (lane, out), (lane, into), (end.x, into))))


def _backward(plan: Plan, link: Link, lanes: Lanes, lane: float) -> None:
    """A way back up on the left: out above where others come in, the innermost first; in below them, the innermost last."""
    start, end = plan.box(link.start), plan.box(link.end)
    backs = {one: lane for one, lane in lanes.beside.items() if one.kind == "back"}
    leaving = sorted(lane for one, lane in backs.items() if one.start == link.start)
    coming = sorted((lane for one, lane in backs.items() if one.end == link.end), reverse=True)
    out = _height(start, leaving.index(backs[link]))
    into = _height(end, _leaving(lanes, link.end) + 1 + coming.index(backs[link]))
    plan.arrows.append(Arrow(link.kind, ((start.x, out), (lane, out), (lane, into), (end.x, into))))


def _leaving(lanes: Lanes, key: str) -> int:
    return sum(1 for one in lanes.beside if one.kind == "back" and one.start == key)


def _height(box: Box, place: int) -> float:
    """Where a way meets the left side of a box, the first at the top."""
    return box.y + 12 + 12 * place


def _beside(plan: Plan, link: Link, sheet: Sheet) -> None:
    """The word beside a way that leaves a question to the left."""
    start = plan.box(link.start)
    y = start.y + start.height / 2 - 4
    width = Label(0, 0, link.words, sheet.title, True, "head").width
    plan.labels.append(Label(round(start.x - width - 5, 1), round(y, 1), link.words, sheet.title, True, "head"))
