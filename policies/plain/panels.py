"""Panels and how far an outcome binds, as phrases."""

from __future__ import annotations

from policies.parts.model import Policy
from policies.parts.stages import Outcome, Panel
from policies.plain.naming import listed, quoted, raised

_BINDING = {
    "": "",
    "advisory": "It is advice.",
    "final": "It is final.",
    "binding": "It binds the agencies.",
    "final and binding": "It is final and binds the agencies.",
}


def binding_words(outcome: Outcome) -> str:
    """How far an outcome binds, "" where the policy does not say."""
    return _BINDING.get(outcome.binding, f"It is {outcome.binding}.")


def panel_words(policy: Policy, panel: Panel) -> str:
    """The composition of a panel in a sentence."""
    words = f"{'' if panel.exactly else 'at least '}{panel.seats} agencies"
    if panel.trait:
        words += f", each {panel.trait_title}"
    if panel.all_who_disagree:
        words += ", all who disagree among them"
    if panel.none_who_disagree:
        words += ", none who disagree among them"
    if panel.fixed:
        titles = {one.id: one.title for one in policy.agency_types}
        words += f"; always {listed(quoted(titles.get(one, one)) for one in panel.fixed)}"
    return f"{raised(words)}."
