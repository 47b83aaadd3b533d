"""When a question is asked: the clauses of `when`, against the answers so far and the facts of the policy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from forms.definition import Field, When
from forms.setting import Setting


def wanted(clause: When, setting: Setting) -> tuple[str, ...]:
    """The values that make a clause about a field hold."""
    return tuple(str(one) for one in setting.context.get(clause.among) or ()) if clause.among else clause.is_


def possible(spec: Field, setting: Setting) -> bool:
    """Whether the question can be asked at all here: every fact it needs is so, each list it goes by has something in it, and there is
    something to choose beside "none of these". (One that must be answered is asked all the same: then somebody sees what is missing.)
    """
    if (
        spec.from_
        and not setting.choices.get(spec.from_)
        and (spec.options or not spec.required)
        and all(one.alone for one in spec.options)
    ):
        return False
    return all(any(setting.context.get(name) for name in one.context) if one.context else bool(wanted(one, setting)) for one in spec.when)


def open_here(spec: Field, here: frozenset[str], setting: Setting) -> bool:
    """Whether the question can be asked among the fields `here`: what it depends on elsewhere (in another part) is known and holds."""
    return possible(spec, setting) and all(_holds(one, setting.known, setting) for one in spec.when if one.field and one.field not in here)


def holds(spec: Field, answers: Mapping[str, Any], setting: Setting) -> bool:
    """Whether the question is asked, with these answers to the questions before it (one that was not asked is not among them)."""
    return possible(spec, setting) and all(_holds(one, answers, setting) for one in spec.when if one.field)


def _holds(clause: When, answers: Mapping[str, Any], setting: Setting) -> bool:
    answer = answers.get(clause.field)
    given = answer if isinstance(answer, list) else [answer]
    return any(one in given for one in wanted(clause, setting))
