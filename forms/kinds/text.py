"""Free text: short (one line), long (several), and number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from forms.definition import Field
from forms.kinds.base import Kind, Problem, Raw, Reading, first
from forms.setting import Setting
from forms.words import LONG, SHORT, has_nul, one_line, thousands, tidy


def read_line(typed: str, what: str, suffix: str = "", limit: int = SHORT) -> Reading:
    """One line of text: at most `limit` characters, no NUL. `what` names it within a message ("the name")."""
    if has_nul(typed):
        return Reading(None, (Problem(suffix, f"Type {what} again: it holds a character that cannot be kept"),))
    text = one_line(typed)
    if len(text) > limit:
        return Reading(None, (Problem(suffix, f"Shorten {what} to {thousands(limit)} characters or fewer: it has {thousands(len(text))}"),))
    return Reading(text or None)


class Short(Kind):
    """One line, 200 characters at most."""

    id = "short"

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The line, with space at its ends removed."""
        return read_line(first(raw), "this answer")

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """A string of bounded length."""
        return {"type": "string", "minLength": 1, "maxLength": SHORT}


class Long(Kind):
    """Several lines, 10,000 characters at most, counted with a line break as one."""

    id = "long"
    settings = frozenset({"rows"})

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """The text as typed; hidden controls are written out."""
        typed = first(raw)
        if has_nul(typed):
            return Reading(None, (Problem("", "Type this answer again: it holds a character that cannot be kept"),))
        text = tidy(typed)
        if len(text) > LONG:
            return Reading(
                None, (Problem("", f"Shorten this answer to {thousands(LONG)} characters or fewer: it has {thousands(len(text))}"),)
            )
        return Reading(text or None)

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """A string of bounded length."""
        return {"type": "string", "minLength": 1, "maxLength": LONG}


class Number(Kind):
    """A whole number from `least` (0) to `most` (100,000)."""

    id = "number"
    settings = frozenset({"least", "most"})
    coded = True

    def _bounds(self, spec: Field) -> tuple[int, int]:
        return (0 if spec.least is None else spec.least, 100_000 if spec.most is None else spec.most)

    def read(self, spec: Field, raw: Raw, setting: Setting) -> Reading:
        """Digits, a thousands comma allowed."""
        typed = one_line(first(raw)).replace(",", "")
        least, most = self._bounds(spec)
        if not typed:
            return Reading(None)
        if typed.isascii() and typed.isdigit() and len(typed) < 10 and least <= int(typed) <= most:
            return Reading(int(typed))
        return Reading(None, (Problem("", f"Enter a whole number from {thousands(least)} to {thousands(most)}"),))

    def fits(self, spec: Field, value: Any) -> bool:
        """A whole number."""
        return isinstance(value, int) and not isinstance(value, bool)

    def schema(self, spec: Field, setting: Setting | None) -> dict[str, Any]:
        """An integer within the bounds."""
        least, most = self._bounds(spec)
        return {"type": "integer", "minimum": least, "maximum": most}

    def faults(self, spec: Field) -> Iterator[tuple[str, str]]:
        """Bounds the wrong way round."""
        least, most = self._bounds(spec)
        if least > most:
            yield "least", "must not be above `most`"
