"""The keys a pack may have, and what may stand in each. Strict: an unknown key is a mistake.

What lives here: the shape of the file, as pydantic models, with every value still the pack's own text. What does not: phrases
(`phrases`), what they become (`compiling`), what is said of a wrong key (`key_problems`), what no single key can show to be wrong
(`checks`).

A key of several words is written with spaces ("holds open: yes").
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from policies.language.duty_source import DutySource, EveryStageSource, LadderSource
from policies.language.shapes import (
    Day,
    Id,
    Listed,
    Name,
    Nations,
    Number,
    Part,
    Phrase,
    Phrases,
    Strength,
    Subject,
    Text,
    YesNo,
)


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
    ahead: YesNo = False


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
