"""Conditions about how far a case has come: what is done, owed or late, where it is, how it ended.

What lives here: these kinds of condition; `conditions` has the others and offers them all. What does not: what a condition is (`asking`).
"""

from __future__ import annotations

from dataclasses import dataclass

from policies.parts.asking import Facts


@dataclass(frozen=True, slots=True)
class Done:
    """`discussion done`: every one of that name that was asked for is done (`any of …`: at least one)."""

    duty: str
    every: bool = True

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.done(self.duty, self.every)


@dataclass(frozen=True, slots=True)
class DoneInTime:
    """`appeal done in time`, `appeal done late`: it is done, and none (or one at least) was done after its time had ended."""

    duty: str
    late: bool = False

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.done(self.duty, True) and case.done_late(self.duty) is self.late


@dataclass(frozen=True, slots=True)
class Owed:
    """`report owed`: one of that name is asked for and not done. For guards, clocks and notes, which look whenever something happens."""

    duty: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}", f"owed:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.owed(self.duty)


@dataclass(frozen=True, slots=True)
class Said:
    """`raise with mode spoken`: it was done, and the facts of its event say so."""

    duty: str
    name: str
    value: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({f"done:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.said(self.duty, self.name, self.value)


@dataclass(frozen=True, slots=True)
class AtStage:
    """`at stage 3`, `reached stage 3`, `left stage 3`, `resolved at stage 3`, `started at stage 3`."""

    how: str
    stage: str

    @property
    def triggers(self) -> frozenset[str]:
        if self.how == "reached":
            return frozenset({"stage"})
        if self.how == "started at":
            return frozenset({"raised"})
        return frozenset({f"stage:{self.stage}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        if self.how == "at":
            return case.is_at(self.stage)
        if self.how == "reached":
            return case.reached(self.stage)
        if self.how == "left":
            return case.left(self.stage)
        if self.how == "started at":
            return case.started_at(self.stage)
        return case.resolved_at(self.stage)


@dataclass(frozen=True, slots=True)
class HasOutcome:
    """`resolved` (any outcome), `outcome is advice only`."""

    outcome: str = ""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"resolved"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.outcome_is(self.outcome)


@dataclass(frozen=True, slots=True)
class Closed:
    """`closed`: nothing more happens unless it is opened again."""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"resolved"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.is_closed()


@dataclass(frozen=True, slots=True)
class FirstTier:
    """`first tier`: the stage has not been repeated at a higher tier of management."""

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"stage"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.tier() == 1


@dataclass(frozen=True, slots=True)
class TimeUp:
    """`time up at stage 2`: the deadline of the latest stay there passed before it was left."""

    stage: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"time", "stage"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.time_up(self.stage)


@dataclass(frozen=True, slots=True)
class Overdue:
    """`answer overdue`: one of that name is not done and its time has passed."""

    duty: str

    @property
    def triggers(self) -> frozenset[str]:
        return frozenset({"time", f"done:{self.duty}", f"overdue:{self.duty}"})

    def holds(self, case: Facts, child: str = "") -> bool:
        return case.overdue(self.duty)
