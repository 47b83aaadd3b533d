"""Numbers that name a child in a record system, with their check digits: NHS number, unique pupil number, an agency's own id."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from forms.definition import Field
from forms.kinds.base import Kind, Problem, Raw, Reading, first
from forms.setting import Setting
from forms.words import one_line

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_LOCAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}")


def nhs_number_holds(digits: str) -> bool:
    """Ten digits; the last is eleven less the sum of the others weighted 10 to 2, modulo eleven. A result of ten is never issued."""
    if not re.fullmatch(r"[0-9]{10}", digits):
        return False
    check = (11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11) % 11
    return check == int(digits[9])


def upn_holds(text: str) -> bool:
    """A check letter, then twelve characters (digits; the last may be a letter in a temporary number) weighted 2 to 13, modulo 23."""
    if not re.fullmatch(rf"[{_UPN_LETTERS}][0-9]{{11}}[0-9{_UPN_LETTERS}]", text):
        return False
    worth = [int(one) if one.isdigit() else _UPN_LETTERS.index(one) for one in text[1:]]
    return _UPN_LETTERS[sum(number * weight for number, weight in zip(worth, range(2, 14), strict=True)) % 23] == text[0]


class Identifier(Kind):
    """An identifier of the `scheme` nhs-number, upn or local. Kept without spaces, letters in capitals (local ids as typed)."""

    id = "identifier"
    settings = frozenset({"scheme"})

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The identifier, if its check digit holds."""
        typed = one_line(first(raw))
        if not typed:
            return Reading(None)
        plain = re.sub(r"[\s-]", "", typed).upper()
        if spec.scheme == "nhs-number" and nhs_number_holds(plain):
            return Reading(plain)
        if spec.scheme == "upn" and upn_holds(plain):
            return Reading(plain)
        if spec.scheme == "local" and _LOCAL.fullmatch(typed):
            return Reading(typed)
        return Reading(None, (Problem("", _WRONG[spec.scheme]),))

    def text(self, spec: Field, value: Any, setting: Setting) -> str:
        """An NHS number in its usual three groups."""
        text = super().text(spec, value, setting)
        return f"{text[:3]} {text[3:6]} {text[6:]}" if spec.scheme == "nhs-number" and value else text

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """A string of the scheme's shape; the check digit is checked when it is read."""
        pattern = {"nhs-number": "^[0-9]{10}$", "upn": "^[A-Z][0-9]{11}[0-9A-Z]$"}.get(spec.scheme, "^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}$")
        return {"type": "string", "pattern": pattern}

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """A scheme must be said."""
        if not spec.scheme:
            yield "scheme", "say which: nhs-number, upn or local"


_WRONG = {
    "nhs-number": "Check the NHS number: it has 10 digits, and these do not belong together",
    "upn": "Check the unique pupil number: it has a letter and 12 more characters, and these do not belong together",
    "local": "Enter the number as it stands in your record system: letters, numbers, spaces and . / _ - only",
}
