"""What a letter is: rows of mail that leave together for one mailbox, with what composing needs. `gathering` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from policies import Deadline


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a letter: what it is about, and what date it tells."""

    id: str
    attempt: int
    case_id: str
    obligation: str
    rung: str
    told: str


@dataclass(frozen=True, slots=True)
class Part:
    """One thing a letter says: one or several rows of one case with one link. `dates`: deadlines for a calendar, by obligation."""

    template: str
    reference: str
    token: str
    due: Deadline | None
    stage_title: str
    decides: bool
    rows: tuple[Row, ...]
    zone: ZoneInfo
    own: str = ""
    seq: int = 0
    dates: tuple[tuple[str, Deadline], ...] = ()
    late: bool = False
    partnership: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A claimed mail, ready to be composed: nothing here says who the child is. `to` is one mailbox, `choices` its quiet link's token."""

    id: str
    to: str
    parts: tuple[Part, ...]
    choices: str = ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """Every row that goes out in it."""
        return tuple(row for part in self.parts for row in part.rows)

    @property
    def attempt(self) -> int:
        """How often its oldest row was tried."""
        return max(row.attempt for row in self.rows)

    def __repr__(self) -> str:
        return f"Letter({self.id}, {len(self.rows)} rows, attempt {self.attempt})"
