"""The dates from outside that a policy's clocks count from, as a form asks for them in the course of a case.

What lives here: the choices and lists that the form about changes goes by, and what it said. A date's code is its place in the policy.
What does not: the dates asked for as a case is raised (`web.child.policy_questions`), what follows from one (`policies`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from policies import Policy

_FIELDS = ("date", "date_ahead")


def choices(policy: Policy) -> dict[str, list[tuple[str, str]]]:
    """All of a policy's dates as choices, and apart those that must have been and those that may lie in the future."""
    every = [(str(at), one.title, one.ahead) for at, one in enumerate(policy.dates)]
    return {
        "dates": [(code, title) for code, title, _ in every],
        "dates gone by": [(code, title) for code, title, ahead in every if not ahead],
        "dates ahead": [(code, title) for code, title, ahead in every if ahead],
    }


def lists(policy: Policy) -> dict[str, list[str]]:
    """The context by which each date is asked for where it was ticked."""
    return {f"date codes {at}": [str(at)] for at in range(len(policy.dates))}


def said(policy: Policy, answers: Mapping[str, Any]) -> dict[str, str]:
    """The dates that were given, by the policy's own ids: instants in UTC, ISO 8601."""
    given = {one.id: [answers.get(f"{field}_{at}") for field in _FIELDS] for at, one in enumerate(policy.dates)}
    return {name: value for name, values in given.items() for value in values if value}
