"""An obligation in full sentences: who, what kind, when at all, by when, how long it stays owed, what it needs, who is reminded.

What lives here: the sentences of one obligation, each under the name of what it tells. What does not: which ones a policy has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from policies.parts.model import Policy
from policies.parts.terms import Duty, Step
from policies.plain import naming
from policies.plain.conditions import condition_words
from policies.plain.naming import listed, quoted, raised, stopped
from policies.plain.phrasing import clock_words
from policies.plain.writing import Section, Sentence

_DOES = {
    "must": "{} must do this.",
    "should": "{} should do this.",
    "may": "{} may do this; it is never late.",
    "guide": "This is a guide for {}.",
}
_LASTS = {
    "stage": "It falls away when the stage ends, and the stage's time does not hold for it.",
    "until done": "It stays owed until it is done.",
    "from here on": "It is owed also where the case passes this stage by, and stays owed until it is done.",
}
_WITH = {"discussion": "with", "meeting": "with", "record": "shared with", "consideration": "with", "plan": "with", "offer": "with"}
_NO_ARTICLE = frozenset({"feedback"})
_TO = {
    "owner": "whoever owes it",
    "recipient": "whoever it goes to",
    "deputy": "the deputy",
    "duty desk": "the duty desk",
    "partnership": "the partnership",
}


def duty_section(policy: Policy, duty: Duty) -> Section:
    """An obligation as a paragraph: its title, then its sentences."""
    rows = [*_who(policy, duty), *_when(policy, duty), *_until(policy, duty), *_how(policy, duty), *_reminders(duty)]
    says = [Sentence(key, text) for key, text in rows if text]
    says[-1] = Sentence(says[-1].key, says[-1].text, duty.rule)
    return Section(f"duty {duty.place}", duty.title, tuple(says), joined=True)


def _who(policy: Policy, duty: Duty) -> Iterator[tuple[str, str]]:
    owner = naming.parties(policy, duty.owners)
    yield "who", raised(_DOES.get(duty.strength, f"{{}}: {duty.strength}.").format(owner))
    article = "an " if duty.kind[0] in "aeiou" else "a "
    to = f" {_WITH.get(duty.kind, 'to')} {naming.parties(policy, duty.to)}" if duty.to else ""
    if to or duty.kind != duty.strength:  # a guide is said to be one already
        yield "kind", f"It is {'' if duty.kind in _NO_ARTICLE else article}{duty.kind}{to}."
    if duty.each:
        yield "each", f"There is one for each {naming.each_words(policy, duty)}."
    if duty.automatic:
        yield "automatic", "The service does it by itself."


def _when(policy: Policy, duty: Duty) -> Iterator[tuple[str, str]]:
    if duty.when is not None:
        yield "when", f"It is asked for only if {condition_words(policy, duty.when, duty.stage)}."
    if duty.after:
        yield "after", f"It comes after {listed(naming.duty(policy, one, duty.stage) for one in duty.after)}."
    if duty.before:
        latest = " at the latest" if duty.clock is not None else ""
        yield "before", f"It comes before {naming.duty(policy, duty.before, duty.stage)}, and is due when that is{latest}."
    if duty.done_by is not None:
        yield "done by", f"It counts as done when {condition_words(policy, duty.done_by, duty.stage)}."


def _until(policy: Policy, duty: Duty) -> Iterator[tuple[str, str]]:
    if duty.clock is not None:
        yield "limit", f"Its time: {clock_words(policy, duty.clock, '', duty.stage)}."
    if duty.cumulative is not None:
        yield "cumulative", f"It also has {clock_words(policy, duty.cumulative, '', duty.stage)}; the earlier end counts."
    if duty.clock is None and duty.cumulative is None and not duty.inside:
        yield "limit", "No time is set for it."
    inside = "It is to be done while the stage lasts, and falls away when it ends."
    yield "lasts", inside if duty.inside and duty.lasts == "stage" else _LASTS.get(duty.lasts, f"It lasts {duty.lasts}.")
    if duty.again is not None:
        yield "repeats", f"Each time it was done it comes again: {clock_words(policy, duty.again, 'owed', duty.stage)} later."


def _how(policy: Policy, duty: Duty) -> Iterator[tuple[str, str]]:
    if duty.form:
        part = f", its part {quoted(duty.part)}" if duty.part else ""
        yield "form", f"It is done by filling in the form {quoted(duty.form.replace('-', ' '))}{part}."
    if duty.asks:
        yield "asks", f"What has to be said: {'; '.join(duty.asks)}."
    if duty.records:
        yield "records", f"It is put on record in: {'; '.join(duty.records)}."
    if duty.holds_open:
        yield "holds open", "The case cannot be closed before it is done."
    if duty.private:
        yield "private", "The other agency does not see it."
    if duty.note:
        yield "note", f"Note: {stopped(duty.note)}"


def _reminders(duty: Duty) -> Iterator[tuple[str, str]]:
    if duty.ladder:
        yield "reminders", f"Reminders of its own: {ladder_words(duty.ladder)}."


def ladder_words(steps: Iterable[Step]) -> str:
    """The rungs of a ladder, one after another."""
    return "; ".join(_rung(one) for one in steps)


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _rung(step: Step) -> str:
    point = "it is due" if step.from_ == "due" else "it is asked for"
    hours = round(abs(step.wait.total_seconds()) / 3600)
    days = abs(step.working_days)
    count = _counted(hours, "hour") if hours else _counted(days, "working day") if days else ""
    back = step.working_days < 0 or step.wait.total_seconds() < 0
    when = f"{count} {'before' if back else 'after'} {point}" if count else f"when {point}"
    return f"{quoted(step.id)} {when}, to {_TO.get(step.to, step.to)}{', also out of hours' if step.urgent else ''}"
