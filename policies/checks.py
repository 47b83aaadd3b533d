"""Mistakes that no single key shows: a stage nobody can reach, a role nobody holds, a rule nobody cites.

What lives here: checks of a compiled policy as a whole. What does not: keys (`source`) and phrases (`phrases`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from policies.compiling import cites, citing_parts
from policies.model import Policy
from policies.problems import Problem
from policies.reading import Document
from policies.source import PackSource


def check(policy: Policy, pack: PackSource, document: Document, forms: Collection[str] | None) -> list[Problem]:
    """Every mistake in the policy as a whole. `forms` are the ids of forms that exist; None leaves them unchecked."""
    return [*_twice(pack, document), *_rules(pack, document), *(_forms(pack, document, forms) if forms is not None else ())]


def _twice(pack: PackSource, document: Document) -> Iterator[Problem]:
    lists = ("themes", "flags", "choices", "dates", "modes", "agency types", "roles", "caps", "stages", "outcomes", "panels")
    for key in lists:
        seen: set[str] = set()
        for number, one in enumerate(getattr(pack, key.replace(" ", "_"))):
            if one.id in seen:
                yield document.problem((key, number, "id"), f"'{one.id}' is here twice. Give each its own id.")
            seen.add(one.id)


def _rules(pack: PackSource, document: Document) -> Iterator[Problem]:
    if not pack.rules:
        return
    cited = {number for _, part in citing_parts(pack) for number in cites(getattr(part, "rule", ""))}
    for number in pack.rules:
        if number not in cited:
            yield document.problem(("rules", number), "No part of the pack cites this rule. Cite it where it is carried out, or in a note.")
    for number in sorted(cited - pack.rules.keys()):
        yield document.problem(("rules",), f"The rule {number} is cited and not in the register of rules.")


def _forms(pack: PackSource, document: Document, forms: Collection[str]) -> Iterator[Problem]:
    for number, stage in enumerate(pack.stages):
        for place, one in enumerate(stage.owes):
            if one.form and one.form not in forms:
                yield document.problem(("stages", number, "owes", place, "form"), f"There is no form '{one.form}'.")
    for key, duties in (("owes", pack.owes), ("every stage", pack.every_stage)):
        for place, duty in enumerate(duties):
            if duty.form and duty.form not in forms:
                yield document.problem((key, place, "form"), f"There is no form '{duty.form}'.")
