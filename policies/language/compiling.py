"""Makes a policy of a pack whose keys are right: reads its phrases, links its parts, gathers who cites which rule.

What lives here: the compiler. What does not: the file's shape (`source`), phrases (`phrases`), the stages, the obligations and the table
of roles (`compiling_stages`, `compiling_duties`, `compiling_roles`), checks of the policy as a whole (`checks`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Literal

from policies.language import source
from policies.language.compiler import Compiler
from policies.language.compiling_duties import duties_of, places_of
from policies.language.compiling_ladders import ladders_of
from policies.language.compiling_roles import role_table
from policies.language.compiling_settings import calendar_of, settings_of
from policies.language.compiling_stages import stage_of
from policies.language.problems import Problem
from policies.language.reading import Document
from policies.language.register import register_of
from policies.parts.model import LANGUAGE, Policy
from policies.parts.stages import Outcome, Panel, Question
from policies.parts.terms import Cap, Clock, PartyRef, Stop
from policies.parts.vocabulary import Choice, Conflict, Emergency, Flag, Inside, Note, OutsideDate, Redirect, Role
from policies.parts.words import Words, known, subjects_of


def compile_pack(pack: source.PackSource, text: str, document: Document) -> tuple[Policy, list[Problem]]:
    """The policy and every problem found; after one, nothing but checks may look at the policy. `text` is what is hashed."""
    maker = Compiler(pack, document, _words(pack))
    roles = {one.id: Role(one.id, one.title, one.of, one.rule) for one in pack.roles}
    table = role_table(maker, roles)
    places = places_of(pack)
    stages = tuple(stage_of(maker, number, places.words(maker.words, one.id)) for number, one in enumerate(pack.stages))
    words = places.words(maker.words, "")
    policy = Policy(
        **_identity(maker, text),
        **_choices_of(maker, words),
        **_texts(maker, words),
        calendar=calendar_of(maker),
        settings=settings_of(pack),
        moved_on_referral=pack.settings.stage_entry == "when referred",
        roles=roles,
        table=table,
        stages=stages,
        caps=tuple(_cap(maker, number, words) for number in range(len(pack.caps))),
        duties=duties_of(maker, places),
        outcomes=(*(_outcome(maker, number, words) for number in range(len(pack.outcomes))), *_neutral(pack)),
        panels=tuple(_panel(maker, number, words) for number in range(len(pack.panels))),
        stops=tuple(_stop(maker, number, words) for number in range(len(pack.stops))),
        ladders=ladders_of(maker),
        answers_are_told=pack.settings.when_done == "tell the other side",
    )
    return (policy if maker.problems else replace(policy, rules=register_of(pack))), maker.problems


def _identity(maker: Compiler, text: str) -> dict[str, Any]:
    pack = maker.pack
    begins, ends = pack.effective.from_, pack.effective.until
    if begins and ends and ends < begins:
        maker.fault(("effective", "until"), "This day comes before the one from which the policy is in force.")
    return {
        "id": pack.id,
        "title": pack.title,
        "partnership": pack.partnership,
        "version": pack.version,
        "language": LANGUAGE,
        "hash": hashlib.sha256(text.encode()).hexdigest(),
        "text": text,
        "effective_from": begins,
        "effective_until": ends,
        "subject": pack.subject,
    }


def _choices_of(maker: Compiler, words: Words) -> dict[str, Any]:
    """What people can choose or say, and what is asked of them first."""
    pack = maker.pack
    return {
        "themes": _choices(pack.themes),
        "flags": tuple(Flag(one.id, one.title, one.of or _usual(pack), one.rule) for one in pack.flags),
        "questions": tuple(_question(maker, number, words) for number in range(len(pack.choices))),
        "dates": tuple(OutsideDate(one.id, one.title, one.required, one.ahead, one.rule) for one in pack.dates),
        "modes": _choices(pack.modes),
        "emergency": _emergency(maker),
        "redirects": tuple(Redirect(**one.model_dump()) for one in pack.redirects),
        "agency_types": _choices(pack.agency_types),
        "inside": Inside(**pack.inside_one_agency.model_dump()) if pack.inside_one_agency else None,
    }


def _emergency(maker: Compiler) -> Emergency | None:
    one = maker.pack.emergency
    if one is None:
        return None
    maker.read(("emergency", "flag"), lambda: known("flag", one.flag, maker.words.flags), "")
    return Emergency(**one.model_dump())


def _texts(maker: Compiler, words: Words) -> dict[str, Any]:
    """What is said of the document itself. The register of rules comes last, when all that cites them is known to be good."""
    pack = maker.pack
    return {
        "contacts": tuple(pack.contacts),
        "statistics": _notes(maker, "statistics", pack.statistics, words),
        "conflicts": tuple(_conflict(maker, number, words) for number in range(len(pack.conflicts))),
        "unresolved": _notes(maker, "unresolved", pack.unresolved, words),
        "notes": _notes(maker, "notes", pack.notes, words),
        "rules": (),
    }


def _usual(pack: source.PackSource) -> Literal["child", "adult", "person", "case"]:
    """Of whom a flag is that does not say it: of whoever the policy's cases are about."""
    people = [one for one in ("child", "adult") if one in subjects_of(pack.subject)]
    if len(people) == 1:
        return "child" if people[0] == "child" else "adult"
    return "person" if people else "case"


