"""The keys a pack may have, and what may stand in each. Strict: an unknown key is a mistake.

What lives here: the shape of the file, as pydantic models, with every value still the pack's own text. What does not: phrases
(`phrases`), what they become (`compiling`), what is said of a wrong key (`key_problems`), what no single key can show to be wrong
(`checks`).

A key of several words is written with spaces ("holds open: yes").
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from policies.parts.nations import NATIONS
from policies.parts.words import KEPT_WORDS

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*( [A-Za-z0-9-]+)*")


def _check_name(value: str) -> str:
    if not _ID.fullmatch(value) or len(value) > 48:
        raise ValueError("an id is letters, digits, hyphens and single spaces, 48 at most, such as 'looked after' or 3a")
    return value


def _check_id(value: str) -> str:
    _check_name(value)
    kept = KEPT_WORDS.intersection(value.split())
    if kept:
        raise ValueError(f"the word '{sorted(kept)[0]}' belongs to the language; choose another for this id")
    return value


def _subject(value: str) -> str:
    words = value.split(" or ")
    if not set(words) <= {"child", "adult", "theme"} or len(set(words)) < len(words):
        raise ValueError("write child, adult or theme, or several with 'or' between, such as 'child or adult', 'child or theme'")
    return value


def _yes_no(value: Any) -> Any:
    if value in ("yes", "no"):
        return value == "yes"
    raise ValueError("write yes or no")


def _number(value: Any) -> Any:
    if isinstance(value, str) and re.fullmatch(r"\d{1,4}", value):
        return int(value)
    raise ValueError("write a whole number")


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("write a date as 2026-11-22") from None


def _clock(value: Any) -> Any:
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError("write a time as 09:00") from None


def _list(value: Any) -> Any:
    """One phrase may stand where several may."""
    return [value] if isinstance(value, str) else value


def _commas(value: Any) -> Any:
    """A text with commas may stand for a list, so that one value of an area can hold several."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Id = Annotated[str, AfterValidator(_check_id)]
Name = Annotated[str, AfterValidator(_check_name)]  # an id that no phrase speaks of
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Phrase = Annotated[str, Field(max_length=2000)]  # "" is none
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
Number = Annotated[int, BeforeValidator(_number)]
Day = Annotated[date, BeforeValidator(_day)]
Time = Annotated[time, BeforeValidator(_clock)]
Listed = Annotated[list[Text], BeforeValidator(_commas)]
Phrases = Annotated[list[Text], BeforeValidator(_list)]
_Nation: Any = Literal[tuple(NATIONS)]  # the table of nations is the list of words
Nations = Annotated[list[_Nation], BeforeValidator(_commas), Field(min_length=1)]
Subject = Annotated[str, AfterValidator(_subject)]
Strength = Literal["must", "should", "may", "guide"]


