"""How time is counted, in sentences: settings, calendar, clocks over several stages, clocks that stand still."""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluating.clocks import whom
from policies.evaluating.due_words import day_words
from policies.parts.calendars import Calendar
from policies.parts.closures import Days
from policies.parts.model import Policy
from policies.parts.terms import Cap, Stop
from policies.plain import naming
from policies.plain.conditions import condition_words
from policies.plain.duties import ladder_words
from policies.plain.naming import listed, raised
from policies.plain.phrasing import clock_words
from policies.plain.writing import Section, Sentence


def timing(policy: Policy) -> Section:
    """Settings, calendar, caps and stops."""
    parts = [
        Section("settings", "How days and hours are counted", tuple(_settings(policy))),
        Section("calendar", "The calendar", tuple(_calendar(policy))),
        Section("caps", "Time for several stages", tuple(_cap(policy, one) for one in policy.caps)),
        Section("stops", "When clocks stand still", tuple(_stop(policy, one) for one in policy.stops)),
    ]
    reminders = Section("reminders", "Reminders", tuple(_reminders(policy)))
    binds = f"Where several clocks run, the earliest end counts. A date set to protect {whom(policy)} can only make it earlier."
    chosen = "Few policies say how days and hours are counted. What follows holds here; see that it is what you mean."
    says = (Sentence("earliest", binds), Sentence("choices", chosen))
    return Section("timing", "How time is counted", says, tuple(one for one in (*parts, reminders) if one.says))


def _settings(policy: Policy) -> Iterator[Sentence]:
    for name, words in policy.settings.items():
        yield Sentence(name, f"{raised(name.partition(' ')[2] if _numbered(name) else name)}: {words}.")


def _reminders(policy: Policy) -> Iterator[Sentence]:
    for strength, steps in policy.ladders.items():
        what = "For each guide" if strength == "guide" else f"For what {strength} be done"
        yield Sentence(strength, f"{what}, unless it says otherwise: {ladder_words(steps)}.")


def _numbered(name: str) -> bool:
    """Whether a setting's name begins with its number among the date rules ("C1 working day")."""
    return name[:1] == "C" and name[1:2].isdigit()


def _calendar(policy: Policy) -> Iterator[Sentence]:
    calendar = policy.calendar
    yield Sentence("nation", _nations(calendar))
    yield Sentence("office hours", f"Offices are open from {calendar.opens:%H:%M} to {calendar.shuts:%H:%M} on working days.")
    if calendar.service:
        yield Sentence("service hours", f"Service hours are {'; '.join(str(one) for one in calendar.service)}.")
    for key, title, days in (
        ("closures", "Offices are also shut:", calendar.closures),
        ("open", "Offices are open, although it is a bank holiday:", calendar.worked),
        ("school holidays", "School holidays:", calendar.school_holidays),
    ):
        if days:
            yield Sentence(key, f"{title} {_days(days)}.")


def _nations(calendar: Calendar) -> str:
    if not calendar.also:
        return f"The bank holidays are those of {calendar.nation}; a day begins and ends by the clocks there."
    every = listed((calendar.nation, *calendar.also))
    return f"A bank holiday in any of {every} is no working day; a day begins and ends by the clocks of {calendar.nation}."


def _days(days: Days) -> str:
    """Spans of dates, and what comes every year."""
    ordered = sorted(days.dates)
    words = []
    start = None
    for number, day in enumerate(ordered):
        start = start or day
        following = ordered[number + 1] if number + 1 < len(ordered) else None
        if following is None or (following - day).days > 1:
            words.append(day_words(day) if start == day else f"{day_words(start)} to {day_words(day)}")
            start = None
    phrases = [*(_the(one) for one in days.yearly), *(f"{_the(one)} or the next working day" for one in days.moving)]
    yearly = f"every year on {listed(phrases)}" if phrases else ""
    return ", and ".join(one for one in (listed(words), yearly) if one)


def _the(phrase: str) -> str:
    """A day of every year in a sentence: "the third Monday of September", "the Friday before the third Monday of July", "13 July"."""
    beside = next((word for word in (" before ", " after ") if word in phrase), "")
    if beside:
        day, _, other = phrase.partition(beside)
        return f"the {day}{beside}{_the(other.removeprefix('the '))}"
    return f"the {phrase}" if " of " in phrase else phrase


def _cap(policy: Policy, cap: Cap) -> Sentence:
    ends = condition_words(policy, cap.ends)
    words = f"{cap.title}. This {cap.strength} be so within {clock_words(policy, cap.clock)}. The clock stops when {ends}."
    return Sentence(f"cap {cap.id}", words, cap.clock.rule)


def _stop(policy: Policy, stop: Stop) -> Sentence:
    stands = "stands" if len(stop.clocks) == 1 else "stand"
    while_ = condition_words(policy, stop.when)
    words = f"{stop.title}. While {while_}, {clocks_named(policy, stop)} {stands} still. A date set to protect {whom(policy)} never does."
    return Sentence(f"stop {stop.id}", words, stop.rule)


def clocks_named(policy: Policy, stop: Stop) -> str:
    """The clocks that stand still meanwhile: "all clocks", "the time for stage 2 (Line managers)"."""
    return listed(_clock_name(policy, one) for one in sorted(stop.clocks)) if stop.clocks else "all clocks"


def _clock_name(policy: Policy, clock: str) -> str:
    kind, _, name = clock.partition(":")
    if kind == "stage":
        return f"the time for {naming.stage(policy, name)}"
    if kind == "cap":
        return f"the time {naming.quoted(next((one.title for one in policy.caps if one.id == name), name))}"
    return f"the time for {naming.duty(policy, name)}"
