"""The words that cross the border of this room: events in, state out.

What lives here: the shapes of an event, an obligation, a move, a deadline and the state, with one JSON form for each (`EVENTS`,
`STATE`; `json_schema()`). What does not: how a state is worked out (`evaluate`), how a pack is read (`loader`).

Every instant is aware UTC. A `local_date` beside it is the date in the policy's own zone (Europe/London for all of the UK).
Events carry codes, ids, dates and flags only; never a name, never a sentence (those are sealed elsewhere).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Side = Literal["raising", "responding", "partnership", "both", "none"]
Strength = Literal["must", "should", "may", "guide"]
EventKind = Literal[
    "raised",  # the case begins; facts: see Raised below
    "fact",  # something is true from now on; about: the pack's id of a flag, date, choice; facts: value, child?, agency?, side?
    "noted",  # somebody adds words (sealed); nothing follows from it by itself
    "fulfilled",  # an obligation was met; about: an obligation's key; facts: form?, mode?, to?, …
    "unresolved",  # the people of a stage declare it unresolved; about: the stage
    "moved",  # the case enters a stage; about: the stage entered
    "resolved",  # the disagreement is settled; about: an outcome of the pack; what must follow (confirmation …) is owed from here
    "waived",  # an obligation is set aside with a reason (sealed); about: an obligation's key
    "overridden",  # a closed guard is overridden with a reason (sealed); about: the guard's key
    "corrected",  # an earlier event was mistaken; about: its seq; facts: what it should have said, or {"void": true}
    "closed",  # nothing more is owed that holds the case open; about: the outcome
    "reopened",  # a closed or resolved case goes on; about: the stage it goes on at
]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened in a case. Appended, never changed.

    `seq` counts from 1 within the case. `at` is when it happened, `recorded_at` when it was written down (both aware UTC).
    `actor` and `agency` are opaque ids. `facts` of a `raised` event:

        {"themes": ["levels of need"], "start": "1",
         "parties": [{"agency": "a1", "type": "local authority", "side": "raising", "traits": ["board member"]}, …],
         "children": [{"child": "c1", "flags": ["looked after"], "officer": "p7"}],   # whoever it is about (none: a theme); below
         "flags": ["immediate harm"],                                                 # flags of the case, not of one child
         "choices": {"priority": "red"},                                              # what the pack lets people choose
         "dates": {"decision received": "2026-12-16T10:00:00+00:00"}}

    Of a child or adult: `is` ("adult"; "child" if the policy is for both and nothing is said), `officer` (the opaque id of the policy's
    first role of one person), `people` ({"advocate": "p9"}: those of its other roles of one person). A `fact` about "child" adds to it.
    """

    seq: int
    kind: EventKind
    at: datetime
    recorded_at: datetime
    about: str = ""
    side: Side = "none"
    stage: str = ""
    actor: str = ""
    agency: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Deadline:
    """One clock that runs on an obligation or a stage, and the instant it ends.

    `precise` is False for limits in days and weeks (they end with the day: 23:59:59 local) and True for hours and protective times.
    `reason` names the kind of clock; `limit` says how long it is in the policy's words ("5 working days"). `name` is the title of
    a time over several stages where the policy has more than one.
    """

    at: datetime
    local_date: date
    precise: bool
    reason: Literal["own limit", "stage limit", "cumulative limit", "overall cap", "protective date"]
    limit: str
    rule: str = ""
    started: datetime | None = None
    name: str = ""


Status = Literal["not yet", "owed", "overdue", "done", "done late", "waived", "no longer applies"]


