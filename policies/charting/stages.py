"""The stages of a chart: a block for each, the question whether it is settled, and the gate before the next.

What lives here: what stands in those blocks and the ways between them. What does not: what comes before the first stage and after the last
(`around`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from policies.charting.cards import duty_card, guard_card, is_doing, panel_card, question_card
from policies.charting.flow import Block, Link
from policies.parts import conditions as c
from policies.parts.conditions import Raised
from policies.parts.model import Policy
from policies.parts.stages import Stage
from policies.parts.vocabulary import Post
from policies.plain import naming
from policies.plain.conditions import condition_words
from policies.plain.naming import raised
from policies.plain.phrasing import limit_words
from policies.plain.stages import opened_by_words

DOING, TELLING = "What people do", "Who is told, and what is written"
# Over the right column, where somebody is told or something written, and where a panel sits.
_RIGHT = {
    (True, True): "Who is told, what is written, who sits on the panel", (True, False): TELLING, (False, True): "Who sits on the panel",
    (False, False): "",
}  # fmt: skip
TIME_UP = {
    "permits": "If the time runs out, the next stage may be opened although its conditions do not hold.",
    "opens": "If the time runs out, the next stage opens by itself.",
}


def stage_blocks(policy: Policy, homes: Mapping[str, str], now: Mapping[str, str], past: frozenset[str]) -> Iterator[Block]:
    """For each stage its gate, itself, and the question that ends it.

    `homes` says at which stage ("" none) each panel and question stands; `now` what is said at the present block; `past` names the stages
    the case has been at.
    """
    for number, stage in enumerate(policy.stages):
        if number or stage.guards or stage.opened_by:
            yield from _gate(policy, stage)
        yield _stage(policy, stage, homes, now.get(f"stage {stage.id}", ""), stage.id in past)
        yield _question(policy, stage)


def _stage(policy: Policy, stage: Stage, homes: Mapping[str, str], now: str, past: bool) -> Block:
    duties = [one for one in policy.duties if one.stage == stage.id]
    choices = [question_card(policy, one) for one in policy.questions if homes.get(f"choice {one.id}") == stage.id]
    panels = [panel_card(policy, one) for one in policy.panels if homes.get(f"panel {one.id}") == stage.id]
    doing = [duty_card(policy, one) for one in duties if is_doing(one)]
    return Block(
        key=f"stage {stage.id}",
        kind="stage",
        title=f"Stage {stage.id}: {stage.title}",
        clocks=tuple(_clocks(policy, stage)),
        notes=tuple(_notes(policy, stage)),
        left=(*doing, *choices),
        right=(*(duty_card(policy, one) for one in duties if not is_doing(one)), *panels),
        left_title=DOING if doing else "What is chosen" if choices else "",
        right_title=_RIGHT[len(duties) > len(doing), bool(panels)],
        now=now,
        past=past,
    )


def _notes(policy: Policy, stage: Stage) -> Iterator[str]:
    if stage.summary:
        yield stage.summary
    yield _who(policy, stage)
    if stage.direct is not None:
        when = "" if isinstance(stage.direct, Raised) else f", if {condition_words(policy, stage.direct, stage.id)}"
        yield f"A case may start here, or come straight here{when}."
    if stage.tiers:
        yield "It may be tried again one tier of management up, within the same time."
    for way in stage.back:
        who = f" by {naming.parties(policy, way.by)}" if way.by else ""
        when = f", if {condition_words(policy, way.when, stage.id)}" if way.when is not None else ""
        yield f"{way.title}: it may be sent back to stage {way.to}{who}{when}. Its time then starts again."


def _clocks(policy: Policy, stage: Stage) -> Iterator[str]:
    """How long it may take; where that depends on something, a line for each case."""
    for words, clock, usual in (("Time", stage.limit, "entry"), ("Counted from the start", stage.cumulative, "")):
        for limit in clock.limits if clock is not None else ():
            when = f" if {condition_words(policy, limit.when, stage.id)}" if limit.when is not None else ""
            otherwise = " otherwise" if clock is not None and not when and len(clock.limits) > 1 else ""
            yield f"{words}{when}{otherwise}: {limit_words(policy, replace(limit, when=None), usual, stage.id, short=True)}."
    if stage.limit is None and stage.cumulative is None:
        yield "No time limit is set for this stage."


def _who(policy: Policy, stage: Stage) -> str:
    """Who acts on each side, and where that is somebody else in one kind of agency or another."""
    titles = {one.id: one.title for one in policy.agency_types}
    rows = [(titles.get(kind, kind), cell) for (where, kind), cell in policy.table.items() if where == stage.id]
    words = f"On each side: {naming.listed(naming.role(policy, one) for one in stage.acts)}."
    if len(rows) > 2:
        return f"{words} Who that is in each kind of agency stands in the table of roles."
    return " ".join((words, *(f"{kind}: {naming.listed(_posts(found, titles) for found in cell.values())}." for kind, cell in rows)))


def _posts(posts: tuple[Post, ...], titles: dict[str, str]) -> str:
    return " or ".join(_post(one, titles) for one in posts)


def _post(post: Post, titles: dict[str, str]) -> str:
    lent = f" (of {titles.get(post.of, post.of)})" if post.of else ""
    return f"{post.title}{lent}{f' ({post.side} side)' if post.side else ''}"


def _question(policy: Policy, stage: Stage) -> Block:
    notes = []
    if stage.judged_by:
        notes.append(f"{raised(naming.parties(policy, stage.judged_by))} says so.")
    if stage.time_up in TIME_UP and stage.next:
        notes.append(TIME_UP[stage.time_up])
    if not stage.next:
        notes.append(f"No stage follows: it stays here until it is settled{' or sent back' if stage.back else ''}.")
    return Block(f"ask {stage.id}", "ask", f"Settled at stage {stage.id}?", notes=tuple(notes))


def _gate(policy: Policy, stage: Stage) -> Iterator[Block]:
    notes: tuple[str, ...] = ()
    if stage.opened_by:
        notes = (opened_by_words(policy, stage),)
    cards = tuple(guard_card(policy, one) for one in stage.guards)
    if notes or cards:
        yield Block(f"gate {stage.id}", "gate", f"Before stage {stage.id} opens", notes=notes, left=cards)


def stage_links(policy: Policy, blocks: tuple[Block, ...]) -> Iterator[Link]:
    """The ways from stage to stage, and from each to where it is settled."""
    keys = [one.key for one in blocks]
    for stage in policy.stages:
        ask = f"ask {stage.id}"
        if f"gate {stage.id}" in keys:
            yield Link("next", f"gate {stage.id}", f"stage {stage.id}")
        yield Link("next", f"stage {stage.id}", ask)
        if stage.tiers:
            yield Link("tier", f"stage {stage.id}", f"stage {stage.id}")
        if stage.next:
            target = f"gate {stage.next}" if f"gate {stage.next}" in keys else f"stage {stage.next}"
            yield Link("no" if keys.index(target) == keys.index(ask) + 1 else "skip", ask, target, "No")
        yield Link("yes", ask, "settled", "Yes")
        for way in stage.back:
            yield Link("back", f"stage {stage.id}", f"stage {way.to}")
        if stage.direct is not None and stage.number:
            yield Link("jump", "start", f"stage {stage.id}")


def home(condition: c.Condition | None) -> str:
    """The first stage a condition speaks of, "" for none."""
    if isinstance(condition, c.AtStage):
        return condition.stage
    if isinstance(condition, c.All | c.Any):
        return next((found for one in condition.parts if (found := home(one))), "")
    return ""


def question_of(condition: c.Condition | None) -> str:
    """The first question a condition asks, "" for none."""
    if isinstance(condition, c.Answered):
        return condition.question
    if isinstance(condition, c.All | c.Any):
        return next((found for one in condition.parts if (found := question_of(one))), "")
    return ""


def homes_of(policy: Policy) -> dict[str, str]:
    """Where each question and each panel stands: the stage its condition speaks of, or the stage of the question it depends on."""
    found = {f"choice {one.id}": home(one.when) for one in policy.questions}
    for panel in policy.panels:
        found[f"panel {panel.id}"] = home(panel.when) or found.get(f"choice {question_of(panel.when)}", "")
    return found
