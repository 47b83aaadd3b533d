"""What a chart of a policy shows, before anything has a place: blocks from top to bottom, the cards in them, the ways between them.

What lives here: the shapes. What does not: what stands in them for one policy (`stages`, `around`), where they are placed (`placing`), how
they are drawn (`svg`) and said (`outline`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["before", "start", "always", "stage", "ask", "gate", "settled", "closed"]
LinkKind = Literal["next", "no", "yes", "skip", "jump", "tier", "back"]


@dataclass(frozen=True, slots=True)
class Card:
    """One box inside a block: an obligation, a guard, an outcome, a panel, a question. `mark` is its strength ("" where it has
    none); `lines` stand each on a line of their own, below the notes."""

    key: str
    title: str
    notes: tuple[str, ...] = ()
    mark: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the way through the policy. `left` and `right` are its cards, side by side where there is room, else one below the other.

    `clocks` say how long it may take, `notes` the rest. `now` is what is said of a case that stands here ("" where none does); `past` that
    it was here before.
    """

    key: str
    kind: BlockKind
    title: str
    clocks: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    left: tuple[Card, ...] = ()
    right: tuple[Card, ...] = ()
    left_title: str = ""
    right_title: str = ""
    now: str = ""
    past: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one block to another, by their keys, and what is said beside it."""

    kind: LinkKind
    start: str
    end: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A policy as a way from top to bottom. `edition` is its version and when it holds; `summary` says it in a sentence or two,
    `legend` what its words mean."""

    title: str
    edition: str
    summary: str
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    legend: str = ""
