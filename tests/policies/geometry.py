"""Whether a drawing is sound, by measuring: nothing overlaps, nothing leaves its box, no arrow crosses a box, everything is on the sheet.

Works on the SVG itself, not on the plan it was made from: boxes, lines and texts are read back from its attributes. Text is measured with
the widths of the face (`policies.charting.letters`), which `test_chart_browser` compares with a real browser.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from xml.etree import ElementTree

from policies.charting.letters import width_of

SVG = "{http://www.w3.org/2000/svg}"
TINY = 0.11  # coordinates are written with one digit


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
            points = _points(one)
            xs, ys = [x for x, _ in points], [y for _, y in points]
            found.append(Area(f"the question at {min(xs)}, {min(ys)}", min(xs), min(ys), max(xs), max(ys)))
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


def _crossings(root: ElementTree.Element, boxes: list[Area], labels: list[Area]) -> list[str]:
    """Ways that run through a box or a text. The line drawn by a way is as thick as its stroke."""
    found = []
    for line in root.iter(f"{SVG}polyline"):
        for (x0, y0), (x1, y1) in pairwise(_points(line)):
            way = Area(f"the way from {x0}, {y0} to {x1}, {y1}", min(x0, x1) - 0.2, min(y0, y1), max(x0, x1) + 0.2, max(y0, y1))
            if x0 != x1:
                way = Area(way.what, way.left + 0.2, way.top - 0.2, way.right - 0.2, way.bottom + 0.2)
            found += [f"{way.what} crosses {one.what}" for one in (*boxes, *labels) if way.meets(one)]
    return found


def words(svg: str) -> str:
    """All the text of a drawing, its lines joined."""
    return " ".join(one.text or "" for one in ElementTree.fromstring(svg).iter(f"{SVG}text"))
