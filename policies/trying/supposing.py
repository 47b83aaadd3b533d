"""A case that nobody raised: the facts a run or a drawing supposes, plain or as somebody wishes them.

What lives here: making such facts, with every id checked. What does not: running a case forward (`simulating`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from policies.evaluating.beginning import begin
from policies.parts.model import SIDES, Policy
from policies.parts.schema import Event
from policies.parts.vocabulary import Choice, Flag, OutsideDate
from policies.parts.words import known

_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # what is offered as a case begins does not hang on when
_ABOUT = {"child": "a child", "adult": "an adult", "theme": "nobody in particular"}


def plain_facts(policy: Policy) -> dict[str, Any]:
    """Two agencies of the policy's first two types, and one child or adult with every flag they can have."""
    kinds = [one.id for one in policy.agency_types]
    return {
        "themes": [policy.themes[0].id],
        "parties": _parties(policy, kinds[min(1, len(kinds) - 1)], kinds[0]),
        "children": _subjects(policy, policy.flag_ids, policy.subjects[:1]),
        "dates": {},
    }


def facts_with(
    policy: Policy,
    *,
    theme: str = "",
    flags: Iterable[str] | None = None,
    choices: Mapping[str, str] | None = None,
    dates: Mapping[str, datetime] | None = None,
    start: str = "",
    parties: tuple[str, str] | None = None,
    about: Iterable[str] = (),
) -> dict[str, Any]:
    """The plain facts, with what is given put in its place. With `flags` exactly these are set; `parties` are two types of agency;
    `about` is whom the case is about: child, adult, both, or theme for nobody.

    Raises PhraseError (a ValueError) for an id that the policy does not have, with those that it has.
    """
    facts = plain_facts(policy)
    people = tuple(known("subject", one, frozenset(policy.subjects)) for one in about) or policy.subjects[:1]
    if theme:
        facts["themes"] = [known("theme", theme, _ids(policy.themes))]
    wanted = frozenset(known("flag", one, policy.flag_ids) for one in flags) if flags is not None else policy.flag_ids
    facts["children"] = _subjects(policy, wanted, people)
    if flags is not None:
        facts["flags"] = [one.id for one in policy.flags if one.of == "case" and one.id in wanted]
    if choices:
        facts["choices"] = {name: _option(policy, name, option) for name, option in choices.items()}
    if dates:
        facts["dates"] = {known("date", name, policy.date_ids): at.isoformat() for name, at in dates.items()}
    if start:
        facts["start"] = known("stage", start, frozenset(policy.stage_by_id))
    if parties:
        types = [known("agency type", one, _ids(policy.agency_types)) for one in parties]
        facts["parties"] = _parties(policy, *types)
    return facts


def with_what_is_offered(policy: Policy, facts: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, str]]:
    """The facts without the choices that the policy does not offer yet as the case begins, and those choices."""
    given = facts.get("choices", {})
    questions = [policy.question_by_id[name] for name in given if name in policy.question_by_id]
    if all(one.when is None for one in questions):
        return facts, {}
    case = begin(policy, Event(1, "raised", _ANY_TIME, _ANY_TIME, facts={**facts, "choices": {}}))
    later = {one.id: given[one.id] for one in questions if one.when is not None and not one.when.holds(case)}
    return {**facts, "choices": {name: option for name, option in given.items() if name not in later}}, later


def supposed_words(policy: Policy, facts: Mapping[str, Any]) -> str:
    """What those facts suppose, in one sentence for whoever reads a run: theme, agencies, flags, choices and dates."""
    parties = [f"{_title(policy.agency_types, one['type'])} ({one['side']})" for one in facts["parties"]]
    flags = [*facts.get("flags", ()), *(flag for one in facts["children"] for flag in one["flags"])]
    said = [f"it is about “{_title(policy.themes, facts['themes'][0])}”", " and ".join(parties)]
    if len(policy.subjects) > 1:
        said.append(f"about {' and '.join(_ABOUT[one['is']] for one in facts['children']) or _ABOUT['theme']}")
    said.append("noted: " + ", ".join(f"“{_title(policy.flags, one)}”" for one in flags) if flags else "nothing is noted")
    for question in policy.questions:
        option = facts.get("choices", {}).get(question.id, question.default)
        said += [f"“{question.title}” is “{_title(question.options, option)}”"] if option else []
    dates = facts.get("dates", {})
    said += [f"“{_title(policy.dates, name)}” is known" for name in dates]
    lost = (one for one in policy.dates if one.required and one.id not in dates)
    said += [f"“{one.title}” is not known, though it must be given, and no clock counts from it" for one in lost]
    return f"Supposed: {'; '.join(said)}."


def _title(among: Iterable[Choice | Flag | OutsideDate], wanted: str) -> str:
    return next((one.title for one in among if one.id == wanted), wanted)


def _parties(policy: Policy, raising: str, responding: str) -> list[dict[str, Any]]:
    """One agency a side; one agency on both where the policy is for that alone."""
    if policy.inside_allowed == "only":
        return [_party(policy, "the agency", responding, side) for side in SIDES]
    return [_party(policy, "first agency", raising, "raising"), _party(policy, "second agency", responding, "responding")]


def _party(policy: Policy, agency: str, kind: str, side: str) -> dict[str, Any]:
    """An agency that may sit on every panel."""
    return {"agency": agency, "type": kind, "side": side, "traits": sorted({one.trait for one in policy.panels if one.trait})}


def _ids(several: Iterable[Choice]) -> frozenset[str]:
    return frozenset(one.id for one in several)


def _option(policy: Policy, name: str, option: str) -> str:
    question = policy.question_by_id[known("choice", name, policy.question_by_id)]
    return known(f"option of '{name}'", option, _ids(question.options))


def _subjects(policy: Policy, flags: Collection[str], people: Iterable[str]) -> list[dict[str, Any]]:
    """One child, or one adult, or one of each, with those of the flags that they can have; nobody where it is about a theme."""
    return [_subject(policy, flags, kind) for kind in dict.fromkeys(people) if kind != "theme"]


def _subject(policy: Policy, flags: Collection[str], kind: str) -> dict[str, Any]:
    of = (kind, "person")
    people = {role.id: role.id for role in policy.roles.values() if role.of in of}
    more = {"people": people} if len(people) > 1 else {}
    return {
        "child": kind,
        "is": kind,
        "flags": [one.id for one in policy.flags if one.of in of and one.id in flags],
        "officer": "officer",
        **more,
    }
