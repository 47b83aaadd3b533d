"""The keys an obligation may have, and a reminder of it.

What lives here: the shape of that part of the file. What does not: the rest of it (`source`), what may be the value of a key (`shapes`).
"""

from __future__ import annotations

from typing import Literal

from policies.language.shapes import (
    Id,
    Part,
    Phrase,
    Phrases,
    Strength,
    Text,
    YesNo,
)


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
