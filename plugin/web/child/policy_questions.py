"""The questions a policy itself asks before a disagreement is raised, as forms: whether another route is the right one, the dates
its clocks start from, and what the raising side may choose. Made of the policy; no partnership's words stand here.
"""

from __future__ import annotations

from typing import Any

import forms
import policies
from policies import Policy

_DATES = "When did it happen?", "The policy counts its time limits from here."
_AHEAD = "Which dates count?", "The policy counts its time limits from here."
_FACTS = "A few facts", "The policy goes by what you say here."


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


def facts(policy: Policy, harm: str) -> forms.Definition | None:
    """What the policy must know as it begins: when each of the dates was that its clocks count from, and what the raising side may choose.

    None where it asks neither. `harm` is the answer to the question about danger: a choice may be offered for a case in danger alone.
    """
    dated = [_date(at, one) for at, one in enumerate(policy.dates)]
    chosen = [_choice(at, one) for at, one in choices(policy, harm)]
    title, lead = _FACTS if chosen else _AHEAD if any(one.ahead for one in policy.dates) else _DATES
    return _form("facts", title, [*dated, *chosen], lead)


def _date(at: int, one: policies.OutsideDate) -> dict[str, Any]:
    return {
        "name": f"date_{at}",
        "kind": "date-time",
        "label": one.title,
        "required": one.required,
        "must_be": "" if one.ahead else "past",
        "hint": "For example, 22 3 2027 at 9:00. If you do not know the time, give your best guess.",
        "missing": "Enter the date and time",
    }


def _choice(at: int, one: policies.Question) -> dict[str, Any]:
    return {
        "name": f"choice_{at}",
        "kind": "choice",
        "label": one.title,
        "required": bool(one.default),
        "hint": "" if one.default else "You can also say this later.",
        "options": [{"value": option.id, "label": option.title} for option in one.options],
        "missing": f"Choose one: {one.title}",
    }


def choices(policy: Policy, harm: str) -> list[tuple[int, policies.Question]]:
    """What the raising side may choose as the case begins, each with its place among all choices of the policy."""
    offered = policies.choices_at_start(policy, {"flags": flags_said(policy, harm, {})})
    return [(at, one) for at, one in enumerate(policy.questions) if one in offered]


def usual(policy: Policy) -> dict[str, str]:
    """What is chosen beforehand on that page: what the policy takes where nobody says anything."""
    return {f"choice_{at}": one.default for at, one in enumerate(policy.questions) if one.default}


def dates_given(policy: Policy, answers: dict[str, Any]) -> dict[str, str]:
    """The dates that were answered, by the policy's own ids."""
    return {one.id: answers[f"date_{at}"] for at, one in enumerate(policy.dates) if answers.get(f"date_{at}")}


def choices_given(policy: Policy, harm: str, answers: dict[str, Any]) -> dict[str, str]:
    """The choices that were made, by the policy's own ids; one that is not offered to such a case is left out."""
    return {one.id: answers[f"choice_{at}"] for at, one in choices(policy, harm) if answers.get(f"choice_{at}")}


def pages(policy: Policy, draft: dict[str, Any]) -> list[str]:
    """The pages that this policy asks of a disagreement, in order, from the organisation on; `draft` is what was answered so far."""
    harm = draft.get("emergency", "")
    asked = {
        "raising.where": True,
        "raising.when": facts(policy, harm) is not None,
        "starting.also": asks_more(policy, harm, draft),
        "starting.start": len(starts(policy, harm, draft)) > 1,
        "raising.disagreement": True,
    }
    return [page for page, wanted in asked.items() if wanted]


def page_before(page: str, policy: Policy, draft: dict[str, Any]) -> str:
    """The page that comes before this one."""
    asked = pages(policy, draft)
    return asked[asked.index(page) - 1]


def asks_more(policy: Policy, harm: str, draft: dict[str, Any]) -> bool:
    """Whether, beside the danger, something else that may be true of the case would let it start at a later step."""
    known = flags_said(policy, harm, {})
    might = [one.id for one in policy.flags if one.of == "case" and (one.id in known or not _is_danger(policy, one.id))]
    chosen = choices_given(policy, harm, draft.get("dates", {}))
    return len(_starts(policy, might, chosen)) > len(_starts(policy, known, chosen))


def _is_danger(policy: Policy, flag: str) -> bool:
    return policy.emergency is not None and policy.emergency.flag == flag


def beginning(policy: Policy) -> dict[str, Any]:
    """What the form is told for its questions about where a case starts."""
    return {"may start later": True, "later steps": [one.id for one in policy.stages[1:]]}


def start_given(policy: Policy, harm: str, draft: dict[str, Any]) -> dict[str, Any]:
    """The answers about where it starts, as far as they still hold: a start that is no longer open is left out."""
    also = draft.get("also", {}) if asks_more(policy, harm, draft) else {}
    start = draft.get("start", {})
    open_now = [one for one, _ in starts(policy, harm, {**draft, "also": also})]
    return {**also, **(start if len(open_now) > 1 and start.get("start") in open_now else {})}


def flags_said(policy: Policy, harm: str, answers: dict[str, Any]) -> list[str]:
    """The flags of the case that the answers so far set; `harm` is the answer to the question about danger."""
    danger = [policy.emergency.flag] if policy.emergency and harm == "yes" else []
    return [*danger, *(one for one in answers.get("case_flags") or () if one in policy.flag_ids)]


def starts(policy: Policy, harm: str, draft: dict[str, Any]) -> list[tuple[str, str]]:
    """Where a case of which this was said may start: a step's id and title, the usual one first."""
    flags = flags_said(policy, harm, draft.get("also", {}))
    return _starts(policy, flags, choices_given(policy, harm, draft.get("dates", {})))


def _starts(policy: Policy, flags: list[str], chosen: dict[str, str]) -> list[tuple[str, str]]:
    return [(one, policy.stage_by_id[one].title) for one in policies.possible_starts(policy, {"flags": flags, "choices": chosen})]


def _form(id: str, title: str, fields: list[dict[str, Any]], lead: str = "") -> forms.Definition | None:
    given = {"id": id, "version": 1, "title": title, "lead": lead, "fields": tuple(fields)}
    return forms.Definition.model_validate(given) if fields else None
