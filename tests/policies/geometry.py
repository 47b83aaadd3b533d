"""Whether a drawing is sound, by measuring: nothing overlaps, nothing leaves its box, no arrow crosses a box, everything is on the sheet.

Where two ways cross, the one that runs over the other has a gap under it; no two run along each other unless they begin or end together.

Works on the SVG itself, not on the plan it was made from: boxes, lines and texts are read back from its attributes. Text is measured with
the widths of the face (`policies.charting.letters`), which `journeys.test_drawings` compares with a real browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise, product
from xml.etree import ElementTree

from policies.charting.letters import width_of

SVG = "{http://www.w3.org/2000/svg}"
TINY = 0.11  # coordinates are written with one digit
GROUND = "#ffffff"

Point = tuple[float, float]


@dataclass(frozen=True)
class Area:
    """A rectangle, with what it is for a message."""

    what: str
    left: float
    top: float
    right: float
    bottom: float

    def holds(self, other: Area) -> bool:
        return (
            self.left - TINY <= other.left
            and other.right <= self.right + TINY
            and self.top - TINY <= other.top
            and other.bottom <= self.bottom + TINY
        )

    def meets(self, other: Area) -> bool:
        return (
            self.left + TINY < other.right
            and other.left + TINY < self.right
            and self.top + TINY < other.bottom
            and other.top + TINY < self.bottom
        )


def faults(svg: str) -> list[str]:
    """Everything wrong with a drawing, in sentences; none for a sound one."""
    root = ElementTree.fromstring(svg)
    x, y, width, height = (float(one) for one in root.attrib["viewBox"].split())
    sheet = Area("the sheet", x, y, x + width, y + height)
    boxes, labels = _boxes(root), _labels(root)
    return [
        *(f"{one.what} leaves the sheet" for one in (*boxes, *labels) if not sheet.holds(one)),
        *(f"{a.what} overlaps {b.what}" for a, b in combinations(boxes, 2) if a.meets(b) and not (a.holds(b) or b.holds(a))),
        *(f"{a.what} overlaps {b.what}" for a, b in combinations(labels, 2) if a.meets(b)),
        *(f"{label.what} is cut by {box.what}" for label in labels for box in boxes if label.meets(box) and not box.holds(label)),
        *_crossings(root, boxes, labels),
        *_ways_that_hide_each_other(root),
        *_heads_run_through(root),
    ]


def _boxes(root: ElementTree.Element) -> list[Area]:
    """Every box but the ground and the coloured edge of a card, which is part of it."""
    found = []
    for one in root.iter(f"{SVG}rect"):
        if "stroke" in one.attrib:
            left, top = float(one.attrib["x"]), float(one.attrib["y"])
            found.append(Area(f"the box at {left}, {top}", left, top, left + float(one.attrib["width"]), top + float(one.attrib["height"])))
    for one in root.iter(f"{SVG}polygon"):
        if "stroke" in one.attrib:
            area = _around("", _points(one), 0)
            found.append(replace(area, what=f"the question at {area.left}, {area.top}"))
    return found


def _labels(root: ElementTree.Element) -> list[Area]:
    found = []
    for one in root.iter(f"{SVG}text"):
        size, text = float(one.attrib["font-size"]), one.text or ""
        left, base = float(one.attrib["x"]), float(one.attrib["y"])
        width = width_of(text, size, one.attrib.get("font-weight") == "bold")
        found.append(Area(f"the text '{text}'", left, base - 0.75 * size, left + width, base + 0.21 * size))
    return found


def _points(one: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in one.attrib["points"].split())]


def _ways(root: ElementTree.Element) -> list[list[tuple[Point, Point]]]:
    """Every way as the pieces of its line."""
    return [list(pairwise(_points(one))) for one in root.iter(f"{SVG}polyline") if one.attrib.get("stroke") != GROUND]


def _crossings(root: ElementTree.Element, boxes: list[Area], labels: list[Area]) -> list[str]:
    """Ways that run through a box or a text. The line drawn by a way is as thick as its stroke."""
    found = []
    for (x0, y0), (x1, y1) in (piece for way in _ways(root) for piece in way):
        way = Area(f"the way from {x0}, {y0} to {x1}, {y1}", min(x0, x1) - 0.2, min(y0, y1), max(x0, x1) + 0.2, max(y0, y1))
        if x0 != x1:
            way = Area(way.what, way.left + 0.2, way.top - 0.2, way.right - 0.2, way.bottom + 0.2)
        found += [f"{way.what} crosses {one.what}" for one in (*boxes, *labels) if way.meets(one)]
    return found


def _ways_that_hide_each_other(root: ElementTree.Element) -> Iterator[str]:
    gaps = [_points(one) for one in root.iter(f"{SVG}polyline") if one.attrib.get("stroke") == GROUND]
    for one, other in combinations(_ways(root), 2):
        together = one[0][0] == other[0][0] or one[-1][1] == other[-1][1]
        for a, b in product(one, other):
            if not together and _along_each_other(a, b):
                yield f"the ways {a} and {b} run along each other"
            if (at := _crossing(a, b)) is not None and not any(_has(gap, at) for gap in gaps):
                yield f"the ways {a} and {b} cross without a gap"


def _heads_run_through(root: ElementTree.Element) -> Iterator[str]:
    """Ways that run through the head of another one's arrow."""
    for one in (one for one in root.iter(f"{SVG}polygon") if "stroke" not in one.attrib):
        head = _around("the head of an arrow", _points(one), -1.0)
        for way in _ways(root):
            touched = [piece for piece in way if _around("", list(piece), 0.5).meets(head)]
            if touched and not _around("", [way[-1][1]], 3.0).meets(head):
                yield f"the way {way} runs through {head.what}"


def _around(what: str, points: list[Point], more: float) -> Area:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Area(what, min(xs) - more, min(ys) - more, max(xs) + more, max(ys) + more)


def _along_each_other(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two pieces lie less than two lines' width from each other for more than a point."""
    for across, along in ((0, 1), (1, 0)):
        if one[0][across] == one[1][across] and other[0][across] == other[1][across] and abs(one[0][across] - other[0][across]) < 3:
            (first, last), (begin, end) = sorted(point[along] for point in one), sorted(point[along] for point in other)
            return min(last, end) - max(first, begin) > 1
    return False


def _crossing(one: tuple[Point, Point], other: tuple[Point, Point]) -> Point | None:
    """Where two pieces cross, if one is level and the other upright."""
    for level, upright in ((one, other), (other, one)):
        if level[0][1] == level[1][1] and upright[0][0] == upright[1][0]:
            (left, right), (top, bottom) = sorted(x for x, _ in level), sorted(y for _, y in upright)
            if left + TINY < upright[0][0] < right - TINY and top + TINY < level[0][1] < bottom - TINY:
                return upright[0][0], level[0][1]
    return None


def _has(gap: list[Point], at: Point) -> bool:
    (x0, y0), (x1, y1) = gap
    return abs((x0 + x1) / 2 - at[0]) < 2 * TINY and abs((y0 + y1) / 2 - at[1]) < 2 * TINY


def words(svg: str) -> str:
    """All the text of a drawing, its lines joined."""
    return " ".join(one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text"))
