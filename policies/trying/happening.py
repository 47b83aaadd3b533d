"""What else happens in a simulated case, said in short phrases with a time: "2026-12-01 10:00 flag looked after by raising".

What lives here: reading such phrases, and the event each makes of the case as it then stands. What does not: when they are put into a run
(`simulating`), what they mean (`replay`). Every kind of event can be said:

    flag FLAG [of CHILD] | no flag FLAG [of CHILD] | CHOICE is OPTION | DATE is TIME | protective date TIME
    officer of CHILD is PERSON | ROLE of CHILD is PERSON | child CHILD joins [with FLAG, FLAG] | AGENCY joins raising/responding as TYPE
    done KEY [with NAME VALUE, NAME VALUE] | set aside KEY | unresolved | next tier | goes to STAGE | overridden GUARD | noted
    settled with OUTCOME | closed | opened again [at STAGE] | event N was wrong | event N was at TIME | event N was about WORD
    … by SIDE [ROLE]
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from policies.parts.model import Policy
from policies.parts.schema import EventKind, Side, State
from policies.parts.words import PhraseError, known

_SIDES: tuple[Side, ...] = ("raising", "responding", "partnership", "both")
_TIME = r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d)?"


@dataclass(frozen=True, slots=True)
class Made:
    """An event to be: all but its number. `says` tells it to a person."""

    kind: EventKind
    about: str
    says: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happens at `at` (aware UTC), done by somebody of `side` ("none": nobody is named); `who` says that in words."""

    at: datetime
    text: str
    side: Side
    who: str
    make: Callable[[Policy, State], Made]


def happening(policy: Policy, text: str) -> Happening:
    """The happening in `text`: a local time, then what. Raises PhraseError."""
    found = re.fullmatch(rf"\s*({_TIME})\s+(.+?)(?: by ({'|'.join(_SIDES)})(?: (\S.*?))?)?\s*", text)
    if found is None:
        raise PhraseError(f"'{text}' does not begin with a time. Write for example '2026-12-01 10:00 flag looked after by raising'.")
    for pattern, build in _PHRASES:
        said = pattern.fullmatch(found[2])
        if said is not None:
            make = build(policy, said)
            side: Side = found[3] or "none"  # type: ignore[assignment]  # the pattern lets only sides in
            return Happening(_instant(policy, found[1]), found[2], side, _who(policy, found[3] or "", found[4] or ""), make)
    raise PhraseError(f"'{found[2]}' is not something that can happen. {_EXAMPLES}")


def _who(policy: Policy, side: str, role: str) -> str:
    """ " (by the raising side)", " (by the Manager, raising)", "" where nobody is named."""
    if not role:
        return f" (by the {side} side)" if side else ""
    title = policy.roles[known("role", role, policy.roles)].title
    return f" (by the {title}, {side})"


_EXAMPLES = (
    "Write for example 'flag looked after', 'no flag looked after', 'risk is high', 'officer of child is p2', "
    "'done 1/talk with result failed', 'set aside 1/talk', 'unresolved', 'goes to 2', 'next tier', 'overridden 3/have met', "
    "'settled with agreed', 'closed', 'opened again', 'protective date 2026-12-04 17:00', 'event 3 was wrong', 'noted'."
)


def _instant(policy: Policy, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text if len(text) > 10 else f"{text} 12:00").replace(tzinfo=policy.zone).astimezone(UTC)
    except ValueError:
        raise PhraseError(f"'{text}' is not a time. Write for example '2026-12-01 10:00'.") from None


Maker = Callable[[Policy, State], Made]


def _always(kind: EventKind, about: str, says: str, **facts: Any) -> Maker:
    """An event that does not depend on where the case stands."""
    return lambda policy, state: Made(kind, about, says, facts)


# --- facts ----------------------------------------------------------------------------------------------------------------------------


def _flag(policy: Policy, found: re.Match[str]) -> Maker:
    flag = known("flag", found[2], policy.flag_ids)
    of = next(one.of for one in policy.flags if one.id == flag)
    words = f"{'No longer noted' if found[1] else 'Noted'}: {_title(policy.flags, flag)}"
    if of == "case":
        return _always("fact", flag, words, value=not found[1])

    def make(policy: Policy, state: State) -> Made:
        """Of the one who is named, or of the first; who is whom is said where there are several."""
        people = state.child_flags
        child = known("person of this case", found[3], people) if found[3] else next(iter(people), policy.subject_word)
        return Made("fact", flag, f"{words}{f' (of {child})' if len(people) > 1 else ''}", {"value": not found[1], "child": child})

    return make


def _protective(policy: Policy, found: re.Match[str]) -> Maker:
    return _always("fact", "protective date", f"Date set to protect: {found[1]}", value=_instant(policy, found[1]).isoformat())


def _is(policy: Policy, found: re.Match[str]) -> Maker:
    """A choice or a date."""
    name, value = found[1], found[2]
    if name in policy.date_ids:
        return _always("fact", name, f"{_title(policy.dates, name)}: {value}", value=_instant(policy, value).isoformat())
    question = policy.question_by_id[known("choice or date", name, {**policy.question_by_id, **dict.fromkeys(policy.date_ids)})]
    option = known(f"option of '{name}'", value, {one.id: None for one in question.options})
    return _always("fact", name, f"{question.title}: {_title(question.options, option)}", value=option)


def _person(policy: Policy, found: re.Match[str]) -> Maker:
    """Another holder of a role of one person."""
    own = {one.id: None for one in policy.roles.values() if one.of in ("child", "adult", "person")}
    role = policy.personal_role if found[1] == "officer" else known("role of one person", found[1], own)
    title = policy.roles[role].title if role in policy.roles else role
    return _always("fact", "child", f"{title} of {found[2]} is now {found[3]}", child=found[2], people={role: found[3]})


