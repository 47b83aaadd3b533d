"""The cards of a chart: each obligation, guard, outcome, panel, question and cap in a few short lines.

What lives here: what a card says. What does not: which block it stands in (`stages`, `around`).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.charting.flow import Card
from policies.parts import conditions as c
from policies.parts.model import Policy
from policies.parts.stages import Guard, Outcome, Panel, Question
from policies.parts.terms import Cap, Duty, PartyRef, Stop
from policies.plain import naming
from policies.plain.conditions import condition_words, needs_words
from policies.plain.naming import listed, raised
from policies.plain.panels import binding_words, panel_words
from policies.plain.phrasing import clock_words
from policies.plain.timing import clocks_named

STRENGTHS = {"must": "Must", "should": "Should", "may": "May", "guide": "Guide"}
_SIDES = {
    "raising": "Raising side: {}", "responding": "Responding side: {}", "both": "Both sides together: {}", "each": "Each side: {}",
    "every": "Every agency: {}", "own": "own {}", "other": "{} of the other side", "partnership": "{}",
}  # fmt: skip
_TO = {
    "raising": "{}, raising side", "responding": "{}, responding side", "both": "{}, both sides", "each": "{}, each side",
    "every": "{}, every agency",
}  # fmt: skip
_ALONE = {
    "raising": "Raising side",
    "responding": "Responding side",
    "both": "Both sides together",
    "each": "Each side",
    "every": "Every agency",
}
_TO_ALONE = {
    "raising": "the raising side",
    "responding": "the responding side",
    "both": "both sides",
    "each": "each side",
    "other": "the other side",
}
_KINDS_DONE = frozenset(
    {
        "discussion", "meeting", "attestation", "consideration", "plan", "decision", "hand-off", "offer", "statement", "approval", "guide",
        "debrief", "agenda item", "prompt",
    }
)  # fmt: skip


def is_doing(duty: Duty) -> bool:
    """Whether it is something people do with each other; else somebody is told, or something is written."""
    return duty.kind in _KINDS_DONE


def side_words(policy: Policy, ref: PartyRef, stage_id: str = "") -> str:
    """Who acts, side first: "Raising side: line manager"; the role is left out where it is the only one of the stage."""
    if ref.type:
        return f"{naming.kind(policy, ref.type)}: {naming.role(policy, ref.role)}"
    if ref.side in _ALONE and _is_usual(policy, ref, stage_id):
        return _ALONE[ref.side]
    return raised(_SIDES.get(ref.side, "{}").format(naming.holder(policy, ref)))


def _to_words(policy: Policy, ref: PartyRef, stage_id: str) -> str:
    if ref.side == "officer" or ref.type:
        return naming.who(policy, ref)
    if ref.side in _TO_ALONE and _is_usual(policy, ref, stage_id):
        return _TO_ALONE[ref.side]
    return {**_SIDES, **_TO}.get(ref.side, "{}").format(naming.holder(policy, ref))


def _is_usual(policy: Policy, ref: PartyRef, stage_id: str) -> bool:
    """Whether the role is the one that acts at the stage, which the stage's own line says already."""
    stage = policy.stage_by_id.get(stage_id)
    return stage is not None and stage.acts == (ref.role,)


def duty_card(policy: Policy, duty: Duty) -> Card:
    """An obligation: what, who, to whom, by when, and when at all."""
    title = f"{STRENGTHS.get(duty.strength, raised(duty.strength))}: {duty.title}"
    return Card(f"duty {duty.place}", title, tuple(_duty_notes(policy, duty)), duty.strength)


_PHASES = (c.HasOutcome(), c.Closed())  # what the block says that such an obligation stands in


def _duty_notes(policy: Policy, duty: Duty) -> Iterator[str]:
    to = f", to {listed(_to_words(policy, one, duty.stage) for one in duty.to)}" if duty.to else ""
    yield f"{'; '.join(side_words(policy, one, duty.stage) for one in duty.owners)}{to}."
    if duty.when is not None and (duty.stage or duty.when not in _PHASES):
        yield f"If {condition_words(policy, duty.when, duty.stage)}."
    if duty.clock is not None:
        yield f"Time: {clock_words(policy, duty.clock, 'owed', duty.stage, short=True)}."
    if duty.cumulative is not None:
        yield f"And no later than {clock_words(policy, duty.cumulative, '', duty.stage, short=True)}."
    started = {word for limit in (duty.clock.limits if duty.clock else ()) for kind, word in limit.anchor.tries if kind == "done"}
    if set(duty.after) - started:
        yield f"After {listed(naming.duty(policy, one, duty.stage) for one in duty.after)}."
    if duty.before:
        yield f"Before {naming.duty(policy, duty.before, duty.stage)}."
    if duty.each:
        yield f"One for each {naming.each_words(policy, duty)}."
    if duty.again is not None:
        yield f"Again each time, {clock_words(policy, duty.again, 'owed', duty.stage, short=True)} after it was done."
    if duty.holds_open:
        yield "It cannot be closed before this is done."
    if duty.private:
        yield "The other agency does not see it."


def guard_card(policy: Policy, guard: Guard) -> Card:
    """What must hold before a stage opens."""
    note = f"{needs_words(policy, guard.needs, guard.strength, ' first')}."
    return Card(f"guard {guard.key}", guard.text, (note,), guard.strength)


def cap_card(policy: Policy, cap: Cap) -> Card:
    """A clock over several stages."""
    title = f"{STRENGTHS.get(cap.strength, raised(cap.strength))}: {cap.title}"
    notes = (f"Time: {clock_words(policy, cap.clock, short=True)}.", f"This clock stops when {condition_words(policy, cap.ends)}.")
    return Card(f"cap {cap.id}", title, notes, cap.strength)


def stop_card(policy: Policy, stop: Stop) -> Card:
    """A reason for which clocks stand still."""
    return Card(
        f"stop {stop.id}",
        f"Clocks stand still: {stop.title}",
        (f"While {condition_words(policy, stop.when)}: {clocks_named(policy, stop)}.",),
    )


def question_card(policy: Policy, question: Question) -> Card:
    """A choice of the way: its options and who chooses."""
    notes = [f"One of: {'; '.join(one.title for one in question.options)}."]
    if question.by:
        notes.append(f"Chosen by {listed((naming.who_may(policy, one) for one in question.by), 'or')}.")
    usual = next((one.title for one in question.options if one.id == question.default), "")
    if usual:
        notes.append(f"If nobody chooses: {usual}.")
    return Card(f"choice {question.id}", f"Choice: {question.title}", tuple(notes))


def panel_card(policy: Policy, panel: Panel) -> Card:
    """Who sits on a panel."""
    return Card(f"panel {panel.id}", panel.title, (panel_words(policy, panel), f"When {condition_words(policy, panel.when)}."))


def outcome_card(policy: Policy, outcome: Outcome) -> Card:
    """A way to finish."""
    notes = [] if outcome.closes else ["It is noted, and the case goes on."]
    if outcome.binding:
        notes.append(binding_words(outcome))
    if outcome.by:
        notes.append(f"Said by {naming.parties(policy, outcome.by)}.")
    if outcome.when is not None:
        notes.append(f"Only if {condition_words(policy, outcome.when)}.")
    return Card(f"outcome {outcome.id}", outcome.title, tuple(notes))
