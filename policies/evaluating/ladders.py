"""The reminder ladder of an obligation: when to ask, when to remind, and who is told when nothing happens.

What lives here: ladders as instants, from the pack's own `reminders`, an agency's ladder, or a default by strength (the defaults are our
addition). What does not: sending, and who "deputy" or "duty desk" is (a directory's business).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from policies.parts.model import Policy
from policies.parts.schema import Obligation
from policies.parts.terms import Duty, Step

RungId = Literal["ask", "tell", "before", "on the day", "overdue", "next person", "duty desk", "partnership"]
RungTo = Literal["owner", "recipient", "deputy", "duty desk", "partnership"]

REVIEW_AFTER = 5  # working days until something without a limit is looked at again
_HOURS_BEFORE = timedelta(hours=4)
_AN_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rung:
    """One reminder: `at` is aware UTC; `urgent` ones may be sent outside office hours."""

    id: RungId
    at: datetime
    to: RungTo
    urgent: bool


# The rungs that climb after a deadline, in working days after the first "overdue"; a should stops at the deputy.
_CLIMB: tuple[tuple[RungId, RungTo, int], ...] = (
    ("overdue", "owner", 0),
    ("next person", "deputy", 1),
    ("duty desk", "duty desk", 2),
    ("partnership", "partnership", 3),
)
_CLIMBS: dict[str, int] = {"must": 4, "should": 2, "may": 0, "guide": 0}


def rungs(policy: Policy, obligation: Obligation, now: datetime, own: Mapping[str, Sequence[Step]] | None = None) -> tuple[Rung, ...]:
    """The ladder of `obligation`, soonest first; empty for what is done, set aside, lapsed or waiting for another step.

    What the policy says of an obligation by itself stands. Else `own`, an agency's ladder by strength (`agency_ladders`), else the policy's
    for all of that strength, takes the place of the default; the asking stays.

    Nobody is told before the owner was asked: where the time had passed before the thing was owed (a case opened again, a cap that ended
    at an earlier stage), the ladder climbs from the asking. Of rungs to one recipient that are already past at `now`, only the latest is
    given, besides the asking itself: after a silence nobody gets four mails at once.
    """
    if obligation.status not in ("owed", "overdue") or obligation.since is None:
        return ()
    duty = duty_of(policy, obligation)
    default = list(_default(policy, obligation, obligation.since))
    steps = duty.ladder
    found = default
    if not steps and not obligation.automatic:
        steps = tuple((own or {}).get(obligation.strength) or policy.ladders.get(obligation.strength, ()))
    if steps:
        found = [rung for step in steps if (rung := _from_pack(policy, step, obligation, obligation.since)) is not None]
        if not duty.ladder and all(step.id != "ask" for step in steps):
            found += [one for one in default if one.id == "ask"]
    return tuple(_without_stale(sorted(found, key=lambda one: one.at), now))


def duty_of(policy: Policy, obligation: Obligation) -> Duty:
    """The definition behind an obligation of a state. Raises KeyError for one of another policy."""
    return policy.duty_by_place[place_of(obligation.key)]


def place_of(key: str) -> str:
    """The full name of the definition behind an obligation's key: "3(2)/discuss/raising" is of "3/discuss"."""
    head, _, rest = key.partition("/")
    return f"{head.partition('(')[0]}/{rest.partition('/')[0]}"


def _default(policy: Policy, one: Obligation, since: datetime) -> Iterator[Rung]:
    urgent = one.at_once or (one.due is not None and one.due.reason == "protective date")
    if one.automatic:
        if one.to:
            yield Rung("tell", since, "recipient", urgent)
        return
    if one.strength == "guide":
        if one.due is not None:
            yield Rung("on the day", max(since, _morning(policy, one.due.at)), "owner", False)
        return
    if _to_be_asked(policy, one):
        yield Rung("ask", since, "owner", urgent)
    if one.strength in ("must", "should"):
        yield from _reminders(policy, one, since, urgent)


