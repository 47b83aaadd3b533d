"""Clocks that stand still: the time that a policy does not count (waiting for a court, for a report, while it is mediated), and that for
which a case had ended before it was opened again.

What lives here: keeping account of when the reasons of a policy (`stops`) held in a case, and when a limit ends without that time. What
does not: which limits run (`clocks`), counting days and hours (`calendars`).

Of a limit in days, the day on which its clock is stopped still counts, and so does every day before it; the day on which it goes on is
day 0 of what is left. Of a limit in hours the very minutes are left out. One that goes by a day that comes again goes by the next such day
after it goes on. A limit that had ended before it was stopped has ended.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from policies.evaluating.cases import Case, Span
from policies.evaluating.lives import Live
from policies.parts.calendars import TIMED, Calendar, Unit, length
from policies.parts.recurring import Recurring, ends_by
from policies.parts.terms import Limit


def note_stops(case: Case, at: datetime) -> None:
    """Writes down which reasons begin or cease to hold at `at`."""
    for stop in case.policy.stops:
        spans = case.stops.setdefault(stop.id, [])
        running = bool(spans) and spans[-1][1] is None
        if stop.when.holds(case) == running:
            continue
        case.turn += 1
        if running:
            spans[-1] = (spans[-1][0], max(at, spans[-1][0]))
        else:
            spans.append((at, None))


def spans_of(case: Case, names: tuple[str, ...], live: Live | None, start: datetime) -> tuple[Span, ...]:
    """The times since `start` for which a clock of these names ("stage:2", "duty:2/meet") stood still, in order, without overlap.

    `live` is the obligation that it is the clock of, None where it is that of a stage or a cap.
    """
    several = [case.stops.get(stop.id, ()) for stop in case.policy.stops if not stop.clocks or not stop.clocks.isdisjoint(names)]
    if case.rests:
        several.append(_ended(case, live))
    found = [span for spans in several for span in spans if span[1] is None or (span[1] > start and span[0] < span[1])]
    if len(found) < 2:
        return tuple(found)
    return _merged(found)


def _ended(case: Case, live: Live | None) -> list[Span]:
    """The times for which the case had ended. What lasts longer than its stage is asked for, and its clock runs, until the closing."""
    if live is None or live.duty.lasts == "stage":
        return [(one.settled, one.reopened) for one in case.rests]
    return [(one.closed, one.reopened) for one in case.rests if one.closed is not None]


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for off, on in sorted(spans, key=lambda one: one[0]):
        last = merged[-1] if merged else None
        if last is None or (last[1] is not None and off > last[1]):
            merged.append((off, on))
        else:
            merged[-1] = (last[0], None if last[1] is None or on is None else max(last[1], on))
    return tuple(merged)


def end_without(calendar: Calendar, start: datetime, limit: Limit, spans: tuple[Span, ...]) -> tuple[datetime, bool] | None:
    """When `limit` from `start` ends without the time in `spans`, and whether to the minute; None while its clock stands still."""
    if limit.day is not None:
        return _by_the_day(calendar, start, limit, limit.day, spans)
    if not spans or limit.count < 0:
        return calendar.ends(start, limit.count, limit.unit, limit.by)
    if limit.unit in TIMED:
        return _time_without(calendar, start, length(limit.count, limit.unit), limit.unit, spans)
    return _days_without(calendar, start, limit, spans)


def _by_the_day(calendar: Calendar, start: datetime, limit: Limit, day: Recurring, spans: tuple[Span, ...]) -> tuple[datetime, bool] | None:
    """One that goes by a day that comes again: where its clock was stopped before that, it is the next such day after it goes on."""
    end = ends_by(calendar, start, day, limit.count, limit.unit, limit.by)
    for off, on in spans:
        if (on is None or on > start) and off < end[0]:
            if on is None:
                return None
            end = ends_by(calendar, on, day, limit.count, limit.unit, limit.by)
    return end


def _time_without(
    calendar: Calendar, start: datetime, left: timedelta, unit: Unit, spans: tuple[Span, ...]
) -> tuple[datetime, bool] | None:
    for off, on in spans:
        if on is not None and on <= start:
            continue
        if off > start:
            if calendar.time_after(start, left, unit) <= off:
                break
            left -= calendar.time_between(start, off, unit)
        if on is None:
            return None
        start = on
    return calendar.time_after(start, left, unit), True


def _days_without(calendar: Calendar, start: datetime, limit: Limit, spans: tuple[Span, ...]) -> tuple[datetime, bool] | None:
    left, unit = limit.count, limit.unit
    for off, on in spans:
        if on is not None and on <= start:
            continue
        if off > start:
            if calendar.ends(start, left, unit, limit.by)[0] <= off:
                break
            zero = calendar.day_zero(start)
            counted: Unit = "calendar days" if unit == "months" else unit
            last = calendar.last_day(zero, left, unit)
            left = calendar.days_counted(zero, last, counted) - calendar.days_counted(zero, calendar.day_of(off), counted)
            unit = counted
        if on is None:
            return None
        start = on
    return calendar.ends(start, left, unit, limit.by)
