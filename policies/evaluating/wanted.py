"""What a duty asks of a case: whether anything at all, of whom, about whom.

What lives here: turning the definition of an obligation into those that the case wants now. What does not: keeping the obligations
that there are in step with them (`duties`).
"""

from __future__ import annotations

from policies.evaluating.cases import Case
from policies.evaluating.lives import Asked, Wanted
from policies.parts.model import SIDES
from policies.parts.schema import Side
from policies.parts.terms import Duty

_THE_CASE = ("",)


def asked(case: Case, duty: Duty) -> Asked | None:
    """What the duty asks for now, in short; None where it asks for nothing."""
    if case.unmade or (duty.stage and not may_begin(case, duty)):
        return None
    if case.closed is not None and duty.strength == "guide" and (duty.when is None or "resolved" not in duty.when.triggers):
        return None
    if duty.each:
        about = _people(case, duty)
        if not about:
            return None
    elif duty.when is None or duty.when.holds(case):
        about = _THE_CASE
    else:
        return None
    return 1 if duty.epoch == "once" else epoch_of(case, duty), case.gathered, about


def wanted(case: Case, duty: Duty, short: Asked) -> dict[str, Wanted]:
    """The same in full, by key: one for each owner, for each it is about."""
    epoch, _, about = short
    head = f"{duty.stage or 'case'}({epoch})/{duty.id}" if epoch > 1 else duty.place
    found: dict[str, Wanted] = {}
    owners = _owners(case, duty)
    for tail, child, person in _subjects(case, duty, about, epoch):
        for own, side, agency in owners:
            key = f"{head}/{own}" if own else head
            key = f"{key}/{tail}" if tail else key
            found.setdefault(key, Wanted(key, epoch, side, agency, child, person))
    return found


def may_begin(case: Case, duty: Duty) -> bool:
    """Whether the case is in a place where this duty can begin. Its condition is asked separately."""
    if not duty.stage:
        return True
    if duty.lasts == "until done":
        return duty.stage in case.stays
    if duty.lasts == "from here on":
        return case.reached_number >= case.policy.stage_by_id[duty.stage].number
    return case.spell.stage.id == duty.stage and case.resolved is None and case.closed is None


def epoch_of(case: Case, duty: Duty) -> int:
    """Which visit to its stage, which time the case came there, or which resolution of the case, an obligation belongs to."""
    if duty.epoch == "once":
        return 1
    if duty.epoch == "time":
        return case.stays[duty.stage].time if duty.stage in case.stays else 1
    return case.spell.visit if duty.epoch == "visit" else case.resolutions


def _people(case: Case, duty: Duty) -> tuple[str, ...]:
    """The ids of those it is about; "" for an officer of somebody who is not known yet."""
    when, each = duty.when, duty.each
    if not case.children:
        return _THE_CASE if each == "officer" and (when is None or when.holds(case)) else ()
    of = case.policy.roles[duty.each_role].of if each == "officer" else each  # an advocate "of: adult" is no child's
    names = [name for name, one in case.children.items() if of in ("person", one.kind)]
    return tuple([name for name in names if when is None or when.holds(case, name)])


def _subjects(case: Case, duty: Duty, about: tuple[str, ...], epoch: int) -> list[tuple[str, str, str]]:
    """The last part of the key, the child (where it is one) and the officer; one with nothing where the duty is about the case."""
    if not duty.each:
        return [("", "", "")]
    if duty.each == "officer":
        return _officers(case, duty, about, epoch)
    return [(name, name, "") for name in about]


def _officers(case: Case, duty: Duty, about: tuple[str, ...], epoch: int) -> list[tuple[str, str, str]]:
    """One for each officer of these children, and one for each child whose officer is not known (and was not told before)."""
    if about == _THE_CASE:
        return [("not named", "", "")]
    known = [live for live in case.lives.ever(duty.place) if live.met and live.epoch == epoch]
    told = {live.child for live in known if live.key.endswith(f"/of {live.child}")}
    officers: dict[str, list[str]] = {}
    for name in about:
        if name not in told:
            officers.setdefault(case.children[name].people.get(duty.each_role) or f"of {name}", []).append(name)
    found = officers.items()
    return [(tail, names[0] if len(names) == 1 else "", case.children[names[0]].people.get(duty.each_role, "")) for tail, names in found]


def _owners(case: Case, duty: Duty) -> list[tuple[str, Side, str]]:
    """The part of the key that names the owner, the owner's side, and the agency where each owes its own."""
    side = duty.by.side
    if side == "each":
        return [(one, one, "") for one in SIDES if case.side(one) or not case.members]
    if side == "every":
        kinds = {ref.type for ref in duty.owners if ref.type}
        return [(one.agency, one.side, one.agency) for one in case.members if not kinds or one.type in kinds]  # type: ignore[misc]  # a member's side is one of ours
    return [("", side, "")]  # type: ignore[list-item]  # "own" and "other" cannot own: checked when a pack is loaded
