"""Who a party is in one case: its agency where there is only one, its title from the table of roles.

What lives here: from "raising manager" to the manager of that agency. What does not: the table alone (`people`), what they owe (`duties`).
"""

from __future__ import annotations

from functools import lru_cache

from policies.evaluating.cases import Case
from policies.evaluating.people import post
from policies.parts.model import SIDES
from policies.parts.schema import Party, Side
from policies.parts.terms import Duty, PartyRef


def party(case: Case, side: str, role: str, stage: str) -> Party:
    """The party that `role` on `side` is, with its agency where there is only one and its title from the table of roles."""
    key = (side, role, stage)
    known = case.parties.get(key)
    if known is None:
        known = case.parties[key] = _make_party(case, side, role, stage)
    return known


def member_party(case: Case, agency: str, role: str, stage: str) -> Party:
    """What every agency has for itself, in this one; an agency on both sides has it once, and either side may do it."""
    member, *again = [one for one in case.members if one.agency == agency]
    side = "both" if again else member.side
    title, of = post(case.policy, stage, role, member.type, side)
    return _party(side, role, title, agency, of)


def owner_of(case: Case, duty: Duty, side: str, agency: str) -> Party:
    """Who owes a duty: on a side, or of an `agency` that owes it for itself, "" for none."""
    if not agency:
        return party(case, side, duty.by.role, duty.stage)
    kind = next(one.type for one in case.members if one.agency == agency)
    return member_party(case, agency, next(ref.role for ref in duty.owners if ref.type in ("", kind)), duty.stage)


def parties_of(case: Case, ref: PartyRef, stage: str) -> tuple[Party, ...]:
    """Whoever may do what `ref` may; of a kind of agency, each that takes part, so perhaps nobody."""
    if ref.type:
        agencies = dict.fromkeys(one.agency for one in case.members if one.type == ref.type)
        return tuple(member_party(case, one, ref.role, stage) for one in agencies)
    return (party(case, "both" if ref.side in ("each", "every") else ref.side, ref.role, stage),)


def recipients(case: Case, ref: PartyRef, owner: Side, duty: Duty, person: str) -> tuple[Party, ...]:
    """Whom a duty goes to, as seen from the side that owes it; `person` is the officer where it goes to one."""
    if ref.side == "officer":
        return (Party("none", ref.role, case.policy.roles[ref.role].title, person=person),)
    if ref.side in ("own", "other"):
        other = {"raising": "responding", "responding": "raising"}.get(owner, "both")
        return (party(case, owner if ref.side == "own" else other, ref.role, duty.stage),)
    return parties_of(case, ref, duty.stage)


def _make_party(case: Case, side: str, role: str, stage: str) -> Party:
    members = case.side(side) if side in SIDES else ()
    if not members:
        return _party(side, role, case.policy.roles[role].title if role else "")
    title, of = post(case.policy, stage, role, members[0].type, side)
    return _party(side, role, title, members[0].agency if len(members) == 1 else "", of)


@lru_cache(maxsize=8192)
def _party(side: str, role: str, title: str, agency: str = "", of: str = "") -> Party:
    """Kept: the same few people come up in every evaluation."""
    return Party(side, role, title, agency, of=of)  # type: ignore[arg-type]  # sides of a PartyRef that reach here are sides
