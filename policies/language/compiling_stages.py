"""Stages, compiled: who acts, the clocks, the ways in, on and back.

What lives here: turning the `stages` of a pack into stages. What does not: what they owe (`compiling_duties`).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.language import source
from policies.language.compiler import Compiler
from policies.language.phrases import PERSONAL
from policies.language.problems import Path
from policies.parts.stages import Guard, Stage, WayBack
from policies.parts.words import Words, known, meant


def stage_of(maker: Compiler, number: int, words: Words) -> Stage:
    """Stage `number` of the pack; `words` are those that may be used in it. Mistakes are noted with the compiler."""
    one, path = maker.pack.stages[number], ("stages", number)
    speaker = maker.speaker(one)
    _check_roles(maker, one, path, words)
    return Stage(
        id=one.id,
        number=number,
        title=one.title,
        summary=one.summary,
        acts=tuple(one.acts),
        limit=maker.clock(one.limit, (*path, "limit"), words, "entry", one.rule),
        cumulative=maker.clock(one.cumulative, (*path, "cumulative"), words, "raised", one.rule),
        opened_by=maker.who(one.opened_by, (*path, "opened by"), words, speaker),
        judged_by=maker.who(one.judged_by, (*path, "judged by"), words, speaker),
        guards=tuple(_guard(maker, one, place, (*path, "enter", place), words) for place in range(len(one.enter))),
        tiers=one.tiers,
        time_up=one.time_up or maker.pack.settings.time_up,
        direct=maker.condition(one.may_start_here, (*path, "may start here"), words),
        next=_next(maker, number, words),
        rule=one.rule,
        back=tuple(_ways_back(maker, one, path, words)),
    )


def _check_roles(maker: Compiler, one: source.StageSource, path: Path, words: Words) -> None:
    for place, role in enumerate(one.acts):
        if role not in words.roles:
            near = meant(role, words.roles)
            maker.fault((*path, "acts", place), f"'{role}' is not a role of this pack.{near} There are: {', '.join(words.roles)}.")
        elif words.roles[role] in PERSONAL:
            text = f"'{role}' belongs to one {words.roles[role]}; at a stage the two sides act. Name a role of the agencies."
            maker.fault((*path, "acts", place), text)


def _next(maker: Compiler, number: int, words: Words) -> str:
    """The stage that follows: the one named, else the one below; "" for none."""
    stages, wanted = maker.pack.stages, maker.pack.stages[number].next
    if not wanted:
        return stages[number + 1].id if number + 1 < len(stages) else ""
    if wanted != "none" and wanted not in words.stages:
        near, listed = meant(wanted, words.stages), ", ".join(one.id for one in stages)
        maker.fault(
            ("stages", number, "next"), f"'{wanted}' is not a stage of this pack.{near} There are: {listed}; 'none' where none follows."
        )
    return wanted if wanted in words.stages else ""


def _guard(maker: Compiler, stage: source.StageSource, place: int, path: Path, words: Words) -> Guard:
    one = stage.enter[place]
    needs = maker.required(one.needs, (*path, "needs"), words)
    return Guard(f"{stage.id}/{one.id}", needs, one.text, one.strength, one.rule)


def _ways_back(maker: Compiler, stage: source.StageSource, path: Path, words: Words) -> Iterator[WayBack]:
    for place, one in enumerate(stage.goes_back):
        here = (*path, "goes back", place)
        if to := maker.read((*here, "to"), lambda one=one: known("stage", one.to, words.stages), ""):  # type: ignore[misc]  # the value is bound by default: mypy reads no such lambda
            yield _way_back(maker, stage, place, here, words, to)


def _way_back(maker: Compiler, stage: source.StageSource, place: int, path: Path, words: Words, to: str) -> WayBack:
    one = stage.goes_back[place]
    target = next((other.title for other in maker.pack.stages if other.id == to), to)
    by = maker.who(one.by, (*path, "by"), words, maker.speaker(stage))
    when = maker.condition(one.when, (*path, "when"), words)
    return WayBack(f"{stage.id}/back to {to}", to, one.title or f"Send it back to {target}", by, when, one.rule)
