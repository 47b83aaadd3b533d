"""What a figure is, and how numbers are drawn together. No measuring lives here."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: `value` in `unit` (times in ms, rates a second, sizes in bytes or MB); `note` says how it came about."""

    name: str
    value: float
    unit: str
    note: str = ""


def percentile(values: Sequence[float], of_hundred: int) -> float:
    """The p-th percentile (1 to 99) of one or more values."""
    return statistics.quantiles(values, n=100, method="inclusive")[of_hundred - 1] if len(values) > 1 else values[0]


def spread(values: Sequence[float]) -> str:
    """The lowest and the highest of repeated runs, as a note."""
    return f"{min(values):.1f} to {max(values):.1f} in {len(values)} runs" if len(values) > 1 else "one run"


def middle(values: Sequence[float]) -> float:
    """The median of repeated runs."""
    return statistics.median(values)
