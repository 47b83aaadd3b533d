"""Clocks that stand still: the time that a policy does not count (waiting for a court, for a report, while it is mediated), and that for
which a case had ended before it was opened again.

What lives here: keeping account of when the reasons of a policy (`stops`) held in a case, and when a limit ends without that time. What
does not: which limits run (`clocks`), counting days and hours (`calendars`).

Of a limit in days, the day on which its clock is stopped still counts, and so does every day before it; the day on which it goes on is
day 0 of what is left. Of a limit in hours the very minutes are left out. One that goes by a day that comes again goes by the next such day
after it goes on. A limit that had ended before it was stopped has ended.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter

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


def spans_of(case: Case, names: tuple[str, ...], live: Live | None, limit: Limit, start: datetime) -> tuple[Span, ...]:
    """The times since `start` for which a clock of these names ("stage:2", "duty:2/meet") stood still, in order, without overlap.

    `limit` is what it counts, `live` the obligation that it is the clock of, None where it is that of a stage or a cap.
    """
    several = [case.stops.get(stop.id, ()) for stop in case.policy.stops if not stop.clocks or not stop.clocks.isdisjoint(names)]
    if case.rests:
        several.append(_ended(case, live, limit))
    found = [span for spans in several for span in spans if span[1] is None or (span[1] > start and span[0] < span[1])]
    if len(several) < 2 or len(found) < 2:
        return tuple(found)
    return _merged(found)


def _ended(case: Case, live: Live | None, limit: Limit) -> list[Span]:
    """The times for which the case had ended. What lasts longer than its stage is asked for, and its clock runs, until the closing.

    What ends with a day loses nothing within one, so those within a day are left out for it: there may be many.
    """
    in_days = limit.unit not in TIMED and limit.by is None and limit.day is None
    rests = [one for one in case.rests if not (in_days and one.one_day)]
    if live is None or live.duty.lasts == "stage":
        return [(one.settled, one.reopened) for one in rests]
    return [(one.closed, one.reopened) for one in rests if one.closed is not None]


def _merged(spans: list[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for off, on in sorted(spans, key=itemgetter(0)):
        since, until = merged[-1] if merged else (off, off)
        if not merged or (until is not None and off > until):
            merged += ((off, on),)
        elif until is not None and (on is None or on > until):
            merged[-1] = (since, on)
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
            rest = _time_left(calendar, start, left, unit, off)
            if rest is None:
                break
            left = rest
        if on is None:
            return None
        start = on
    return calendar.time_after(start, left, unit), True


@lru_cache(maxsize=4096)
def _time_left(calendar: Calendar, start: datetime, left: timedelta, unit: Unit, off: datetime) -> timedelta | None:
    """What is left of a limit in hours when it is stopped at `off`; None where it had ended."""
    return None if calendar.time_after(start, left, unit) <= off else left - calendar.time_between(start, off, unit)


def _days_without(calendar: Calendar, start: datetime, limit: Limit, spans: tuple[Span, ...]) -> tuple[datetime, bool] | None:
    left, unit = limit.count, limit.unit
    for off, on in spans:
        if on is not None and on <= start:
            continue
        if off > start:
            rest = _days_left(calendar, start, left, unit, limit.by, off)
            if rest is None:
                break
            left, unit = rest
        if on is None:
            return None
        start = on
    return calendar.ends(start, left, unit, limit.by)


@lru_cache(maxsize=4096)
def _days_left(calendar: Calendar, start: datetime, left: int, unit: Unit, by: time | None, off: datetime) -> tuple[int, Unit] | None:
    """What is left of a limit in days when it is stopped at `off`, and in which days; None where it had ended."""
    if calendar.ends(start, left, unit, by)[0] <= off:
        return None
    zero = calendar.day_zero(start)
    counted: Unit = "calendar days" if unit == "months" else unit
    last = calendar.last_day(zero, left, unit)
    rest = calendar.days_counted(zero, last, counted) - calendar.days_counted(zero, calendar.day_of(off), counted)
    return max(rest, 0), counted  # none where it had been put off to the day of the stop, from a closed one before it