def _child(policy: Policy, found: re.Match[str]) -> Maker:
    flags = [known("flag", one.strip(), policy.flag_ids) for one in found[2].split(",")] if found[2] else []
    return _always("fact", "child", f"{found[1]} is part of it too", child=found[1], flags=flags)


def _agency(policy: Policy, found: re.Match[str]) -> Maker:
    kind = known("agency type", found[3], {one.id: None for one in policy.agency_types})
    says = f"{found[1]} takes part ({_title(policy.agency_types, kind)}, {found[2]})"
    return _always("fact", "party", says, agency=found[1], type=kind, side=found[2])


# --- what is owed, and moves ------------------------------------------------------------------------------------------------------------


def _owed(kind: EventKind, words: str) -> Callable[[Policy, re.Match[str]], Maker]:
    def build(policy: Policy, found: re.Match[str]) -> Maker:
        more = found.groupdict().get("facts")
        facts = dict(_pair(one.strip()) for one in more.split(",")) if more else {}

        def make(policy: Policy, state: State) -> Made:
            keys = {one.key: None for one in state.obligations}
            own = [key for key in keys if key.startswith(f"{found['key']}/")]  # where one agency alone owes it, it need not be named
            one = state.obligation(own[0] if len(own) == 1 else known("obligation of this case", found["key"], keys))
            said = f" ({more})" if more else ""
            return Made(kind, one.key, f"{words}: {one.title}{said}", facts)

        return make

    return build


def _pair(text: str) -> tuple[str, str]:
    name, space, value = text.partition(" ")
    if not space:
        raise PhraseError(f"'{text}' is not a fact. Write a name and a value, such as 'result failed'.")
    return name, value


def _unresolved(policy: Policy, found: re.Match[str]) -> Maker:
    return lambda policy, state: Made("unresolved", state.stage, f"Not settled at {state.stage_title}")


def _next_tier(policy: Policy, found: re.Match[str]) -> Maker:
    return lambda policy, state: Made(
        "moved", state.stage, "On to the next tier of management", {"tier": (state.spells[-1].tier if state.spells else 1) + 1}
    )


def _goes(policy: Policy, found: re.Match[str]) -> Maker:
    stage = policy.stage_by_id[known("stage", found[1], policy.stage_by_id)]
    return _always("moved", stage.id, f"Now at {stage.title}")


def _guard(policy: Policy, found: re.Match[str]) -> Maker:
    def make(policy: Policy, state: State) -> Made:
        guards = {reason.guard: reason.text for move in state.moves for reason in move.closed_because}
        return Made("overridden", found[1], f"Set aside with a reason: {guards[known('closed way of this case', found[1], guards)]}")

    return make


def _settled(policy: Policy, found: re.Match[str]) -> Maker:
    outcome = policy.outcome_by_id[known("outcome", found[1], policy.outcome_by_id)]
    return _always("resolved", outcome.id, outcome.title)


def _closed(policy: Policy, found: re.Match[str]) -> Maker:
    return lambda policy, state: Made("closed", state.outcome, "Closed")


def _reopened(policy: Policy, found: re.Match[str]) -> Maker:
    stage = known("stage", found[1], policy.stage_by_id) if found[1] else ""
    return lambda policy, state: Made("reopened", stage or state.stage, f"Opened again at {policy.stage_by_id[stage or state.stage].title}")


def _wrong(policy: Policy, found: re.Match[str]) -> Maker:
    return _always("corrected", found[1], f"Event {found[1]} was a mistake", void=True)


def _was_at(policy: Policy, found: re.Match[str]) -> Maker:
    return _always("corrected", found[1], f"Event {found[1]} was at {found[2]}", at=_instant(policy, found[2]).isoformat())


def _was_about(policy: Policy, found: re.Match[str]) -> Maker:
    return lambda policy, state: Made("corrected", found[1], f"Event {found[1]} was about {found[2]}", {"about": found[2]})


def _title(among: Any, wanted: str) -> str:
    return str(next((one.title for one in among if one.id == wanted), wanted))


_PHRASES: tuple[tuple[re.Pattern[str], Callable[[Policy, re.Match[str]], Maker]], ...] = (
    (re.compile(r"(no )?flag (.+?)(?: of (\S+))?"), _flag),
    (re.compile(rf"protective date ({_TIME})"), _protective),
    (re.compile(r"child (\S+) joins(?: with (.+))?"), _child),
    (re.compile(r"(\S+) joins (raising|responding) as (.+)"), _agency),
    (re.compile(r"(.+) of (\S+) is (\S+)"), _person),
    (re.compile(r"(.+?) is (.+)"), _is),
    (re.compile(r"done (?P<key>\S.*?)(?: with (?P<facts>.+))?"), _owed("fulfilled", "Done")),
    (re.compile(r"set aside (?P<key>.+)"), _owed("waived", "Set aside with a reason")),
    (re.compile(r"unresolved"), _unresolved),
    (re.compile(r"next tier"), _next_tier),
    (re.compile(r"goes to (?:stage )?(.+)"), _goes),
    (re.compile(r"overridden (.+)"), _guard),
    (re.compile(r"settled with (.+)"), _settled),
    (re.compile(r"closed"), _closed),
    (re.compile(r"opened again(?: at (?:stage )?(.+))?"), _reopened),
    (re.compile(r"event (\d+) was wrong"), _wrong),
    (re.compile(rf"event (\d+) was at ({_TIME})"), _was_at),
    (re.compile(r"event (\d+) was about (.+)"), _was_about),
    (re.compile(r"noted"), lambda policy, found: _always("noted", "", "Noted")),
)
