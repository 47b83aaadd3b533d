"""Where one way crosses another: the later one is drawn over a gap in the earlier, so that an eye follows either.

What lives here: finding those places. What does not: the ways (`routing`), which keep from crossing where they can, and drawing (`svg`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TypeAlias

from policies.charting.placing import Arrow

Point: TypeAlias = tuple[float, float]
Piece: TypeAlias = tuple[Point, Point]
GAP = 4.0  # half of it


def gaps(arrow: Arrow, earlier: Sequence[Arrow]) -> Iterator[Piece]:
    """The pieces of `arrow` that run over one of the `earlier` ways, each a little line."""
    for piece in pairwise(arrow.points):
        for other in earlier:
            for under in pairwise(other.points):
                if _level(piece) != _level(under) and (at := _crossing(piece, under)) is not None:
                    yield _around(piece, at)


def _level(piece: Piece) -> bool:
    return piece[0][1] == piece[1][1]


def _crossing(one: Piece, other: Piece) -> Point | None:
    """Where a level piece and an upright one cross; None where they do not, or only meet at an end of one."""
    level, upright = (one, other) if _level(one) else (other, one)
    x, y = upright[0][0], level[0][1]
    (left, right), (top, bottom) = sorted(point[0] for point in level), sorted(point[1] for point in upright)
    return (x, y) if left < x < right and top < y < bottom else None


def _around(piece: Piece, at: Point) -> Piece:
    x, y = at
    return ((x - GAP, y), (x + GAP, y)) if _level(piece) else ((x, y - GAP), (x, y + GAP))
