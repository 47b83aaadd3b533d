"""Who: a person, and a signature (a typed name with role and organisation)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from forms.definition import Field
from forms.kinds.base import NOT_ANSWERED, Kind, Problem, Raw, Reading, first
from forms.kinds.text import read_line
from forms.setting import Setting
from forms.words import SHORT, say_date

_EMAIL = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+\.[^@\s,;<>\"().]{2,}")
_PHONE = re.compile(r"\+?[\d\s().-]{7,25}( ?(ext|x)\.? ?\d{1,6})?", re.IGNORECASE)


class Detail(NamedTuple):
    """One thing asked of a person: its label, how it is named within a message, what the browser may fill in."""

    label: str
    what: str
    autocomplete: str = ""


DETAILS = {
    "name": Detail("Full name", "the full name"),
    "role": Detail("Job or role", "the job or role"),
    "organisation": Detail("Organisation", "the organisation"),
    "email": Detail("Work email address", "the email address"),
    "phone": Detail("Phone number", "the phone number"),
}


def _wrong(key: str, text: str) -> str:
    """What is wrong with a detail that has a form of its own; "" where nothing is."""
    if key == "email" and not _EMAIL.fullmatch(text):
        return "Enter an email address in full, like name@example.org"
    if key == "phone" and not _PHONE.fullmatch(text):
        return "Enter a phone number with its area code, like 01632 960 001"
    return ""


class Person(Kind):
    """A person: the details in `ask` (name, role, organisation, email, phone), of which those in `optional` may be left out.

    Kept as a mapping of what was given. A required person needs every detail that is not optional; one that is not required may be left
    empty altogether, or be given in full.
    """

    id = "person"
    settings = frozenset({"ask", "optional", "not you", "unknown mailbox"})
    says_missing = False

    def asked(self, spec: Field) -> tuple[str, ...]:
        """The details asked, in their order."""
        return spec.ask or tuple(DETAILS)

    def suffixes(self, spec: Field) -> tuple[str, ...]:
        """One control a detail."""
        return tuple(f"-{key}" for key in self.asked(spec))

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The details given, each checked; where one is given, the others that are needed are asked for."""
        value: dict[str, str] = {}
        problems: list[Problem] = []
        for key in self.asked(spec):
            reading = read_line(first(raw, f"-{key}"), DETAILS[key].what, f"-{key}")
            problems += reading.problems
            if reading.value and (wrong := _wrong(key, reading.value) or self._not_so(spec, key, reading.value, setting)):
                problems.append(Problem(f"-{key}", wrong))
            elif reading.value:
                value[key] = reading.value
        if value or problems:
            told = {problem.suffix for problem in problems}
            problems += [problem for problem in self._lacking(spec, value) if problem.suffix not in told]
        order = self.suffixes(spec)
        return Reading(value or None, tuple(sorted(problems, key=lambda problem: order.index(problem.suffix))))

    def _not_so(self, spec: Field, key: str, text: str, setting: Setting) -> str:
        """What is said where somebody names themselves by their own address (the context's `own email`) and may not, or a mailbox that
        is none of the context's `mailboxes` (whole addresses and domains, in lower case; not there: any will do); "" else."""
        address = text.casefold()
        if key != "email":
            return ""
        if spec.not_you and address == str(setting.context.get("own email") or "").casefold():
            return spec.not_you
        known = setting.context.get("mailboxes")
        return "" if known is None or {address, address.rpartition("@")[2]} & set(known) else spec.unknown_mailbox

    def _lacking(self, spec: Field, value: dict[str, str]) -> list[Problem]:
        needed = [key for key in self.asked(spec) if key not in spec.optional and key not in value]
        return [Problem(f"-{key}", f"Enter {DETAILS[key].what}") for key in needed]

    def missing(self, spec: Field) -> tuple[Problem, ...]:
        """Each detail that is needed, by itself."""
        return tuple(self._lacking(spec, {}))

    def raw(self, spec: Field, value: Any, setting: Setting) -> Raw:
        """One control a detail."""
        return {f"-{key}": [str(value[key])] for key in self.asked(spec) if key in value} if value else {}

    def fits(self, spec: Field, value: Any) -> bool:
        """A mapping of text, with no detail that is not asked."""
        known = {*self.asked(spec), "signed_at"}
        return isinstance(value, dict) and set(value) <= known and all(isinstance(one, str) for one in value.values())

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """One detail a line, with what is not there left out."""
        return "\n".join(str(value[key]) for key in self.asked(spec) if value.get(key)) if value else NOT_ANSWERED

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """An object of the details."""
        return {
            "type": "object",
            "properties": {key: {"type": "string", "minLength": 1, "maxLength": SHORT} for key in self.asked(spec)},
            "required": [key for key in self.asked(spec) if key not in spec.optional],
            "additionalProperties": False,
        }

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """Details nobody knows, or optional ones that are not asked."""
        known = ", ".join(DETAILS)
        yield from (("ask", f"{key!r} is not one of {known}") for key in spec.ask if key not in DETAILS)
        yield from (("optional", f"{key!r} is not asked") for key in spec.optional if key not in self.asked(spec))


class Signature(Person):
    """A typed name with role and organisation, and when it was signed (the setting's `now`, UTC)."""

    id = "signature"
    settings = frozenset()

    def asked(self, spec: Field) -> tuple[str, ...]:
        """Name, role, organisation."""
        return ("name", "role", "organisation")

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The three details, and the time."""
        reading = super().read(spec, raw, setting)
        if reading.value and not reading.problems and setting.now:
            return Reading({**reading.value, "signed_at": setting.now.isoformat(timespec="seconds")})
        return reading

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """The three details, and when it was signed."""
        if not value or "signed_at" not in value:
            return super().text(spec, value, setting)
        local = datetime.fromisoformat(value["signed_at"]).astimezone(setting.zone)
        return f"{super().text(spec, value, setting)}\nSigned {say_date(local.date())}, {local:%H:%M}"

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """An object of the three details and the time."""
        schema = super().schema(spec, setting)
        schema["properties"]["signed_at"] = {"type": "string", "format": "date-time"}
        return schema