class Part(BaseModel):
    """Base of every part of a pack: unknown keys refused, keys written with spaces."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, alias_generator=lambda name: name.rstrip("_").replace("_", " "))


class ChoiceSource(Part):
    id: Id
    title: Text
    rule: Phrase = ""


class FlagSource(ChoiceSource):
    of: Literal["child", "adult", "person", "case"] | None = None  # nothing said: of whoever the case is about


class QuestionSource(ChoiceSource):
    options: list[ChoiceSource] = Field(min_length=2)
    default: Phrase = ""
    by: Phrase = ""
    when: Phrase = ""


class DateSource(ChoiceSource):
    required: YesNo = False


class RoleSource(ChoiceSource):
    of: Literal["agency", "partnership", "child", "adult", "person"] = "agency"


class EmergencySource(Part):
    question: Text
    flag: Id
    tell: Phrase = ""
    text: Text
    rule: Text


class RedirectSource(Part):
    id: Name
    question: Text
    text: Text
    rule: Text


class InsideSource(Part):
    allowed: Literal["no", "yes", "only"]
    text: Phrase = ""
    rule: Text


class EffectiveSource(Part):
    from_: Day | None = None
    until: Day | None = None


class CalendarSource(Part):
    nation: Nations = ["England and Wales"]
    closures: Listed = []
    open: Listed = []
    school_holidays: Listed = []


class SettingsSource(Part):
    out_of_hours: Literal["same day", "next working day"] = "same day"
    office_hours: Text = "09:00 to 17:00"
    service_hours: Phrase = ""
    hours: Literal["elapsed", "working"] = "elapsed"
    days: Literal["calendar", "working"] = "calendar"
    end_on_a_closed_day: Literal["stays", "next working day"] = "stays"
    stage_entry: Literal["when unresolved", "when referred"] = "when unresolved"
    time_up: Literal["nothing", "permits", "opens"] = "nothing"
    school_holidays: Literal["working days", "closures"] = "working days"
    identifiable_data: Literal["not said", "secure means only"] = "not said"
    when_done: Literal["tell the other side", "tell nobody"] = "tell the other side"


class StepSource(Part):
    id: Literal["ask", "tell", "before", "on the day", "overdue", "next person", "duty desk", "partnership"]
    at: Text
    to: Literal["owner", "recipient", "deputy", "duty desk", "partnership"]
    urgent: YesNo = False


class LadderSource(Part):
    """What is sent for each obligation of a strength that says nothing of its own."""

    must: list[StepSource] = []
    should: list[StepSource] = []
    may: list[StepSource] = []
    guide: list[StepSource] = []


class DutySource(Part):
    id: Id
    kind: Literal[
        "discussion", "meeting", "form", "letter", "notice", "copy", "record", "confirmation", "attestation", "consideration", "plan",
        "decision", "debrief", "report", "statement", "hand-off", "offer", "referral", "feedback", "guide", "approval",
        "agenda item", "prompt",
    ]  # fmt: skip
    title: Text
    rule: Text
    strength: Strength
    by: Text
    to: Phrase = ""
    when: Phrase = ""
    limit: Phrases = []
    cumulative: Phrases = []
    lasts: Literal["stage", "until done", "from here on"] | None = None
    outside_limits: YesNo = False
    repeats: Phrases = []
    for_each: Phrase = ""
    done_by: Phrase = ""
    after: Phrases = []
    before: Phrase = ""
    form: Phrase = ""
    part: Phrase = ""
    asks: Phrases = []
    records: Phrases = []
    holds_open: YesNo = False
    automatic: YesNo = False
    private: YesNo = False
    note: Phrase = ""
    reminders: list[StepSource] = []


class EveryStageSource(DutySource):
    stages: Phrases = []


class GuardSource(Part):
    id: Id
    needs: Text
    text: Text
    strength: Strength
    rule: Text


class BackSource(Part):
    to: Text
    title: Phrase = ""
    by: Phrase = ""
    when: Phrase = ""
    rule: Text


class StageSource(Part):
    id: Id
    title: Text
    summary: Phrase = ""
    acts: Annotated[Phrases, Field(min_length=1)]
    limit: Phrases = []
    cumulative: Phrases = []
    opened_by: Phrase = ""
    judged_by: Phrase = ""
    enter: list[GuardSource] = []
    tiers: YesNo = False
    time_up: Literal["", "nothing", "permits", "opens"] = ""
    may_start_here: Phrase = ""
    next: Phrase = ""
    goes_back: list[BackSource] = []
    rule: Text
    owes: list[DutySource] = []


class CapSource(Part):
    id: Id
    title: Text
    limit: Phrases
    ends: Text
    strength: Strength
    rule: Text


class StopSource(Part):
    id: Name
    title: Text
    while_: Text
    clocks: Listed = []
    rule: Text


class OutcomeSource(Part):
    id: Id
    title: Text
    closes: YesNo = True
    binding: Literal["", "advisory", "final", "binding", "final and binding"] = ""
    neutral: YesNo = False
    by: Phrase = ""
    when: Phrase = ""
    rule: Phrase = ""


class PanelSource(Part):
    id: Name
    title: Text
    seats: Number
    exactly: YesNo = True
    trait: Phrase = ""
    trait_title: Phrase = ""
    includes_all_who_disagree: YesNo = False
    leaves_out_all_who_disagree: YesNo = False
    fixed: Phrases = []
    when: Text
    rule: Text


class ConflictSource(Part):
    id: Name
    about: Text
    readings: list[Text] = Field(min_length=1)
    chosen: Text
    rule: Text
    when: Phrase = ""


class NoteSource(Part):
    id: Name
    text: Text
    rule: Text
    when: Phrase = ""


class PackSource(Part):
    language: Literal["1"]
    id: Id
    title: Text
    partnership: Text
    version: Text
    effective: EffectiveSource = EffectiveSource()
    subject: Subject = "child"
    calendar: CalendarSource = CalendarSource()
    settings: SettingsSource = SettingsSource()
    reminders: LadderSource = LadderSource()
    themes: list[ChoiceSource] = Field(min_length=1)
    flags: list[FlagSource] = []
    choices: list[QuestionSource] = []
    dates: list[DateSource] = []
    modes: list[ChoiceSource] = []
    emergency: EmergencySource | None = None
    redirects: list[RedirectSource] = []
    inside_one_agency: InsideSource | None = None
    agency_types: list[ChoiceSource] = Field(min_length=1)
    roles: list[RoleSource] = Field(min_length=1)
    role_table: dict[str, dict[str, Text]] = {}
    caps: list[CapSource] = []
    stops: list[StopSource] = []
    owes: list[DutySource] = []
    every_stage: list[EveryStageSource] = []
    stages: list[StageSource] = Field(min_length=1)
    outcomes: list[OutcomeSource] = Field(min_length=1)
    panels: list[PanelSource] = []
    contacts: Phrases = []
    statistics: list[NoteSource] = []
    conflicts: list[ConflictSource] = []
    unresolved: list[NoteSource] = []
    notes: list[NoteSource] = []
    rules: dict[str, Text] = {}
