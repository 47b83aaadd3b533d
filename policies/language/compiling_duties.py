"""Obligations, compiled: where each stands, what it is called by, what can make it begin, end or be met.

What lives here: turning the `owes` of a pack, of its stages and of every stage into duties. What does not: phrases (`phrases`) and
what becomes of a duty in a case (`duties`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from policies.language import source
from policies.language.compiler import Compiler
from policies.language.duty_source import DutySource, StepSource
from policies.language.phrases import PERSONAL, who
from policies.language.problems import Path
from policies.parts import conditions as c
from policies.parts.terms import Duty, Lasts, PartyRef, Step
from policies.parts.words import PhraseError, Words, duty, meant, no_such_subject

# Things to be done while a stage runs; they lapse when it ends. Whatever informs or records stays owed until it is done.
_OF_THE_STAGE = frozenset(
    {"discussion", "meeting", "consideration", "attestation", "plan", "decision", "hand-off", "offer", "statement", "approval"}
)


@dataclass(frozen=True, slots=True)
class Written:
    """One obligation as written: its stage ("" the case), its path in the file, its source."""

    stage: str
    path: Path
    source: DutySource


@dataclass(frozen=True, slots=True)
class Places:
    """All obligations of a pack."""

    written: tuple[Written, ...]

    def words(self, words: Words, stage: str) -> Words:
        """`words` with the names obligations may be called by in `stage`: its own first, then those with a name of their own."""
        places: dict[str, list[str]] = {}
        for one in self.written:
            places.setdefault(one.source.id, []).append(f"{one.stage or 'case'}/{one.source.id}")
        names = {place: place for several in places.values() for place in several}
        for name, several in places.items():
            own = f"{stage or 'case'}/{name}"
            if own in several or len(several) == 1:
                names[name] = own if own in several else several[0]
        return replace(words, duties=names)


def places_of(pack: source.PackSource) -> Places:
    """Every obligation of the pack with its place; those of every stage stand in each."""
    found = [Written("", ("owes", number), one) for number, one in enumerate(pack.owes)]
    for place, stage in enumerate(pack.stages):
        found += [Written(stage.id, ("stages", place, "owes", number), one) for number, one in enumerate(stage.owes)]
        found += [
            Written(stage.id, ("every stage", number), one)
            for number, one in enumerate(pack.every_stage)
            if not one.stages or stage.id in one.stages
        ]
    return Places(tuple(found))


def duties_of(maker: Compiler, places: Places) -> tuple[Duty, ...]:
    """The duties, in the order of the file: the case's first, then stage by stage."""
    acts = {one.id: maker.speaker(one) for one in maker.pack.stages}
    seen: set[tuple[str, str]] = set()
    for one in places.written:
        if (one.stage, one.source.id) in seen:
            maker.fault((*one.path, "id"), f"'{one.source.id}' is here twice in stage '{one.stage or 'case'}'. Give each its own id.")
        seen.add((one.stage, one.source.id))
    words = {stage: places.words(maker.words, stage) for stage in ("", *(one.id for one in maker.pack.stages))}
    return tuple(_duty(maker, number, one, words[one.stage], acts.get(one.stage, "")) for number, one in enumerate(places.written))


def _duty(maker: Compiler, number: int, one: Written, words: Words, acting: str) -> Duty:
    written, path = one.source, one.path
    lasts: Lasts = written.lasts or ("stage" if one.stage and written.kind in _OF_THE_STAGE else "until done")
    when = maker.condition(written.when, (*path, "when"), words)
    done_by = maker.condition(written.done_by, (*path, "done by"), words)
    place = f"{one.stage or 'case'}/{written.id}"
    owner, *others = _owners(maker, one, words, acting)
    to = maker.who(written.to, (*path, "to"), words, acting)
    clock = maker.clock(written.limit, (*path, "limit"), words, "owed", written.rule)
    each, each_role = _each(maker, one, to)
    again = maker.clock(written.repeats, (*path, "repeats"), words, "owed", written.rule)
    epoch = _epoch(lasts, when, one.stage in _entered_again(maker.pack))
    return Duty(
        **_plain(written),
        each=each,
        each_role=each_role,
        again=again,
        number=number,
        place=place,
        stage=one.stage,
        by=owner,
        by_too=tuple(others),
        to=to,
        when=when,
        clock=clock or again,
        cumulative=maker.clock(written.cumulative, (*path, "cumulative"), words, "raised", written.rule),
        lasts=lasts,
        inside=lasts == "stage" and not written.outside_limits,
        epoch=epoch,
        done_by=done_by,
        after=tuple(_named(maker, name, (*path, "after", place), words) for place, name in enumerate(written.after)),
        before=_named(maker, written.before, (*path, "before"), words) if written.before else "",
        ladder=tuple(_rung(maker, step, (*path, "reminders", place, "at")) for place, step in enumerate(written.reminders)),
        may_be_at_once=any(limit.unit == "at once" for limit in clock.limits) if clock is not None else False,
        triggers=_triggers(one, lasts, when, done_by, owner, to) | (frozenset({f"done:{place}"}) if again is not None else frozenset()),
    )