def _words(pack: source.PackSource) -> Words:
    return Words(
        stages=frozenset(one.id for one in pack.stages),
        flags=frozenset(one.id for one in pack.flags),
        dates=frozenset(one.id for one in pack.dates),
        outcomes=frozenset(one.id for one in pack.outcomes) | NEUTRAL,
        themes=frozenset(one.id for one in pack.themes),
        types=frozenset(one.id for one in pack.agency_types),
        roles={one.id: one.of for one in pack.roles},
        choices={one.id: frozenset(option.id for option in one.options) for one in pack.choices},
        subjects=frozenset(subjects_of(pack.subject)),
    )


def _choices(items: Iterable[source.ChoiceSource]) -> tuple[Choice, ...]:
    return tuple(Choice(one.id, one.title, one.rule) for one in items)


def _cap(maker: Compiler, number: int, words: Words) -> Cap:
    one, path = maker.pack.caps[number], ("caps", number)
    clock = maker.clock(one.limit, (*path, "limit"), words, "raised", one.rule) or Clock(())
    return Cap(one.id, one.title, clock, maker.required(one.ends, (*path, "ends"), words), one.strength)


def _stop(maker: Compiler, number: int, words: Words) -> Stop:
    one, path = maker.pack.stops[number], ("stops", number)
    names = {f"stage {stage.id}": f"stage:{stage.id}" for stage in maker.pack.stages}
    names |= {cap.id: f"cap:{cap.id}" for cap in maker.pack.caps}
    names |= {name: f"duty:{place}" for name, place in words.duties.items()}
    clocks = set()
    for place, name in enumerate(one.clocks):
        clocks.add(names[maker.read((*path, "clocks", place), lambda name=name: known("clock", name, names), next(iter(names)))])  # type: ignore[misc]  # the value is bound by default: mypy reads no such lambda
    return Stop(one.id, one.title, maker.required(one.while_, (*path, "while"), words), frozenset(clocks), one.rule)


def _question(maker: Compiler, number: int, words: Words) -> Question:
    one, path = maker.pack.choices[number], ("choices", number)
    by = maker.who(one.by, (*path, "by"), words, maker.speaker(maker.pack.stages[0]))
    if one.default:
        maker.read((*path, "default"), lambda: known(f"option of '{one.id}'", one.default, words.choices[one.id]), "")
    return Question(one.id, one.title, _choices(one.options), one.default, one.rule, by, maker.condition(one.when, (*path, "when"), words))


def _outcome(maker: Compiler, number: int, words: Words) -> Outcome:
    one, path = maker.pack.outcomes[number], ("outcomes", number)
    by = maker.who(one.by, (*path, "by"), words, maker.speaker(maker.pack.stages[0]))
    when = maker.condition(one.when, (*path, "when"), words)
    return Outcome(one.id, one.title, one.closes, one.binding, one.neutral, by, when, one.rule, one.id == MISTAKE)


def _neutral(pack: source.PackSource) -> tuple[Outcome, ...]:
    """Ways to finish that every case needs and few policies name; a pack that names one has its own."""
    own = {one.id for one in pack.outcomes}
    raising = (PartyRef("raising", pack.stages[0].acts[0]),)
    return tuple(
        Outcome(name, title, True, "", True, raising if name in ("withdrawn", MISTAKE) else (), None, "", name == MISTAKE)
        for name, title in _TITLES.items()
        if name not in own
    )


# About the wrong child, with the wrong organisation. It unmakes a case in every policy, also where one has words of its own for it.
MISTAKE = "raised by mistake"
_TITLES = {
    "withdrawn": "Withdrawn",
    "partly resolved": "Partly resolved; open points are listed",
    "superseded": "Overtaken by events",
    MISTAKE: "Raised by mistake",
}
NEUTRAL = frozenset(_TITLES)


def _panel(maker: Compiler, number: int, words: Words) -> Panel:
    one, path = maker.pack.panels[number], ("panels", number)
    for place, kind in enumerate(one.fixed):
        maker.read((*path, "fixed", place), lambda kind=kind: known("agency type", kind, words.types), "")  # type: ignore[misc]  # as above
    when = maker.required(one.when, (*path, "when"), words)
    title = one.trait_title or one.trait
    with_all, fixed = one.includes_all_who_disagree, tuple(one.fixed)
    without = one.leaves_out_all_who_disagree
    if with_all and without:
        maker.fault(
            (*path, "leaves out all who disagree"), "Those who disagree either sit on the panel or do not; keep one of the two lines."
        )
    return Panel(one.id, one.title, one.seats, one.exactly, one.trait, title, with_all, fixed, when, one.rule, without)


def _conflict(maker: Compiler, number: int, words: Words) -> Conflict:
    one = maker.pack.conflicts[number]
    when = maker.condition(one.when, ("conflicts", number, "when"), words)
    return Conflict(one.id, one.about, tuple(one.readings), one.chosen, one.rule, when)


def _notes(maker: Compiler, key: str, items: list[source.NoteSource], words: Words) -> tuple[Note, ...]:
    return tuple(
        Note(one.id, one.text, one.rule, maker.condition(one.when, (key, number, "when"), words)) for number, one in enumerate(items)
    )
