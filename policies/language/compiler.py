"""One pack being compiled: reads its phrases where they stand and gathers every mistake.

What lives here: the tool the parts of the compiler share. What does not: the parts (`compiling`, `compiling_duties`, `compiling_roles`,
`compiling_settings`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from policies.language import condition_phrases, phrases, source
from policies.language.problems import Path, Problem
from policies.language.reading import Document
from policies.parts.conditions import Condition
from policies.parts.terms import Clock, Limit, PartyRef
from policies.parts.words import PhraseError, Words

T = TypeVar("T")

_COUNTS_ALWAYS = (
    "'{}' has no condition, so it always counts and what stands after it never does. "
    "Put it last, after those with 'when …', or add its condition."
)


@dataclass(slots=True)
class Compiler:
    """One pack being compiled: its words, and the problems found so far."""

    pack: source.PackSource
    document: Document
    words: Words
    problems: list[Problem] = field(default_factory=list)

    def fault(self, path: Path, text: str) -> None:
        """Notes a problem and goes on, so that all are reported at once."""
        self.problems.append(self.document.problem(path, text))

    def read(self, path: Path, build: Callable[[], T], instead: T) -> T:
        """What `build` makes, or `instead` after a phrase that cannot be read."""
        try:
            return build()
        except PhraseError as fault:
            self.fault(path, str(fault))
            return instead

    def condition(self, text: str, path: Path, words: Words) -> Condition | None:
        """The condition in `text`, None for an empty one."""
        return self.read(path, lambda: condition_phrases.condition_of(text, words), None) if text else None

    def required(self, text: str, path: Path, words: Words) -> Condition:
        """A condition that must be there; after a mistake, one that never matters because the pack is refused."""
        return self.condition(text, path, words) or condition_phrases.condition_of("raised", Words())

    def clock(self, texts: Sequence[str], path: Path, words: Words, start: str, rule: str) -> Clock | None:
        """The limits in `texts`, of which the first that applies counts; None where there is none."""
        read = (self._limit(text, (*path, number), words, start) for number, text in enumerate(texts))
        found = [one for one in read if one is not None]
        for number, one in enumerate(found[:-1]):
            if one.when is None and len(found) == len(texts):
                self.fault((*path, number), _COUNTS_ALWAYS.format(one.text))
        return Clock(tuple(found), rule) if found else None

    def _limit(self, text: str, path: Path, words: Words, start: str) -> Limit | None:
        return self.read(path, lambda: phrases.limit(text, words, start), None)

    def speaker(self, stage: source.StageSource) -> str:
        """The role meant where a side stands alone at `stage`; any other where that one is no role, which is said at `acts` once."""
        return stage.acts[0] if stage.acts[0] in self.words.roles else next(iter(self.words.roles))

    def who(self, text: str, path: Path, words: Words, acting: str) -> tuple[PartyRef, ...]:
        """The parties in `text`, none for an empty one."""
        nobody: tuple[PartyRef, ...] = ()
        return self.read(path, lambda: phrases.who(text, words, acting), nobody) if text else nobody
