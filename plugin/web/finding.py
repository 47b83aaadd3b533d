"""Somebody chosen among the people of an organisation that has too many to list: part of a name is typed, and who has it is offered.

One form field `find` beside a form's own; what was looked for is kept with its draft. What does not live here: who is offered
(`services.case.staff`), the box and its words (templates/find.html).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from plugin.services.case.staff import Found


@dataclass(frozen=True, slots=True)
class Finding:
    """A question whose answers are people. `field`: its name; `choices`: what its form calls them; `look` finds them, by what was typed
    and the ids of those that were chosen before."""

    field: str
    choices: str
    look: Callable[[str, Collection[str]], Found]

    def found(self, kept: Mapping[str, Any], prefilled: Mapping[str, Any]) -> Found:
        """Who is offered now, by what was sent or kept."""
        typed = (kept.get("typed") or {}).get(self.field) or []
        said = [request.form.get(self.field), *typed, (kept.get("values") or {}).get(self.field), prefilled.get(self.field)]
        return self.look(sought(kept), [str(one) for one in said if one])


def sought(kept: Mapping[str, Any]) -> str:
    """What stands in the box."""
    return request.form.get("find", str(kept.get("find", ""))).strip()[:100]


def asked(kept: Mapping[str, Any]) -> bool:
    """Whether somebody is to be looked for first: by the button, or by Enter in the box."""
    return "find_now" in request.form or sought(kept) != kept.get("find", "")
