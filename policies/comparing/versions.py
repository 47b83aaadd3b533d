"""What to look at again in two versions of a policy before the new one is put in force: its number and its dates.

What lives here: those sentences. What does not: what else is other in its text (`texts`), which says each change of a number or a date too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from policies.evaluating.due_words import day_words
from policies.parts.model import Policy


def look_again(old: Policy, new: Policy, today: date) -> tuple[str, ...]:
    """Each thing that is likely a slip, in a sentence; none where nothing is. `today` is a local date."""
    return () if old.hash == new.hash else tuple(_found(old, new, today))


def _found(old: Policy, new: Policy, today: date) -> Iterator[str]:
    if old.id != new.id:
        yield f"They are two policies: '{old.id}' and '{new.id}'. A new version keeps the id."
    if old.version == new.version:
        yield f"Both are called version {new.version}. A published version is never changed: give the new one another."
    yield from _start(old.effective_from, new.effective_from)
    if old.effective_until and new.effective_from and new.effective_from > old.effective_until + timedelta(days=1):
        yield f"Between {day_words(old.effective_until)} and {day_words(new.effective_from)} neither is in force."
    if new.effective_from and new.effective_until and new.effective_until < new.effective_from:
        yield "The new one ends before it begins."
    if new.effective_from and new.effective_from > today:
        yield f"The new one holds from its first day, {day_words(new.effective_from)}, and not before, also when it is put in now."
    if new.effective_until and new.effective_until < today:
        yield f"The new one says that it was in force until {day_words(new.effective_until)}."


def _start(before: date | None, after: date | None) -> Iterator[str]:
    if before and after and before == after:
        yield f"Both say that they are in force from {day_words(after)}. Write under 'effective' from when the new one holds."
    elif before and after and after < before:
        yield f"The new one is in force from {day_words(after)}, before the old one ({day_words(before)})."
    elif not after:
        older = f", the old one from {day_words(before)}" if before else ", and neither does the old one"
        yield f"The new one does not say from when it is in force{older}."
