"""The questions a policy itself asks before a disagreement is raised, as forms: whether another route is the right one, and the dates
its clocks start from. Made of the policy; no partnership's words stand here.
"""

from __future__ import annotations

from typing import Any

import forms
from policies import Policy


def routes(policy: Policy) -> forms.Definition | None:
    """One yes-or-no question for each matter that the policy sends elsewhere; None where it names none."""
    asked = [
        {"name": f"route_{at}", "kind": "yes-no", "label": one.question, "missing": f"Choose yes or no: {one.question}"}
        for at, one in enumerate(policy.redirects)
    ]
    return _form("other-route", "Is this the right way?", asked)


def taken(policy: Policy, answers: dict[str, Any]) -> list[Any]:
    """The policy's redirects that were answered with yes."""
    return [one for at, one in enumerate(policy.redirects) if answers.get(f"route_{at}") == "yes"]


def dates(policy: Policy) -> forms.Definition | None:
    """When each of the dates was that the policy's clocks count from; None where it counts from none."""
    asked = [
        {
            "name": f"date_{at}",
            "kind": "date-time",
            "label": one.title,
            "required": one.required,
            "must_be": "past",
            "hint": "For example, 22 3 2027 at 9:00. If you do not know the time, give your best guess.",
            "missing": "Enter the date and time",
        }
        for at, one in enumerate(policy.dates)
    ]
    return _form("dates", "When did it happen?", asked)


def dates_given(policy: Policy, answers: dict[str, Any]) -> dict[str, str]:
    """The dates that were answered, by the policy's own ids."""
    return {one.id: answers[f"date_{at}"] for at, one in enumerate(policy.dates) if answers.get(f"date_{at}")}


def _form(id: str, title: str, fields: list[dict[str, Any]]) -> forms.Definition | None:
    return forms.Definition.model_validate({"id": id, "version": 1, "title": title, "fields": tuple(fields)}) if fields else None