def _to_be_asked(policy: Policy, one: Obligation) -> bool:
    """Nobody need be asked to use an offer, nor to say how a talk ended before it was held: that is only reminded of."""
    if one.kind == "offer" and one.strength == "may":
        return False
    said_by_events = one.kind == "decision" and duty_of(policy, one).done_by is not None
    return not said_by_events or one.owner.side == "partnership"


def _reminders(policy: Policy, one: Obligation, since: datetime, urgent: bool) -> Iterator[Rung]:
    if one.due is None:
        wait = 1 if one.at_once else REVIEW_AFTER
        first = _working_day(policy, since, wait)
        yield Rung("on the day", first, "owner", urgent)
        start = _working_day(policy, first, 1)
    else:
        yield from (rung for rung in _ahead(policy, one, urgent) if rung.at > since)
        late = one.due.at <= since
        start = one.due.at if one.due.precise and not late else _working_day(policy, max(since, one.due.at), 1)
    for name, to, days in _CLIMB[: _CLIMBS[one.strength]]:
        if one.due is not None or name != "overdue":
            yield Rung(name, _working_day(policy, start, days) if days else start, to, urgent)


def _ahead(policy: Policy, one: Obligation, urgent: bool) -> Iterator[Rung]:
    due = one.due
    if due is None:
        return
    if due.precise:
        at = due.at - _HOURS_BEFORE
        yield Rung("before", at if urgent or policy.calendar.in_hours(at) else _last_office_hour(policy, at), "owner", urgent)
        return
    yield Rung("before", _working_day_before(policy, due.at), "owner", urgent)
    yield Rung("on the day", _morning(policy, due.at), "owner", urgent)


def _from_pack(policy: Policy, step: Step, one: Obligation, since: datetime) -> Rung | None:
    if step.from_ == "due" and one.due is None:
        return None
    ahead = step.id in ("before", "on the day")
    point = since if step.from_ == "since" or one.due is None else one.due.at if ahead else max(since, one.due.at)
    if step.wait:
        at = point + step.wait
    elif step.working_days > 0:
        at = _working_day(policy, point, step.working_days)
    elif step.working_days < 0:
        at = _working_day_before(policy, point, -step.working_days)
    else:
        at = point
    if ahead and at < since:
        return None
    return Rung(step.id, max(since, at), step.to, step.urgent)  # type: ignore[arg-type]  # words of the pack's own Literals


def _morning(policy: Policy, at: datetime) -> datetime:
    """When the office opens on the day of `at`."""
    calendar = policy.calendar
    return datetime.combine(calendar.day_of(at), calendar.opens, calendar.zone).astimezone(UTC)


def _working_day(policy: Policy, at: datetime, count: int) -> datetime:
    """When the office opens, `count` working days after the day of `at`."""
    calendar = policy.calendar
    day = calendar.working_day_after(calendar.day_of(at), count)
    return datetime.combine(day, calendar.opens, calendar.zone).astimezone(UTC)


def _working_day_before(policy: Policy, at: datetime, count: int = 1) -> datetime:
    """When the office opens, `count` working days before the day of `at`."""
    calendar = policy.calendar
    day = calendar.day_of(at)
    while count:
        day -= timedelta(days=1)
        count -= calendar.is_working(day)
    return datetime.combine(day, calendar.opens, calendar.zone).astimezone(UTC)


def _last_office_hour(policy: Policy, at: datetime) -> datetime:
    """An hour before the office shut last before `at`: a reminder at night would be read when it is too late."""
    calendar = policy.calendar
    day = calendar.day_of(at)
    if not calendar.is_working(day) or calendar.local(at).time() < calendar.shuts:
        day = calendar.working_day_before(day, 1)
    return datetime.combine(day, calendar.shuts, calendar.zone).astimezone(UTC) - _AN_HOUR


def _without_stale(found: list[Rung], now: datetime) -> Iterator[Rung]:
    past = {one.to: one for one in found if one.at <= now}
    for one in found:
        if one.id in ("ask", "tell") or one.at > now or past[one.to] is one:
            yield one
