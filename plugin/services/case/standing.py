"""For which side somebody of an organisation stands, where both sides of a case are that one organisation.

The case's own record says it: who raised it, who was named, who has acted or spoken for one. Whoever is on record for a side stays there:
nobody answers their own challenge. Where the record says nothing, the team says it that one side's person works in. Who was only chosen by
a side to take it on may be above both: a head of service is the one there is.
What does not live here: what somebody may do (`services.acting.actors`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from policies import Event

SIDES = ("raising", "responding")
# What somebody says of themselves before they act for a side; it may be taken back as a mistake.
SPEAKS = "side"


def is_inside(events: Sequence[Event], agency_id: str) -> bool:
    """Whether this agency stands on both sides, by what the case began with."""
    parties: Sequence[Mapping[str, Any]] = events[0].facts.get("parties", ()) if events else ()
    return [one["agency"] for one in parties].count(agency_id) > 1


def on_record(events: Sequence[Event], agency_id: str, named: Mapping[str, str]) -> dict[str, str]:
    """Who of the agency is on record for which side, by their bare id. `named`: who was named for it when it was raised."""
    found = dict(named)
    spoke = {str(event.seq) for event in events if event.kind == "noted" and event.about == SPEAKS}
    taken_back = {event.about for event in events if event.kind == "corrected" and event.about in spoke}
    for event in events:
        if event.side in SIDES and event.agency == agency_id and not taken_back & {str(event.seq), event.about}:
            found.setdefault(event.actor, event.side)
    return found


def chosen(events: Sequence[Event], agency_id: str, role: str = "") -> Iterator[tuple[str, str, str]]:
    """Who was chosen to act in a role for this agency, the latest first: (by which side, in which role, recipient's key)."""
    for event in reversed(events):
        for agency, what, key in event.facts.get("appointed", ()):
            if agency == agency_id and role in ("", what):
                yield event.side, str(what), str(key)


def bare(key: str) -> str:
    """The id in a recipient's key ("person:7f" is 7f)."""
    return key.rpartition(":")[2]


def by_team(team: str, teams: Mapping[str, str]) -> str:
    """The one side whose person works in `team`; "" where that is neither or both. `teams` are by side."""
    same = [side for side, theirs in teams.items() if team and theirs == team]
    return same[0] if len(same) == 1 else ""


def nearness(team: str, wanted: str) -> int:
    """How near a role holder's team is to the one that is wanted: the same, the whole agency's, another's. To sort by, nearest first."""
    return 0 if team == wanted else 1 if not team else 2
