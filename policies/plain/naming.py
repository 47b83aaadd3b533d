"""What things of a policy are called in a sentence: stages, obligations, roles, the people it is about.

What lives here: names. What does not: whole phrases (`phrasing`, `conditions`) and sentences (`sentences`).
"""

from __future__ import annotations

from collections.abc import Iterable

from policies.parts.model import Policy
from policies.parts.terms import Duty, PartyRef

_SUBJECTS = {"child": "a child", "adult": "an adult", "theme": "a matter that is about nobody in particular"}
SIDES = {
    "raising": "the {} on the raising side",
    "responding": "the {} on the responding side",
    "both": "both sides together ({})",
    "each": "the {} on each side",
    "every": "the {} of every agency that takes part",
    "own": "the {} on their own side",
    "other": "the {} on the other side",
    "partnership": "the {}",
    "none": "nobody in particular",
}


def subject(policy: Policy) -> str:
    """One word for whoever a case is about: child, adult or person."""
    people = [one for one in policy.subject.split(" or ") if one != "theme"]
    return people[0] if len(people) == 1 else "person"


def subjects(policy: Policy) -> str:
    """What a case may be about: "a child", "a child or an adult"."""
    return listed((_SUBJECTS.get(one, one) for one in policy.subject.split(" or ")), "or")


def each_words(policy: Policy, duty: Duty) -> str:
    """Of whom there is one obligation each: reviewing officer, child, adult, person."""
    if duty.each == "officer":
        return role(policy, duty.each_role) if duty.each_role else "reviewing officer"
    return duty.each


def quoted(text: str) -> str:
    """A title inside a sentence, without a full stop of its own."""
    return f"“{text.rstrip('.')}”"


def lowered(text: str) -> str:
    """`text` for the middle of a sentence: its first letter small, unless more capitals show that it is a name."""
    return text if any(letter.isupper() for letter in text[1:]) else text[:1].lower() + text[1:]


def raised(text: str) -> str:
    """`text` for the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def stopped(text: str) -> str:
    """A pack's own words as a sentence: with a full stop where they end without one."""
    return text if text.endswith((".", "?", "!", ":", ")")) else f"{text}."


def listed(words: Iterable[str], joint: str = "and") -> str:
    """a; a and b; a, b and c."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} {joint} {found[-1]}" if found else ""


def stage(policy: Policy, stage_id: str) -> str:
    """A stage by its number and title."""
    found = policy.stage_by_id.get(stage_id)
    return f"stage {stage_id} ({found.title})" if found else f"stage {stage_id}"


def duty(policy: Policy, place: str, here: str = "") -> str:
    """An obligation by its title, with its stage where that is not the one spoken of (`here`, a stage id)."""
    found = policy.duty_by_place.get(place)
    if found is None:
        return quoted(place)
    where = f" at stage {found.stage}" if found.stage and found.stage != here else ""
    return quoted(found.title) + where


def role(policy: Policy, role_id: str) -> str:
    """A role's title for the middle of a sentence: "line manager", "Business Manager"."""
    found = policy.roles.get(role_id)
    if found is None:
        return role_id
    title = found.title.removeprefix("The ").removeprefix("the ")
    return title if found.of == "partnership" else lowered(title)


def holder(policy: Policy, ref: PartyRef) -> str:
    """Who holds the role on that side, where the table says the same for every kind of agency; else the role's title."""
    return _always(policy, ref) or role(policy, ref.role)


def _always(policy: Policy, ref: PartyRef) -> str:
    rows = [(kind, cell) for (_, kind), cell in policy.table.items() if ref.role in cell]
    if ref.side not in ("raising", "responding") or {kind for kind, _ in rows} != {one.id for one in policy.agency_types}:
        return ""
    found = {" or ".join(post.title for post in cell[ref.role] if post.side in ("", ref.side)) for _, cell in rows}
    return found.pop() if len(found) == 1 else ""


def who(policy: Policy, ref: PartyRef) -> str:
    """A party in a sentence: "the line manager on the raising side"."""
    if ref.side == "officer":
        found = policy.roles.get(ref.role)
        return f"the {found.of if found else subject(policy)}’s {role(policy, ref.role)}"
    if ref.type:
        return f"the {role(policy, ref.role)} of each agency of the kind {kind(policy, ref.type)} that takes part"
    return SIDES.get(ref.side, f"the {{}} ({ref.side})").format(holder(policy, ref))


def kind(policy: Policy, agency_type: str) -> str:
    """A kind of agency by its title, quoted."""
    return quoted(next((one.title for one in policy.agency_types if one.id == agency_type), agency_type))


def who_may(policy: Policy, ref: PartyRef) -> str:
    """The same of something that either side may do by itself, as opening a stage or choosing: "the line manager on either side"."""
    return f"the {role(policy, ref.role)} on either side" if ref.side == "both" else who(policy, ref)


def parties(policy: Policy, refs: Iterable[PartyRef]) -> str:
    """Several parties in a sentence."""
    return listed(who(policy, one) for one in refs)