@dataclass(frozen=True, slots=True)
class Party:
    """Who owes something, or to whom: a side and a role of the pack; `agency` or `person` where only one is meant.

    `role` is the pack's role id and `title` its plain name. `person` is an opaque id (a reviewing officer of one child, say).
    `of` is the agency type that lends the person, where another organisation stands in.
    """

    side: Side
    role: str
    title: str
    agency: str = ""
    person: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing the policy asks for in this case.

    `key` is unique in the case and stable from one evaluation to the next; `id` is the pack's name of it. `kind` is a word such as
    discussion, form, notice, copy, record, confirmation, meeting, attestation, consideration, plan, decision, debrief.
    `due` is the deadline that binds (None: no number is set) and `binds_because` says in a sentence why that one; `clocks` holds all
    that were looked at. `form` is the id of the form that fulfils it ("" where none does). `holds_open`: the case cannot be closed
    before it is done. `automatic`: the service itself can fulfil it (a notice it mails, a record it writes); no person need act. `round`
    counts the times something that repeats has come up. `after_closing`: the case is closed, and this began with that or later: it is asked
    for all the same (see `State.is_asked`).
    """

    key: str
    id: str
    kind: str
    title: str
    rule: str
    strength: Strength
    stage: str
    owner: Party
    to: tuple[Party, ...]
    status: Status
    since: datetime | None
    due: Deadline | None
    clocks: tuple[Deadline, ...]
    binds_because: str
    form: str = ""
    done_at: datetime | None = None
    done_seq: int | None = None
    child: str = ""
    holds_open: bool = False
    automatic: bool = False
    note: str = ""
    at_once: bool = False
    private: bool = False
    part: str = ""
    round: int = 1
    after_closing: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a move is closed, in plain words. `guard` is the key to name in an `overridden` event ("" where it cannot be overridden)."""

    text: str
    rule: str = ""
    guard: str = ""
    strength: Strength = "must"


@dataclass(frozen=True, slots=True)
class Move:
    """Something that may be done to the case as a whole.

    `kind` is escalate, jump, next tier, send back, choose, resolve, withdraw, unmake, close, reopen; `to` is a stage or an outcome. `by`
    are the sides and roles that may do it. It is open when `closed_because` is empty.
    """

    key: str
    kind: str
    to: str
    title: str
    by: tuple[Party, ...]
    rule: str = ""
    closed_because: tuple[Reason, ...] = ()

    @property
    def open(self) -> bool:
        return not self.closed_because


@dataclass(frozen=True, slots=True)
class Warning:
    """Something the reader should know of the text or the dates: an ambiguity that touches this case, an hours limit on a holiday."""

    code: str
    text: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class StageSpell:
    """A stay in a stage: entered, left (None while in it), how it was left, and the deadline that bound it.

    `tier` counts the levels of management tried within one stage. `how` is "", unresolved, moved, next tier, sent back, resolved,
    reopened or time up.
    """

    stage: str
    title: str
    entered: datetime
    left: datetime | None
    due: Deadline | None
    tier: int = 1
    how: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands at `now` under one policy. Everything a page, a mail, a reminder or a report needs is read from here.

    `status`: open; settled (resolved, something that holds it open is still owed); closed. `outcome` is the pack's id of it,
    `binding` what the policy says of it (binding, final, advisory, "").
    `unmade`: it was raised by mistake, and goes on no file. `flags` are all that are true, `child_flags` those of each child.
    """

    policy: str
    version: str
    now: datetime
    seq: int
    status: Literal["open", "settled", "closed"]
    outcome: str
    outcome_title: str
    binding: str
    stage: str
    stage_title: str
    entered: datetime
    due: Deadline | None
    clocks: tuple[Deadline, ...]
    binds_because: str
    obligations: tuple[Obligation, ...]
    moves: tuple[Move, ...]
    warnings: tuple[Warning, ...]
    spells: tuple[StageSpell, ...]
    flags: tuple[str, ...] = ()
    child_flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unmade: bool = False

    def is_asked(self, one: Obligation) -> bool:
        """Whether people are still asked for it: what is not done, until the case is closed; after that what its closing asks for. What
        they only *may* do then they find on the page.
        """
        goes_on = one.after_closing and one.strength in ("must", "should")
        return one.status in ("owed", "overdue") and (self.status != "closed" or goes_on)

    def obligation(self, key: str) -> Obligation:
        """The obligation with this key; KeyError where there is none."""
        for one in self.obligations:
            if one.key == key:
                return one
        raise KeyError(key)
