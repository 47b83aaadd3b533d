"""How early a date may be: `not before` names a moment of the case ("raised", "30 days before raised"), which the service hands in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from forms.definition import Field
from forms.kinds.base import Problem
from forms.setting import Setting
from forms.words import say_date

_BOUND = re.compile(r"(?:([1-9][0-9]{0,3}) days before )?([a-z][a-z -]{0,40})")


@dataclass(frozen=True)
class Earliest:
    """What `not before` says: `days` before the moment that is called `name`."""

    name: str
    days: int = 0

    @classmethod
    def read(cls, text: str) -> Earliest | None:
        """From "raised" or "30 days before raised"; None where it is neither."""
        found = _BOUND.fullmatch(text)
        return cls(found[2], int(found[1] or 0)) if found else None

    def moment(self, setting: Setting) -> datetime | None:
        """The earliest instant allowed, on the minute (seconds are not asked); None where the case has no such moment."""
        known = (setting.context.get("moments") or {}).get(self.name)
        return None if known is None else known.replace(second=0, microsecond=0) - timedelta(days=self.days)

    def problem(self, setting: Setting, suffix: str, with_time: bool) -> Problem:
        """What is said of an answer before it."""
        at = (setting.context["moments"][self.name]).astimezone(setting.zone)
        said = f"{say_date(at.date())}, {at:%H:%M}" if with_time and not self.days else say_date(at.date())
        reach = f"not more than {self.days} days before it was {self.name}" if self.days else f"not before it was {self.name}"
        return Problem(suffix, f"Enter a date{' and time' if with_time and not self.days else ''} {reach} ({said})")


def faults_of(spec: Field) -> Iterator[tuple[str, str]]:
    """A bound that names nothing."""
    if spec.not_before and Earliest.read(spec.not_before) is None:
        yield "not before", "name a moment of the case, as in `raised` or `30 days before raised`"
