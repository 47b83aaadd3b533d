"""When mail may reach an agency: its own working time, or the office hours of the policy. What is urgent does not ask.

What lives here: an agency's hours and its own reminder ladder as data that is checked and kept; the next moment its office is open, and
when a mail is let go. What does not: which mails there are (`asking`), and working days as such (`policies.parts.calendars`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from plugin.models import Agency, begin_writing
from policies import Deadline
from policies.language.agency_ladders import agency_ladder
from policies.parts.calendars import Calendar

ALWAYS: Mapping[str, Any] = {"always": True}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_KEYS = {"always", "opens", "shuts", "days", "closed"}
_A_YEAR = 366


@dataclass(frozen=True, slots=True)
class Hours:
    """An office's working time, in the policy's zone. `closed` are first and last days; `days` (0 is Monday) empty for working days."""

    calendar: Calendar
    opens: time
    shuts: time
    days: frozenset[int] = frozenset()
    closed: tuple[tuple[date, date], ...] = ()
    always: bool = False

    def is_open(self, at: datetime) -> bool:
        """Whether mail sent at `at` (aware) arrives in working time."""
        here = self.calendar.local(at)
        return self.always or (self.opens <= here.time() < self.shuts and self._works(here.date()))

    def next_open(self, at: datetime) -> datetime:
        """The first moment from `at` on when the office is open, aware UTC; `at` itself where it is, or where it is shut for a year."""
        if self.is_open(at):
            return at
        here = self.calendar.local(at)
        day = here.date() if here.time() < self.opens else here.date() + timedelta(days=1)
        for _ in range(_A_YEAR):
            if self._works(day):
                return datetime.combine(day, self.opens, self.calendar.zone).astimezone(UTC)
            day += timedelta(days=1)
        return at

    def _works(self, day: date) -> bool:
        if any(first <= day <= last for first, last in self.closed):
            return False
        if not self.days:
            return self.calendar.is_working(day)
        return day.weekday() in self.days and (day.weekday() > 4 or self.calendar.is_working(day))


def hours_of(calendar: Calendar, said: Mapping[str, Any]) -> Hours:
    """The hours an agency said (see `checked`), or the policy's own where it said nothing."""
    return Hours(
        calendar,
        time.fromisoformat(said.get("opens", calendar.opens.isoformat())),
        time.fromisoformat(said.get("shuts", calendar.shuts.isoformat())),
        frozenset(_DAYS.index(one) for one in said.get("days", ())),
        tuple(_span(one) for one in said.get("closed", ())),
        bool(said.get("always", False)),
    )


def send_time(hours: Hours, now: datetime, due: Deadline | None, *, urgent: bool) -> datetime:
    """When a mail decided at `now` is let go: at once where it is urgent, where the office is open, or where it would be due before it
    opens; else when it opens."""
    if urgent:
        return now
    opens = hours.next_open(now)
    return now if due is not None and now < due.at <= opens else opens


def next_round(hours: Hours, now: datetime, due: Deadline | None) -> datetime | None:
    """When somebody who chose one mail a day gets this: as the office opens next day. None where the date leaves no day to spare."""
    if hours.always:
        return None
    tomorrow = hours.calendar.local(now).date() + timedelta(days=1)
    opens = hours.next_open(datetime.combine(tomorrow, time(), hours.calendar.zone).astimezone(UTC))
    day_after = hours.calendar.working_day_after(hours.calendar.local(opens).date(), 1)
    return opens if due is None or day_after <= due.local_date else None


def set_hours(session: Session, agency_id: str, said: Mapping[str, Any]) -> None:
    """Keeps an agency's hours. Raises LookupError for an unknown agency, ValueError (see `checked`). Commits."""
    good = checked(said)
    begin_writing(session)
    agency = session.get(Agency, agency_id)
    if agency is None:
        raise LookupError(agency_id)
    agency.hours = good
    session.commit()


def set_ladder(session: Session, agency_id: str, said: Mapping[str, Any]) -> None:
    """Keeps an agency's own reminders ({} for the policy's). Raises LookupError, ValueError (as `agency_ladder`). Commits."""
    agency_ladder(said)
    begin_writing(session)
    agency = session.get(Agency, agency_id)
    if agency is None:
        raise LookupError(agency_id)
    agency.ladder = dict(said)
    session.commit()


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """`said` where it can be kept: {"always": true}, or any of opens, shuts ("08:30"), days (names) and closed (dates or spans of them).

    Raises ValueError in words for whoever typed it.
    """
    if unknown := set(said) - _KEYS:
        raise ValueError(f"'{sorted(unknown)[0]}' is not known. Give always, or opens, shuts, days and closed.")
    for name in ("opens", "shuts"):
        if name in said:
            _time(name, said[name])
    if "opens" in said and "shuts" in said and time.fromisoformat(said["opens"]) >= time.fromisoformat(said["shuts"]):
        raise ValueError("The office must shut later than it opens.")
    for one in said.get("days", ()):
        if one not in _DAYS:
            raise ValueError(f"'{one}' is not a day of the week. Write for example Monday.")
    for one in said.get("closed", ()):
        _span(one)
    return dict(said)


def _time(name: str, text: Any) -> None:
    try:
        time.fromisoformat(str(text))
    except ValueError:
        raise ValueError(f"{name}: '{text}' is not a time. Write for example 08:30.") from None


def _span(text: Any) -> tuple[date, date]:
    first, _, last = str(text).partition(" to ")
    try:
        found = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise ValueError(f"closed: '{text}' is not a date. Write 2026-12-24, or 2026-12-24 to 2027-01-01.") from None
    if found[1] < found[0]:
        raise ValueError(f"closed: '{text}' ends before it begins.")
    return found
