"""The plain parts of a policy: what may be chosen, who is spoken of, what the text leaves open.

What lives here: parts without clocks. What does not: obligations and limits (`terms`), stages and the policy itself (`model`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from policies.parts.conditions import Condition


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose from: the pack's id and plain words."""

    id: str
    title: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Flag:
    """Something true or false of the case, or of one person it is about; `of` says which, and of whom it can be true."""

    id: str
    title: str
    of: Literal["child", "adult", "person", "case"]
    rule: str = ""


@dataclass(frozen=True, slots=True)
class OutsideDate:
    """A date from outside the case that starts a clock (a decision received, a concern first considered). `ahead`: it may lie in the
    future (a hearing, until when something was agreed)."""

    id: str
    title: str
    required: bool = False
    ahead: bool = False
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Emergency:
    """What is asked first, which flag a yes sets, whom to tell (`tell` is plain text), and what it does not do."""

    question: str
    flag: str
    tell: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """A matter that this policy is not for: the question that finds it out, and where to go instead."""

    id: str
    question: str
    text: str
    rule: str

    @property
    def title(self) -> str:
        return self.question


@dataclass(frozen=True, slots=True)
class Inside:
    """Whether both sides may belong to one agency ("only": they do), and what is said to whoever needs it otherwise (where to go)."""

    allowed: Literal["no", "yes", "only"]
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class FormWords:
    """What a pack may say of a form: its parts, and the answers it tells the policy of, each with its codes (none: any)."""

    parts: frozenset[str] = frozenset()
    facts: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Role:
    """A role the policy speaks of. `of` is who has one: each "agency", the "partnership", or one "child", "adult" or "person"."""

    id: str
    title: str
    of: Literal["agency", "partnership", "child", "adult", "person"] = "agency"
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Post:
    """One way to fill a role at a stage in an agency of one type. `of` is the agency type that lends the person ("" its own).

    `side` is the one on which it holds ("" either): in one council a reviewing officer raises and a team manager answers.
    """

    title: str
    of: str = ""
    side: str = ""


# One cell of the role table, in the order of the stage's roles; the posts of a role are alternatives.
Cell: TypeAlias = Mapping[str, tuple[Post, ...]]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Where the source says two things: the readings with their places, the one chosen, and why."""

    id: str
    about: str
    readings: tuple[str, ...]
    chosen: str
    rule: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A statement about the text that a reader should know; with a condition, shown in the cases it touches."""

    id: str
    text: str
    rule: str
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the register: its number, its own short words, its strength, and the places of the pack that answer it."""

    id: str
    says: str
    strength: str
    answered: tuple[str, ...]
