"""The whole policy in plain English, for a partnership to sign off: what it is about, who acts, how time is counted, each stage, the end.

What lives here: the order of the sections, and those about the policy as a whole. What does not: stages (`stages`), obligations (`duties`),
what is said of the document itself (`text_issues`).
"""

from __future__ import annotations

from collections.abc import Iterator

from policies.evaluating.due_words import day_words
from policies.parts.model import Policy
from policies.parts.stages import Outcome, Panel
from policies.plain import naming
from policies.plain.about import about
from policies.plain.conditions import condition_words
from policies.plain.duties import duty_section
from policies.plain.naming import listed, quoted, raised
from policies.plain.panels import binding_words, panel_words
from policies.plain.people import who_acts
from policies.plain.phases import phase
from policies.plain.rules import register
from policies.plain.silences import silences
from policies.plain.stages import stage_section
from policies.plain.text_issues import issues
from policies.plain.timing import timing
from policies.plain.writing import Section, Sentence

_PHASES = (("always", "At any stage"), ("settled", "When it is settled"), ("closed", "When it is closed"))


def in_plain_english(policy: Policy) -> Section:
    """The policy as the service understands it, in sentences that each have a key."""
    parts = (
        about(policy),
        who_acts(policy),
        timing(policy),
        *(stage_section(policy, one) for one in policy.stages),
        *_throughout(policy),
        _endings(policy),
        _panels(policy),
        *issues(policy),
        silences(policy),
        register(policy),
    )
    return Section("policy", policy.title, tuple(_head(policy)), tuple(one for one in parts if one.says or one.parts))


def _head(policy: Policy) -> Iterator[Sentence]:
    yield Sentence("partnership", f"A policy of {policy.partnership}.")
    yield Sentence("version", f"Version {policy.version}{_in_force(policy)}.")
    yield Sentence("stages", f"It has {len(policy.stages)} stages: {listed(f'{one.id} ({one.title})' for one in policy.stages)}.")
    yield Sentence(
        "how to read",
        "There is a raising side and a responding side, each of one agency or several. “Must” is a duty: missing it is a breach and is "
        "taken to other people. “Should” is advised: missing it is a warning. “May” is never late. A guide only informs.",
    )


def _in_force(policy: Policy) -> str:
    start = f", in force from {day_words(policy.effective_from)}" if policy.effective_from else ""
    return start + (f", until {day_words(policy.effective_until)}" if policy.effective_until else "")


def _throughout(policy: Policy) -> Iterator[Section]:
    """What is owed by the case as a whole, by when it is owed."""
    for key, title in _PHASES:
        owed = tuple(duty_section(policy, one) for one in policy.duties if not one.stage and phase(one) == key)
        if owed:
            yield Section(key, title, parts=owed)


def _endings(policy: Policy) -> Section:
    says = tuple(Sentence(f"outcome {one.id}", _outcome(policy, one), one.rule) for one in policy.outcomes)
    closing = Sentence("closing", "Nothing closes by itself, and what is closed can be opened again. The time between does not count.")
    return Section("outcomes", "How it can end", (*says, closing))


def _outcome(policy: Policy, one: Outcome) -> str:
    words = [f"{quoted(one.title)}."]
    words.append(raised(f"{naming.parties(policy, one.by)} may say so.") if one.by else "Whoever judges the stage may say so.")
    if one.when is not None:
        words.append(f"It is offered only if {condition_words(policy, one.when)}.")
    if not one.closes:
        words.append("It is noted, and the case goes on.")
    if one.unmakes:
        words.append("Nothing more is asked of anybody, and nothing goes onto a file but that, where a record lies there already.")
    if one.neutral:
        words.append("It counts neither as agreement nor as its opposite.")
    if one.binding or (one.closes and not one.neutral):
        words.append(binding_words(one) or "The policy does not say whether it binds anybody.")
    return " ".join(words)


def _panels(policy: Policy) -> Section:
    return Section("panels", "Panels", tuple(Sentence(f"panel {one.id}", _panel(policy, one), one.rule) for one in policy.panels))


def _panel(policy: Policy, one: Panel) -> str:
    words = f"{quoted(one.title)}: {panel_words(policy, one)} It is called for when {condition_words(policy, one.when)}."
    marked = f" The agencies list marks such agencies as {quoted(one.trait)}." if one.trait else ""
    return f"{words}{marked} A panel that cannot be formed is said so, with the reason."
