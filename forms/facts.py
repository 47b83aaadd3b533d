"""What answers say to the policy and to statistics: codes, numbers and dates alone. Never free text, never a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.definition import Definition


def facts(definition: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of fields marked `fact:`, by the fact's name. Left out: what was not answered, and "none of these"."""
    found = _marked(definition, values, "fact")
    alone = {one.fact: {option.value for option in one.options if option.alone} for one in definition.fields if one.fact}
    told = {name: [one for one in value if one not in alone[name]] if isinstance(value, list) else value for name, value in found.items()}
    return {name: value for name, value in told.items() if value != []}


def meets(definition: Definition, values: Mapping[str, Any]) -> bool:
    """Whether these answers do what the form is for; not where one was chosen that `leaves owed` ("We did not get to talk")."""
    leaving = ((values.get(one.name), option.value) for one in definition.fields for option in one.options if option.leaves_owed)
    return not any(code in value if isinstance(value, list) else code == value for value, code in leaving)


def statistics(definition: Definition, values: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of fields marked `statistic:`, by its name. What was not answered is left out."""
    return _marked(definition, values, "statistic")


def _marked(definition: Definition, values: Mapping[str, Any], mark: str) -> dict[str, Any]:
    marked = ((getattr(one, mark), values.get(one.name)) for one in definition.fields if getattr(one, mark))
    return {name: value for name, value in marked if value not in (None, [])}
