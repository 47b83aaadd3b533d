"""The words a pack has declared, and what to say of one that it has not.

What lives here: the vocabulary that phrases are read with. What does not: the phrases (`phrases`, `condition_phrases`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

KEPT_WORDS = frozenset({"and", "or", "not", "is", "with", "when", "from", "otherwise", "done", "given", "flag", "stage"})

LISTED_AT_MOST = 24


class PhraseError(ValueError):
    """A phrase that cannot be read; the text says what would be right."""


@dataclass(frozen=True, slots=True)
class Words:
    """The ids a pack has declared, which its phrases may use.

    `duties` gives the place ("2/discuss", "case/record") of each name an obligation may be called by where the phrase stands: its place,
    or its id alone where that is clear.
    """

    stages: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    duties: Mapping[str, str] = field(default_factory=dict)
    outcomes: frozenset[str] = frozenset()
    themes: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    roles: Mapping[str, str] = field(default_factory=dict)
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    subjects: frozenset[str] = frozenset({"child", "adult", "theme"})


def subjects_of(text: str) -> tuple[str, ...]:
    """What a pack's cases may be about, of child, adult and theme: its line `subject`, taken apart."""
    return tuple(text.split(" or "))


def no_such_subject(subject: str, wanted: str) -> str:
    """What is wrong where something is said of a child, an adult or a theme, and a pack's cases are never about one; else nothing."""
    if wanted not in ("child", "adult", "theme") or wanted in subjects_of(subject):
        return ""
    return f"The 'subject' of this pack is '{subject}'; there is no {wanted} in its cases."


def known(kind: str, word: str, among: frozenset[str] | Mapping[str, object]) -> str:
    """`word`, if it is one of those declared. Raises PhraseError with all that are."""
    if word in among:
        return word
    listed = ", ".join(sorted(among)[:LISTED_AT_MOST]) + (", …" if len(among) > LISTED_AT_MOST else "")
    article = "an" if kind[0] in "aeiou" else "a"
    there = f"There are: {listed}." if among else "None is declared."
    where = "" if kind.endswith(" of this case") else " of this pack"
    raise PhraseError(f"'{word}' is not {article} {kind}{where}.{meant(word, among)} {there}")


def meant(word: str, among: Iterable[str]) -> str:
    """ " Do you mean '…'?" where one of those declared is near, else nothing."""
    near = get_close_matches(word, list(among), 1, 0.7)
    return f" Do you mean '{near[0]}'?" if near else ""


def duty(name: str, words: Words) -> str:
    """The place of the obligation called `name`. Raises PhraseError."""
    return words.duties[known("obligation", name, words.duties)]
