"""What is said of the policy's own text: where it says two things, what it does not give, remarks, and what is counted."""

from __future__ import annotations

from collections.abc import Iterator

from policies.parts.model import Policy
from policies.parts.vocabulary import Conflict, Note
from policies.plain.conditions import condition_words
from policies.plain.naming import quoted, raised, stopped
from policies.plain.writing import Section, Sentence


def issues(policy: Policy) -> Iterator[Section]:
    """Contradictions with their readings, references that lead nowhere, remarks and statistics."""
    yield Section("conflicts", "Where the text says two things", tuple(_conflict(policy, one) for one in policy.conflicts))
    yield _notes(policy, "unresolved", "What the text names and does not give: to be filled in before use", policy.unresolved)
    yield _notes(policy, "notes", "What should be known of the text", policy.notes)
    yield _notes(policy, "statistics", "What is counted", policy.statistics)
    added = {f"{quoted(one.title)}: {stopped(one.note)}": one.place for one in policy.duties if one.note}
    says = tuple(Sentence(place, text) for text, place in added.items())
    yield Section("additions", "What was added or chosen, where the text is silent", says)


def _conflict(policy: Policy, one: Conflict) -> Sentence:
    readings = "; or: ".join(one.readings)
    shown = f" People are told so in a case if {condition_words(policy, one.when)}." if one.when is not None else ""
    words = f"{raised(one.about)}. It can be read so: {readings}. Chosen here: {stopped(one.chosen)}{shown}"
    return Sentence(f"conflict {one.id}", words, one.rule)


def _notes(policy: Policy, key: str, title: str, notes: tuple[Note, ...]) -> Section:
    return Section(key, title, tuple(Sentence(one.id, _note(policy, one), one.rule) for one in notes))


def _note(policy: Policy, one: Note) -> str:
    shown = f" People are told so in a case if {condition_words(policy, one.when)}." if one.when is not None else ""
    return f"{stopped(one.text)}{shown}"
