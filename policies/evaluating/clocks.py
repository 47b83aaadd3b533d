"""When things are due, and why: own limits, stage limits, cumulative limits, caps and protective dates.

What lives here: finding where a clock starts in a case, and which of several binds (setting C7). What does not: the arithmetic of days
and hours (`calendars`), and what is owed (`duties`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import itemgetter

from policies.evaluating.cases import Case
from policies.evaluating.due_words import Reason, day_words
from policies.evaluating.lives import Live
from policies.evaluating.spells import Spell
from policies.evaluating.stopping import end_without, spans_of
from policies.parts.calendars import TIMED, Calendar
from policies.parts.model import Policy
from policies.parts.schema import Deadline
from policies.parts.terms import Anchor, Cap, Clock, Limit

PROTECTIVE = "protective date"


_PICKS: Mapping[str, Callable[[list[datetime]], datetime]] = {"first": itemgetter(0), "earlier": min, "later": max}


def start_of(case: Case, anchor: Anchor, live: Live | None, spell: Spell | None) -> datetime | None:
    """The instant `anchor` names in this case, or None while it is not known."""
    if len(anchor.tries) == 1:
        return _point(case, *anchor.tries[0], live, spell)
    known = [at for kind, word in anchor.tries if (at := _point(case, kind, word, live, spell)) is not None]
    if not known:
        return None
    return _PICKS[anchor.picks](known)


def _point(case: Case, kind: str, word: str, live: Live | None, spell: Spell | None) -> datetime | None:
    if kind == "owed":
        return live.since if live is not None else None
    if kind == "entry":
        return spell.began if spell is not None else None
    if kind == "unresolved":
        return spell.referred if spell is not None else None
    if kind == "done":
        return max((one.done_at for one in case.lives.latest(word) if one.done_at is not None), default=None)
    if kind == "flag":
        return _flag_set(case, word, live)
    return _case_point(case, kind, word)


def _case_point(case: Case, kind: str, word: str) -> datetime | None:
    if kind == "raised":
        return case.raised_at
    if kind == "date":
        return case.dates.get(word)
    if kind == "resolved":
        return case.resolved
    if kind == "closed":
        return case.closed
    if kind in ("entering", "ending"):
        last = case.stays.get(word)
        if last is None or kind == "entering":
            return last.began if last is not None else None
        due = binding(last.clocks or ())
        return due.at if due is not None else None
    chosen = case.answers.get(word)
    return chosen[1] if chosen is not None else None


def _flag_set(case: Case, flag: str, live: Live | None) -> datetime | None:
    times = [one.flags[flag] for name, one in case.children.items() if flag in one.flags and (live is None or live.child in ("", name))]
    if flag in case.flags:
        times.append(case.flags[flag])
    return min(times, default=None)


def chosen_limit(case: Case, clock: Clock, child: str = "") -> Limit | None:
    """The first limit whose condition holds."""
    for limit in clock.limits:
        if limit.when is None or limit.when.holds(case, child):
            return limit
    return None


def _deadline(
    case: Case, clock: Clock | None, reason: Reason, live: Live | None, spell: Spell | None, cap: Cap | None = None
) -> Deadline | None:
    if clock is None:
        return None
    limit = chosen_limit(case, clock, live.child if live is not None else "")
    if limit is None or limit.unit == "at once":
        return None
    start = start_of(case, limit.anchor, live, spell)
    if start is None:
        return None
    calendar = case.policy.calendar
    spans = spans_of(case, _names(live, spell, cap), live, limit, start) if case.policy.stops or case.rests else ()
    found = end_without(calendar, start, limit, spans)
    if found is None:
        return None
    at, precise = found
    text = limit.text
    if calendar.next_day_when_shut:
        text += _received(calendar, start, limit)
    if spans:
        text += _stood_still(calendar, [(off, on) for off, on in spans if on is not None and start < on < at], start, precise)
    name = cap.title if cap is not None and len(case.policy.caps) > 1 else ""
    return Deadline(at, calendar.day_of(at), precise, reason, text, clock.rule, start, name)


def _received(calendar: Calendar, start: datetime, limit: Limit) -> str:
    """The day that is day 0 in place of the event's own, in words, where it came out of hours and the policy says so."""
    if limit.unit in TIMED or limit.count < 0 or (zero := calendar.day_zero(start)) == calendar.day_of(start):
        return ""
    return f", out of hours and so received on {day_words(zero)}"


