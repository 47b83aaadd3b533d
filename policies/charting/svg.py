"""A placed chart as SVG: one element with a title and a description, presentation attributes only.

What lives here: shapes and colours. What does not: where anything stands (`placing`, `routing`). No script, no style, no outside font, no
reference but the two ids that name title and description, which begin with the caller's prefix. Nothing is told by colour alone. Each
line of text is told how wide it is, so that it stays in its box whatever face a machine has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from policies.charting.crossings import gaps
from policies.charting.placing import Arrow, Box, Label, Plan

_FACES = "Arial, Helvetica, 'Liberation Sans', Arimo, sans-serif"
_INK = "#0b0c0c"
_LINE = "#12505b"
_TONES = {"text": _INK, "head": "#0d3c44", "soft": "#484949", "light": "#ffffff"}
# Ground and edge of each kind of box.
_BOXES = {
    "before": ("#fdf3d7", "#8a6a00"), "start": ("#ffffff", _LINE), "always": ("#ffffff", "#8fa6ab"), "stage": ("#eef4f5", _LINE),
    "ask": ("#ffffff", _LINE), "gate": ("#fdf3d7", "#8a6a00"), "settled": ("#e6f2ea", "#0f7a52"), "closed": ("#f3f2f1", "#505a5f"),
    "card": ("#ffffff", "#b6c9cd"), "tag": (_INK, _INK), "day": ("#ffffff", "#b6c9cd"),
}  # fmt: skip
_MARKS = {"must": _INK, "should": "#2f7f8d", "may": "#9fc3c9", "guide": "#d5d5d5"}
_HEAD = 5.0  # half the width of an arrow's head


def svg_of(plan: Plan, title: str, summary: str, prefix: str, piece: tuple[float, float] | None = None) -> str:
    """The drawing as one <svg> element, or the `piece` of it from one height to another.

    `prefix` begins its two ids; it must be unique in a page.
    """
    top, bottom = piece or (0.0, plan.height)
    width, height = _number(plan.width), _number(bottom - top)
    name, more = escape(f"{prefix}-title"), escape(f"{prefix}-desc")
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {_number(top)} {width} {height}" width="{width}" height="{height}" '
            f'role="img" aria-labelledby="{name} {more}" font-family="{_FACES}" fill="{_INK}">\n',
            f'<title id="{name}">{escape(title)}</title>\n<desc id="{more}">{escape(summary)}</desc>\n',
            f'<rect y="{_number(top)}" width="{width}" height="{height}" fill="#ffffff"/>\n',
            *(_box(one) for one in plan.boxes if one.y < bottom and one.bottom > top),
            *(_arrow(one, plan.arrows[:place]) for place, one in enumerate(plan.arrows) if _reaches(one, top, bottom)),
            *_labels(one for one in plan.labels if top < one.y < bottom + one.size),
            "</svg>\n",
        )
    )


def _reaches(one: Arrow, top: float, bottom: float) -> bool:
    heights = [y for _, y in one.points]
    return min(heights) < bottom and max(heights) > top


def _number(value: float) -> str:
    """A length with one digit after the point, and none where it is whole."""
    return f"{value:.1f}".removesuffix(".0")


def _box(one: Box) -> str:
    ground, edge = _BOXES[one.kind]
    if one.kind == "ask":
        return _hexagon(one, ground, edge)
    thick = 4 if one.now else 2 if one.kind == "settled" else 1.5 if one.kind in ("stage", "gate") else 1
    edge = _INK if one.now else edge
    dash = ' stroke-dasharray="5 3"' if one.kind == "always" or one.mark == "guide" else ""
    corner = 14 if one.kind in ("start", "settled", "closed") else 3
    where = f'x="{_number(one.x)}" y="{_number(one.y)}" height="{_number(one.height)}"'
    drawn = f'<rect {where} width="{_number(one.width)}" rx="{corner}" fill="{ground}" stroke="{edge}" stroke-width="{thick}"{dash}/>\n'
    if one.mark in _MARKS:
        drawn += f'<rect {where} width="5" fill="{_MARKS[one.mark]}"/>\n'
    return drawn


def _hexagon(one: Box, ground: str, edge: str) -> str:
    half = one.height / 2
    point = min(14.0, half)
    inner, outer = one.x + point, one.right - point
    middle = one.y + half
    corners = ((one.x, middle), (inner, one.y), (outer, one.y), (one.right, middle), (outer, one.bottom), (inner, one.bottom))
    return f'<polygon points="{_points(corners)}" fill="{ground}" stroke="{edge}" stroke-width="1.5"/>\n'


def _points(points: tuple[tuple[float, float], ...]) -> str:
    return " ".join(f"{_number(x)},{_number(y)}" for x, y in points)


def _arrow(one: Arrow, earlier: Sequence[Arrow]) -> str:
    (x0, y0), (x1, y1) = one.points[-2:]
    across = (x1 > x0) - (x1 < x0)
    down = (y1 > y0) - (y1 < y0)
    back = (x1 - across * 1.7 * _HEAD, y1 - down * 1.7 * _HEAD)
    head = ((x1, y1), (back[0] + down * _HEAD, back[1] + across * _HEAD), (back[0] - down * _HEAD, back[1] - across * _HEAD))
    dash = ' stroke-dasharray="6 4"' if one.kind in ("jump", "tier", "back") else ""
    line = f'<polyline points="{_points((*one.points[:-1], back))}" fill="none" stroke="{_LINE}" stroke-width="1.5"{dash}/>\n'
    under = "".join(
        f'<polyline points="{_points(piece)}" fill="none" stroke="#ffffff" stroke-width="7"/>\n' for piece in gaps(one, earlier)
    )
    return f'{under}{line}<polygon points="{_points(head)}" fill="{_LINE}"/>\n'


def _labels(labels: Iterable[Label]) -> Iterator[str]:
    for one in labels:
        bold = ' font-weight="bold"' if one.bold else ""
        tone = f' fill="{_TONES[one.tone]}"' if one.tone != "text" else ""
        where = f'x="{_number(one.x)}" y="{_number(one.y)}" font-size="{_number(one.size)}"'
        fitted = f'textLength="{_number(one.width)}" lengthAdjust="spacingAndGlyphs"'
        yield f"<text {where} {fitted}{bold}{tone}>{escape(one.text, quote=False)}</text>\n"
