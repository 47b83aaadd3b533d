"""What a form is filled under, beyond what is typed into it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from forms.definition import Field, Option, every

LONDON = ZoneInfo("Europe/London")


@dataclass(frozen=True)
class Setting:
    """What a form is filled under: choices from outside, facts of the policy for conditions, answers known from other parts, the time.

    `now` is aware UTC (None: nothing about the present can be checked). Dates are typed and shown in `zone`.
    """

    choices: Mapping[str, Sequence[tuple[str, str]]] = attribute(default_factory=dict)
    context: Mapping[str, Any] = attribute(default_factory=dict)
    known: Mapping[str, Any] = attribute(default_factory=dict)
    now: datetime | None = None
    zone: ZoneInfo = LONDON
    _offered: dict[int, tuple[Option, ...]] = attribute(default_factory=dict, repr=False, compare=False)

    def needs(self, spec: Field) -> None:
        """Raises KeyError, naming them, where the choices from outside that a field takes were not given."""
        if spec.from_ and spec.from_ not in self.choices:
            raise KeyError(f"the choices for {spec.from_!r} were not given (field {spec.name!r})")

    @classmethod
    def of(
        cls,
        fields: Iterable[Field],
        choices: Mapping[str, Sequence[tuple[str, str]]] | None,
        context: Mapping[str, Any] | None = None,
        known: Mapping[str, Any] | None = None,
    ) -> Setting:
        """For answers that are only read: choices from outside that were not given are empty."""
        none = {one.from_: () for one in every(fields) if one.from_}
        return cls(none | dict(choices or {}), context or {}, known or {})

    def options(self, spec: Field) -> tuple[Option, ...]:
        """What can be chosen: what comes from outside first, the form's own options after. KeyError names the choices not given."""
        if not spec.from_:
            return spec.options
        self.needs(spec)
        if id(spec) not in self._offered:  # asked for when an answer is read and again when it is drawn
            outside = (Option(value=value, label=label) for value, label in self.choices[spec.from_])
            self._offered[id(spec)] = (*outside, *spec.options)
        return self._offered[id(spec)]
