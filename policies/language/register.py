"""The register of rules: each rule of the document, and the places of the pack that answer it.

What lives here: finding who cites what. What does not: whether every rule is cited (`checks`).
"""

from __future__ import annotations

from collections.abc import Iterable

from policies.language import source
from policies.language.shapes import Part
from policies.parts.vocabulary import Rule


def register_of(pack: source.PackSource) -> tuple[Rule, ...]:
    """Each rule with the places that cite it. Strengths come from the obligations and guards among them, the strongest first."""
    cited: dict[str, list[str]] = {}
    strengths: dict[str, set[str]] = {}
    for place, part in citing_parts(pack):
        for number in cites(getattr(part, "rule", "")):
            cited.setdefault(number, []).append(place)
            strengths.setdefault(number, set()).add(getattr(part, "strength", ""))
    order = ("must", "should", "may", "guide", "")
    return tuple(
        Rule(number, says, min(strengths.get(number, {""}), key=order.index), tuple(cited.get(number, ())))
        for number, says in pack.rules.items()
    )


def cites(rule: str) -> tuple[str, ...]:
    """The rule numbers named in a `rule:` key; several stand with commas between."""
    return tuple(part.strip() for part in rule.split(",") if part.strip())


def citing_parts(pack: source.PackSource) -> list[tuple[str, Part]]:
    """Every part of a pack that cites rules, with its place in words a reader can find ("stages.1.owes.discussion")."""
    found: list[tuple[str, Part]] = []
    if pack.emergency:
        found.append(("emergency", pack.emergency))
    if pack.inside_one_agency:
        found.append(("inside one agency", pack.inside_one_agency))
    named: tuple[tuple[str, Iterable[Part]], ...] = (
        ("themes", pack.themes), ("flags", pack.flags), ("choices", pack.choices), ("dates", pack.dates), ("modes", pack.modes),
        ("redirects", pack.redirects), ("agency types", pack.agency_types), ("roles", pack.roles), ("caps", pack.caps),
        ("stops", pack.stops),
        ("owes", pack.owes), ("every stage", pack.every_stage), ("stages", pack.stages), ("outcomes", pack.outcomes),
        ("panels", pack.panels), ("statistics", pack.statistics), ("conflicts", pack.conflicts), ("unresolved", pack.unresolved),
        ("notes", pack.notes),
    )  # fmt: skip
    for key, parts in named:
        found.extend((f"{key}.{getattr(one, 'id', '')}", one) for one in parts)
    for stage in pack.stages:
        found.extend((f"stages.{stage.id}.owes.{one.id}", one) for one in stage.owes)
        found.extend((f"stages.{stage.id}.enter.{one.id}", one) for one in stage.enter)
        found.extend((f"stages.{stage.id}.goes back.{way.to}", way) for way in stage.goes_back)
    for question in pack.choices:
        found.extend((f"choices.{question.id}.{one.id}", one) for one in question.options)
    return found
