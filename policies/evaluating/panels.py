"""Panels: whether one can be formed at all, and whether a proposed one fits the policy, with the reasons when not.

What lives here: the arithmetic of seats. What does not: inviting anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from policies.evaluating.beginning import read_member
from policies.evaluating.cases import Member
from policies.parts.model import Policy
from policies.parts.stages import Panel


def panel_problems(
    policy: Policy, panel_id: str, parties: Iterable[Mapping[str, Any]], seats: Sequence[Mapping[str, Any]] | None = None
) -> tuple[str, ...]:
    """Why this panel cannot be formed for these parties; with `seats`, why that panel does not fit. Empty: it can, it does.

    Parties and seats are mappings as in the facts of a `raised` event: agency, type, traits (parties have a side as well).
    Raises KeyError for a panel that the policy does not have, Unreadable (a ValueError) for a party or seat without its agency.
    """
    panel = next((one for one in policy.panels if one.id == panel_id), None)
    if panel is None:
        raise KeyError(panel_id)
    members = [read_member(one) for one in parties]
    titles = {one.id: one.title for one in policy.agency_types}
    found = impossible(panel, members, titles)
    return found if seats is None else (*found, *misfits(panel, members, [read_member(one) for one in seats], titles))


def impossible(panel: Panel, members: Sequence[Member], titles: Mapping[str, str]) -> tuple[str, ...]:
    """Why no panel can be formed for these agencies, whoever else is asked."""
    if not panel.all_who_disagree:
        return ()
    agencies = {one.agency: one for one in members}
    found = [
        f"{_name(one, titles)} is one of those who disagree and must sit on the panel, but is not {panel.trait_title}."
        for one in agencies.values()
        if panel.trait and panel.trait not in one.traits
    ]
    found += [
        f"{_name(one, titles)} is one of those who disagree, but the panel's seats are fixed to other kinds of agency."
        for one in agencies.values()
        if panel.fixed and one.type not in panel.fixed
    ]
    if len(agencies) > panel.seats:
        found.append(f"{len(agencies)} agencies disagree and all must sit on the panel, but it has {panel.seats} seats.")
    return tuple(found)


def misfits(panel: Panel, members: Sequence[Member], seats: Sequence[Member], titles: Mapping[str, str]) -> tuple[str, ...]:
    """Why these seats do not make the panel the policy asks for."""
    found = []
    if len(seats) < panel.seats or (panel.exactly and len(seats) > panel.seats):
        found.append(f"The panel needs {'' if panel.exactly else 'at least '}{panel.seats} agencies; {len(seats)} are named.")
    if len({one.agency for one in seats}) < len(seats):
        found.append("An agency is named twice; each seat must be a different one.")
    found += [f"{_name(one, titles)} is not {panel.trait_title}." for one in seats if panel.trait and panel.trait not in one.traits]
    if panel.fixed:
        kinds = {one.type for one in seats}
        found += [f"The panel needs {titles.get(kind, kind)}." for kind in panel.fixed if kind not in kinds]
    if panel.all_who_disagree:
        seated = {one.agency for one in seats}
        missing = {one.agency: one for one in members if one.agency not in seated}
        found += [f"{_name(one, titles)} is one of those who disagree and has no seat." for one in missing.values()]
    if panel.none_who_disagree:
        parties = {one.agency for one in members}
        found += [f"{_name(one, titles)} is one of those who disagree and may not sit on it." for one in seats if one.agency in parties]
    return tuple(found)


def _name(one: Member, titles: Mapping[str, str]) -> str:
    """An agency in words that name no one: its type and its opaque id."""
    return f"{titles.get(one.type, 'An agency')} ({one.agency})"