def _epoch(lasts: Lasts, when: c.Condition | None, again: bool) -> Literal["once", "visit", "time", "resolution"]:
    """What makes it owed anew: another visit to its stage, the case sent back so that its stage comes `again`, another resolution of the
    case, or nothing."""
    if lasts == "stage":
        return "visit"
    if lasts == "until done" and again:
        return "time"
    return "resolution" if when is not None and of_resolution(when) else "once"


def _entered_again(pack: source.PackSource) -> frozenset[str]:
    """The stages that come again when a case is sent back: the one it is sent to, and those that follow it."""
    following = {one.id: one.next or later for one, later in zip(pack.stages, (*(two.id for two in pack.stages[1:]), ""), strict=True)}
    found: set[str] = set()
    for here in (way.to for stage in pack.stages for way in stage.goes_back):
        while here in following and here not in found:
            found.add(here)
            here = following[here]
    return frozenset(found)


def _plain(written: DutySource) -> dict[str, Any]:
    """What the obligation takes over as it is written."""
    taken = ("id", "kind", "title", "rule", "strength", "form", "part", "holds_open", "automatic", "private", "note")
    return {
        **{name: getattr(written, name) for name in taken},
        "asks": tuple(written.asks),
        "records": tuple(written.records),
    }


def _each(maker: Compiler, one: Written, to: tuple[PartyRef, ...]) -> tuple[Any, str]:
    """Whom there is one obligation for each of, and the role where it is a role of one person: what goes to one goes to each of them."""
    wanted = one.source.for_each or next((ref.role for ref in to if ref.side == "officer"), "")
    if not wanted:
        return "", ""
    if wanted in ("child", "adult", "person"):
        if fault := no_such_subject(maker.pack.subject, wanted):
            maker.fault((*one.path, "for each"), fault)
        return wanted, ""
    own = [name for name, of in maker.words.roles.items() if of in PERSONAL]
    if wanted not in own and wanted != "reviewing officer":
        near = meant(wanted, [*own, "child", "adult", "person"])
        listed = ", ".join(["child", "adult", "person", *own])
        maker.fault((*one.path, "for each"), f"There is not one of '{wanted}' for each.{near} Write one of: {listed}.")
    return "officer", wanted


def _owners(maker: Compiler, one: Written, words: Words, acting: str) -> tuple[PartyRef, ...]:
    nobody: tuple[PartyRef, ...] = (PartyRef("none", ""),)
    owners = maker.read((*one.path, "by"), lambda: who(one.source.by, words, acting), nobody)
    kinds = [ref.type for ref in owners]
    if len(owners) > 1 and (not all(kinds) or len(set(kinds)) < len(kinds)):
        maker.fault(
            (*one.path, "by"),
            "One obligation has one owner. Write 'each …' for one on each side, 'every …' for one an agency. Several kinds of agency may "
            "stand with 'and' between, each once.",
        )
    return owners


def _named(maker: Compiler, name: str, path: Path, words: Words) -> str:
    return maker.read(path, lambda: duty(name, words), "")


def _rung(maker: Compiler, step: StepSource, path: Path) -> Step:
    return maker.read(path, lambda: reminder_step(step), Step("ask", "since", 0, "owner", False))


def _triggers(
    one: Written, lasts: Lasts, when: c.Condition | None, done_by: c.Condition | None, owner: PartyRef, to: tuple[PartyRef, ...]
) -> frozenset[str]:
    found = {"raised"}
    if one.stage:
        found.add("stage" if lasts == "from here on" else f"stage:{one.stage}")
    for condition in (when, done_by):
        found |= condition.triggers if condition is not None else frozenset()
    if one.source.for_each or any(party.side == "officer" for party in to):
        found.add("fact:officer")
    if owner.side == "every":
        found.add("fact:party")
    if one.source.strength == "guide":
        found.add("resolved")  # it ends with the case
    return frozenset(found)


def of_resolution(condition: c.Condition) -> bool:
    """Whether the condition speaks of an outcome, so that each resolution owes it anew."""
    if isinstance(condition, c.All | c.Any):
        return any(of_resolution(part) for part in condition.parts)
    if isinstance(condition, c.AtStage):
        return condition.how == "resolved at"
    return isinstance(condition, c.HasOutcome | c.Closed)


_STEP = re.compile(r"(?:(?P<n>\d{1,2}) (?P<unit>working day|hour)s? (?P<way>before|after) )?(?P<point>due|asked)")


def reminder_step(step: StepSource) -> Step:
    """One rung as data. Raises PhraseError where its time cannot be read."""
    found = _STEP.fullmatch(step.at)
    if found is None:
        raise PhraseError(
            f"'{step.at}' is not a time for a reminder. Write for example '1 working day before due', '4 hours after asked', 'due'."
        )
    count = int(found["n"] or 0) * (-1 if found["way"] == "before" else 1)
    days, hours = (count, 0) if found["unit"] != "hour" else (0, count)
    return Step(step.id, "due" if found["point"] == "due" else "since", days, step.to, step.urgent, timedelta(hours=hours))