def _names(live: Live | None, spell: Spell | None, cap: Cap | None) -> tuple[str, ...]:
    """What the reasons for which clocks stand still may call this clock by. A step inside a stage stands still with it."""
    if cap is not None:
        return (f"cap:{cap.id}",)
    if live is not None:
        return (f"duty:{live.duty.place}", *((f"stage:{live.duty.stage}",) if live.duty.inside else ()))
    return (f"stage:{spell.stage.id}",) if spell is not None else ()


def _stood_still(calendar: Calendar, spans: list[tuple[datetime, datetime]], start: datetime, precise: bool) -> str:
    """Since and until when this clock stood still, in words. One that ends with a day loses nothing within a day."""
    days = [(calendar.day_of(off if off > start else start), calendar.day_of(on)) for off, on in spans]
    parts = [f"from {day_words(off)} to {day_words(on)}" for off, on in days if precise or off != on]
    return f", not counting the time {' and '.join(parts)}" if parts else ""


def cap_deadline(case: Case, cap: Cap, spell: Spell) -> Deadline | None:
    """When the time of a cap ends, None while its start is not known or its clock stands still. Whether it still runs is asked apart."""
    return _deadline(case, cap.clock, "overall cap", None, spell, cap)


def own_deadline(case: Case, live: Live) -> Deadline | None:
    """When an obligation's own limit ends."""
    return _deadline(case, live.clock, "own limit", live, live.spell)


def stage_clocks(case: Case, spell: Spell) -> tuple[Deadline, ...]:
    """Every clock that bounds a stay at a stage: its limit, the cumulative limit, caps still running, protective dates."""
    if spell.clocks is not None:
        return spell.clocks
    if spell.known[0] == case.turn:
        return spell.known[1]
    clocks = tuple(one for one in _bounds(case, spell) if one is not None)
    spell.known = (case.turn, clocks)
    return clocks


def _bounds(case: Case, spell: Spell) -> list[Deadline | None]:
    found = [
        _deadline(case, spell.stage.limit, "stage limit", None, spell),
        _deadline(case, spell.stage.cumulative, "cumulative limit", None, spell),
    ]
    for cap in case.policy.caps:
        if cap.strength != "guide" and not cap.ends.holds(case):
            found.append(cap_deadline(case, cap, spell))
    found.append(protective_clock(case, spell.entered))
    return found


def protective_clock(case: Case, since: datetime) -> Deadline | None:
    """The earliest protective date that had not passed by `since`. It may only shorten, so it is one clock among others."""
    ahead = [at for at in case.protective if at > since]
    if not ahead:
        return None
    at = min(ahead)
    return Deadline(at, case.policy.calendar.day_of(at), True, "protective date", f"the date set to protect {whom(case.policy)}")


def whom(policy: Policy) -> str:
    """Whoever a case is about, in a sentence: "the child", "the adult", "the person"; "people" where it is about nobody in particular."""
    return f"the {policy.subject_word}" if policy.subject_word else "people"


def clocks_of(case: Case, live: Live) -> tuple[Deadline, ...]:
    """Every clock that runs on an obligation, as known now."""
    if live.clocks is not None:
        return live.clocks
    duty = live.duty
    bounds = stage_clocks(case, live.spell) if duty.inside and live.spell is not None and not at_once(case, live) else ()
    if live.clock is None and duty.cumulative is None and not duty.before and duty.kind != "guide":
        return bounds
    own = own_deadline(case, live)
    whole = _deadline(case, duty.cumulative, "cumulative limit", live, live.spell)
    found = [one for one in (own, whole) if one is not None]
    if duty.before:
        found.extend(_before(case, live))
    if duty.kind == "guide":
        protective = protective_clock(case, live.since)
        found.extend([protective] if protective is not None else [])
    return (*found, *bounds)


def at_once(case: Case, live: Live) -> bool:
    """Whether it is to be done at once: that is no end that could pass, and sooner than every other."""
    clock = live.clock if live.duty.may_be_at_once else None
    limit = chosen_limit(case, clock, live.child) if clock is not None else None
    return limit is not None and limit.unit == "at once"


def _before(case: Case, live: Live) -> Iterable[Deadline]:
    """What must be done before another step is due when that step is."""
    for other in case.lives.latest(live.duty.before):
        if other.duty.before != live.duty.place:
            # A step of the same stage has the stage's clocks itself; one beside the stages has what binds the other.
            due = binding(tuple(one for one in clocks_of(case, other) if one.reason == "own limit" or not live.duty.inside))
            if due is not None:
                yield Deadline(due.at, due.local_date, due.precise, "own limit", f"before: {other.duty.title}", live.duty.rule, due.started)


def binding(clocks: tuple[Deadline, ...]) -> Deadline | None:
    """The clock that ends first; of two that end together, the one nearer to the step."""
    return min(clocks, key=lambda one: one.at) if clocks else None
