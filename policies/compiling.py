"""Makes a policy of a pack whose keys are right: reads its phrases, links its parts, gathers who cites which rule.

What lives here: the compiler. What does not: the file's shape (`source`), phrases (`phrases`), the obligations and the table of roles
(`compiling_duties`, `compiling_roles`), checks of the policy as a whole (`checks`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from policies import condition_phrases, phrases, source
from policies.calendars import NATIONS, Calendar
from policies.compiling_duties import duties_of, places_of
from policies.compiling_roles import role_table
from policies.conditions import Condition
from policies.model import (
    LANGUAGE,
    Cap,
    Choice,
    Clock,
    Conflict,
    Emergency,
    Flag,
    Guard,
    Limit,
    Note,
    Outcome,
    OutsideDate,
    Panel,
    PartyRef,
    Policy,
    Question,
    Redirect,
    Role,
    Rule,
    Stage,
)
from policies.problems import Problem
from policies.reading import Document, Path
from policies.words import PhraseError, Words

T = TypeVar("T")


@dataclass(slots=True)
class Compiler:
    """One pack being compiled: its words, and the problems found so far."""

    pack: source.PackSource
    document: Document
    words: Words
    problems: list[Problem] = field(default_factory=list)

    def fault(self, path: Path, text: str) -> None:
        """Notes a problem and goes on, so that all are reported at once."""
        self.problems.append(self.document.problem(path, text))

    def read(self, path: Path, build: Callable[[], T], instead: T) -> T:
        """What `build` makes, or `instead` after a phrase that cannot be read."""
        try:
            return build()
        except PhraseError as fault:
            self.fault(path, str(fault))
            return instead

    def condition(self, text: str, path: Path, words: Words) -> Condition | None:
        """The condition in `text`, None for an empty one."""
        return self.read(path, lambda: condition_phrases.condition_of(text, words), None) if text else None

    def required(self, text: str, path: Path, words: Words) -> Condition:
        """A condition that must be there; after a mistake, one that never matters because the pack is refused."""
        return self.condition(text, path, words) or condition_phrases.condition_of("raised", Words())

    def clock(self, texts: Iterable[str], path: Path, words: Words, start: str, rule: str) -> Clock | None:
        """The limits in `texts`, of which the first that applies counts; None where there is none."""
        found: list[Limit] = []
        for number, text in enumerate(texts):
            one = self.read((*path, number), lambda text=text: phrases.limit(text, words, start), None)  # type: ignore[misc]  # the value is bound by default: mypy reads no such lambda
            if one is not None:
                found.append(one)
        return Clock(tuple(found), rule) if found else None

    def who(self, text: str, path: Path, words: Words, acting: str) -> tuple[PartyRef, ...]:
        """The parties in `text`, none for an empty one."""
        nobody: tuple[PartyRef, ...] = ()
        return self.read(path, lambda: phrases.who(text, words, acting), nobody) if text else nobody


def compile_pack(pack: source.PackSource, text: str, document: Document) -> tuple[Policy | None, list[Problem]]:
    """The policy, or None, and every problem found. `text` is what is hashed."""
    maker = Compiler(pack, document, _words(pack))
    calendar = _calendar(maker)
    roles = {one.id: Role(one.id, one.title, one.of) for one in pack.roles}
    table = role_table(maker, roles)
    places = places_of(pack)
    stages = tuple(_stage(maker, number, places.words(maker.words, one.id)) for number, one in enumerate(pack.stages))
    words = places.words(maker.words, "")
    policy = Policy(
        id=pack.id,
        title=pack.title,
        partnership=pack.partnership,
        version=pack.version,
        language=LANGUAGE,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        text=text,
        effective_from=pack.effective.from_,
        effective_until=pack.effective.until,
        subject=pack.subject,
        calendar=calendar,
        moved_on_referral=pack.settings.stage_entry == "when referred",
        themes=_choices(pack.themes),
        flags=tuple(Flag(one.id, one.title, "case" if one.of == "case" else "child", one.rule) for one in pack.flags),
        questions=tuple(_question(maker, number, words) for number in range(len(pack.choices))),
        dates=tuple(OutsideDate(one.id, one.title, one.required, one.rule) for one in pack.dates),
        modes=_choices(pack.modes),
        emergency=Emergency(**pack.emergency.model_dump()) if pack.emergency else None,
        redirects=tuple(Redirect(**one.model_dump()) for one in pack.redirects),
        agency_types=_choices(pack.agency_types),
        roles=roles,
        table=table,
        stages=stages,
        caps=tuple(_cap(maker, number, words) for number in range(len(pack.caps))),
        duties=duties_of(maker, places),
        outcomes=(*(_outcome(maker, number, words) for number in range(len(pack.outcomes))), *_neutral(pack)),
        panels=tuple(_panel(maker, number, words) for number in range(len(pack.panels))),
        contacts=tuple(pack.contacts),
        statistics=tuple(one.text for one in pack.statistics),
        conflicts=tuple(_conflict(maker, number, words) for number in range(len(pack.conflicts))),
        unresolved=_notes(maker, "unresolved", pack.unresolved, words),
        notes=_notes(maker, "notes", pack.notes, words),
        rules=(),
        settings=_settings(pack),
    )
    if maker.problems:
        return None, maker.problems
    return replace(policy, rules=_register(pack)), []


def _words(pack: source.PackSource) -> Words:
    return Words(
        stages=frozenset(one.id for one in pack.stages),
        flags=frozenset(one.id for one in pack.flags),
        dates=frozenset(one.id for one in pack.dates),
        outcomes=frozenset(one.id for one in pack.outcomes) | NEUTRAL,
        themes=frozenset(one.id for one in pack.themes),
        types=frozenset(one.id for one in pack.agency_types),
        roles={one.id: one.of for one in pack.roles},
        choices={one.id: frozenset(option.id for option in one.options) for one in pack.choices},
    )


def _choices(items: Iterable[source.ChoiceSource]) -> tuple[Choice, ...]:
    return tuple(Choice(one.id, one.title) for one in items)


def _calendar(maker: Compiler) -> Calendar:
    settings, pack = maker.pack.settings, maker.pack.calendar
    closures: set[date] = set()
    for number, text in enumerate(pack.closures):
        closures |= maker.read(("calendar", "closures", number), lambda text=text: _days(text), set())  # type: ignore[misc]  # the value is bound by default: mypy reads no such lambda
    opens, shuts = maker.read(("settings", "office hours"), lambda: _hours(settings.office_hours), (time(9), time(17)))
    return Calendar(
        nation=pack.nation,
        zone=ZoneInfo(NATIONS[pack.nation][2]),
        closures=frozenset(closures),
        opens=opens,
        shuts=shuts,
        next_day_when_shut=settings.out_of_hours == "next working day",
        hours_are_working=settings.hours == "working",
        days_are_working=settings.days == "working",
    )


def _days(text: str) -> set[date]:
    """One date, or two with "to" between them, both ends included; a year at most."""
    first, _, last = text.partition(" to ")
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last or first)
    except ValueError:
        raise PhraseError(f"'{text}' is not a date or a span of dates. Write 2026-12-24 or '2026-12-24 to 2027-01-03'.") from None
    if not 0 <= (end - begin).days <= 366:
        raise PhraseError("A span of closed days ends after it begins, and lasts a year at most.")
    return {begin + timedelta(days=n) for n in range((end - begin).days + 1)}


def _hours(text: str) -> tuple[time, time]:
    found = re.fullmatch(r"(\d\d:\d\d) to (\d\d:\d\d)", text)
    try:
        opens, shuts = time.fromisoformat(found[1] if found else ""), time.fromisoformat(found[2] if found else "")
    except ValueError:
        raise PhraseError(f"'{text}' are not office hours. Write for example '09:00 to 17:00'.") from None
    if opens >= shuts:
        raise PhraseError("Office hours must end later than they begin.")
    return opens, shuts


def _stage(maker: Compiler, number: int, words: Words) -> Stage:
    one, path = maker.pack.stages[number], ("stages", number)
    speaker = one.acts[0] if one.acts else ""
    for place, role in enumerate(one.acts):
        if role not in words.roles:
            maker.fault((*path, "acts", place), f"'{role}' is not a role of this pack. There are: {', '.join(words.roles)}.")
    in_order = maker.pack.stages[number + 1].id if number + 1 < len(maker.pack.stages) else ""
    following = "" if one.next == "none" else one.next or in_order
    if following and following not in words.stages:
        maker.fault((*path, "next"), f"'{following}' is not a stage of this pack. Write 'none' where none follows.")
    return Stage(
        id=one.id,
        number=number,
        title=one.title,
        summary=one.summary,
        acts=tuple(one.acts),
        limit=maker.clock(one.limit, (*path, "limit"), words, "entry", one.rule),
        cumulative=maker.clock(one.cumulative, (*path, "cumulative"), words, "raised", one.rule),
        opened_by=maker.who(one.opened_by, (*path, "opened by"), words, speaker),
        judged_by=maker.who(one.judged_by, (*path, "judged by"), words, speaker),
        guards=tuple(
            Guard(
                f"{one.id}/{guard.id}",
                maker.required(guard.needs, (*path, "enter", place, "needs"), words),
                guard.text,
                guard.strength,
                guard.rule,
            )
            for place, guard in enumerate(one.enter)
        ),
        tiers=one.tiers,
        time_up=one.time_up or maker.pack.settings.time_up,
        direct=maker.condition(one.may_start_here, (*path, "may start here"), words),
        next=following,
        rule=one.rule,
    )


def _cap(maker: Compiler, number: int, words: Words) -> Cap:
    one, path = maker.pack.caps[number], ("caps", number)
    clock = maker.clock(one.limit, (*path, "limit"), words, "raised", one.rule) or Clock(())
    return Cap(one.id, one.title, clock, maker.required(one.ends, (*path, "ends"), words), one.strength)


def _question(maker: Compiler, number: int, words: Words) -> Question:
    one, path = maker.pack.choices[number], ("choices", number)
    by = maker.who(one.by, (*path, "by"), words, maker.pack.stages[0].acts[0])
    if one.default and one.default not in words.choices[one.id]:
        maker.fault((*path, "default"), f"'{one.default}' is not one of the options.")
    return Question(one.id, one.title, _choices(one.options), one.default, one.rule, by, maker.condition(one.when, (*path, "when"), words))


def _outcome(maker: Compiler, number: int, words: Words) -> Outcome:
    one, path = maker.pack.outcomes[number], ("outcomes", number)
    by = maker.who(one.by, (*path, "by"), words, maker.pack.stages[0].acts[0])
    when = maker.condition(one.when, (*path, "when"), words)
    return Outcome(one.id, one.title, one.closes, one.binding, one.neutral, by, when, one.rule)


def _neutral(pack: source.PackSource) -> tuple[Outcome, ...]:
    """Ways to finish that every case needs and few policies name; a pack that names one has its own."""
    own = {one.id for one in pack.outcomes}
    raising = (PartyRef("raising", pack.stages[0].acts[0]),)
    titles = {"withdrawn": "Withdrawn", "partly resolved": "Partly resolved; open points are listed", "superseded": "Overtaken by events"}
    return tuple(
        Outcome(name, title, True, "", True, raising if name == "withdrawn" else (), None, "")
        for name, title in titles.items()
        if name not in own
    )


NEUTRAL = frozenset({"withdrawn", "partly resolved", "superseded"})


def _panel(maker: Compiler, number: int, words: Words) -> Panel:
    one, path = maker.pack.panels[number], ("panels", number)
    for place, kind in enumerate(one.fixed):
        if kind not in words.types:
            maker.fault((*path, "fixed", place), f"'{kind}' is not an agency type of this pack.")
    when = maker.required(one.when, (*path, "when"), words)
    return Panel(
        one.id, one.title, one.seats, one.exactly, one.trait, one.trait_title or one.trait, one.includes_disputants, tuple(one.fixed), when,
        one.rule,
    )  # fmt: skip


def _conflict(maker: Compiler, number: int, words: Words) -> Conflict:
    one = maker.pack.conflicts[number]
    when = maker.condition(one.when, ("conflicts", number, "when"), words)
    return Conflict(one.id, one.about, tuple(one.readings), one.chosen, one.rule, when)


def _notes(maker: Compiler, key: str, items: list[source.NoteSource], words: Words) -> tuple[Note, ...]:
    return tuple(
        Note(one.id, one.text, one.rule, maker.condition(one.when, (key, number, "when"), words)) for number, one in enumerate(items)
    )


def _settings(pack: source.PackSource) -> dict[str, str]:
    """The choices that no policy text makes, in words that can be printed in the case file."""
    chosen = pack.settings
    closed = f", and without {len(pack.calendar.closures)} closures of its own" if pack.calendar.closures else ""
    hours = chosen.office_hours
    return {
        "C1 working day": f"Monday to Friday, without the bank holidays of {pack.calendar.nation}{closed}",
        "C2 day count": "the day of the event is day 0; a limit in days ends with its last day",
        "C3 out of hours": "an event out of hours keeps its own day"
        if chosen.out_of_hours == "same day"
        else f"an event outside {hours} counts as received on the next working day (before opening: the same day)",
        "C4 hours": "elapsed hours, nights and holidays included" if chosen.hours == "elapsed" else f"working hours, {hours}",
        "C5 days": f"'days' alone means {chosen.days} days",
        "C6 stage entry": f"a stage is entered {chosen.stage_entry}",
        "C7 binding deadline": "the earliest of the stage's limit, every cap and the protective date",
        "C8 bank holidays": f"{pack.calendar.nation}, substitute days included",
        "C9 late step": "never refused; done, and marked late",
        "time up": {
            "nothing": "a limit that passes moves nothing; people are told",
            "permits": "a limit that passes lets the next stage be opened",
            "opens": "a limit that passes opens the next stage by itself",
        }[chosen.time_up],
        "identifiable data": "the policy does not say how to send it"
        if chosen.identifiable_data == "not said"
        else "sent by secure means only",
        "school holidays": "working days like others" if chosen.school_holidays == "working days" else "closed days, as the calendar lists",
    }


def _register(pack: source.PackSource) -> tuple[Rule, ...]:
    """Each rule with the places that cite it. Strengths come from the obligations and guards among them, the strongest first."""
    cited: dict[str, list[str]] = {}
    strengths: dict[str, set[str]] = {}
    for place, part in citing_parts(pack):
        for number in cites(getattr(part, "rule", "")):
            cited.setdefault(number, []).append(place)
            strengths.setdefault(number, set()).add(getattr(part, "strength", ""))
    order = ("must", "should", "may", "guide", "")
    return tuple(
        Rule(number, says, min(strengths.get(number, {""}), key=order.index), tuple(cited.get(number, ())))
        for number, says in pack.rules.items()
    )


def cites(rule: str) -> tuple[str, ...]:
    """The rule numbers named in a `rule:` key; several stand with commas between."""
    return tuple(part.strip() for part in rule.split(",") if part.strip())


def citing_parts(pack: source.PackSource) -> list[tuple[str, source.Part]]:
    """Every part of a pack that cites rules, with its place in words a reader can find ("stages.1.owes.discussion")."""
    found: list[tuple[str, source.Part]] = []
    if pack.emergency:
        found.append(("emergency", pack.emergency))
    named: tuple[tuple[str, Iterable[source.Part]], ...] = (
        ("themes", pack.themes), ("flags", pack.flags), ("choices", pack.choices), ("dates", pack.dates), ("modes", pack.modes),
        ("redirects", pack.redirects), ("agency types", pack.agency_types), ("roles", pack.roles), ("caps", pack.caps),
        ("owes", pack.owes), ("every stage", pack.every_stage), ("stages", pack.stages), ("outcomes", pack.outcomes),
        ("panels", pack.panels), ("statistics", pack.statistics), ("conflicts", pack.conflicts), ("unresolved", pack.unresolved),
        ("notes", pack.notes),
    )  # fmt: skip
    for key, parts in named:
        found.extend((f"{key}.{getattr(one, 'id', '')}", one) for one in parts)
    for stage in pack.stages:
        found.extend((f"stages.{stage.id}.owes.{one.id}", one) for one in stage.owes)
        found.extend((f"stages.{stage.id}.enter.{one.id}", one) for one in stage.enter)
    for question in pack.choices:
        found.extend((f"choices.{question.id}.{one.id}", one) for one in question.options)
    return found
