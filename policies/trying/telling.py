"""A simulated case as it is told while it is made: an event and its line, what is newly asked for, the stays and their ends.

What lives here: keeping the events and the dated lines of a run. What does not: what happens next in it (`simulating`), its shape (`runs`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from policies.evaluating.due_words import due_words
from policies.parts.model import Policy
from policies.parts.schema import Event, Obligation, StageSpell, State
from policies.trying.runs import Line, stay_words


class Telling:
    """The events of a run so far, the lines that tell them, and the moment at which it has come."""

    def __init__(self, policy: Policy, now: datetime) -> None:
        self.policy, self.now = policy, now
        self.events: list[Event] = []
        self.lines: list[Line] = []
        self.told: dict[str, str] = {}  # the end last told, by the key of what is owed or the number of a stay
        self.stays = 0
        self.several = False  # it is about several people: what is owed for one of them says for whom

    def _tell(self, state: State) -> None:
        """Notes the stays that have begun, what has newly become owed, and every end that is another one now than was told."""
        if len(state.spells) < self.stays:  # a move was a mistake: the stay it began was none
            begun = [one for one in self.lines if one.what == "ends"]
            self.lines = [one for one in self.lines if one not in begun[len(state.spells) :]]
            self.stays = len(state.spells)
        for spell in state.spells[self.stays :]:
            if self.stays and state.spells[self.stays - 1].how == "time up":
                self._opened(state.spells[self.stays - 1], spell)
            self._stay(spell, str(self.stays), spell.entered, "ends")
            self.stays += 1
        if state.status == "open":
            self._stay(state.spells[-1], str(self.stays - 1), self.now, "event")
        self.several = len(state.child_flags) > 1
        for one in state.obligations:
            if one.since is not None:
                self._owed(one, one.since)

    def _stay(self, spell: StageSpell, number: str, at: datetime, what: Literal["event", "ends"]) -> None:
        """Tells when a stay ends as it begins, and again where that has changed."""
        text = stay_words(self.policy, spell, now=what == "event")
        until = text.rpartition(", ")[2].removeprefix("now ")
        if self.told.get(number) != until:
            self._line(at, what, text, self.policy.stage_by_id[spell.stage].rule)
        self.told[number] = until

    def _owed(self, one: Obligation, since: datetime) -> None:
        """Tells what is newly owed, and another end of a time of its own; one that ends with the stage changes with that."""
        until = due_words(self.policy.calendar, one.due) if one.due is not None else "at once" if one.at_once else ""
        told, self.told[one.key] = self.told.get(one.key), until
        if told is None:
            past = " (past before it was asked for)" if one.due is not None and one.due.at < since else ""
            text = f"{one.strength}: {self._what(one)}{until and f', {until}'}{past}"
            self._line(since, "owed", text, one.rule)
        elif until not in ("", told) and one.status in ("owed", "overdue") and (one.due is None or one.due.reason == "own limit"):
            self._line(self.now, "event", f"{self._what(one)}, now {until}", one.rule)

    def _opened(self, left: StageSpell, opened: StageSpell) -> None:
        """Says that the time of one stage was up and that of it another opened by itself, before what that one asks for."""
        text = f"Time was up at {left.title}; this opened by itself: {opened.title}"
        self._line(opened.entered, "event", text, self.policy.stage_by_id[left.stage].rule)

    def _line(self, at: datetime, what: Literal["event", "owed", "ends"], text: str, rule: str) -> None:
        self.lines.append(Line(at, self.policy.calendar.local(at).isoformat(timespec="minutes"), what, text, rule))

    def _event(
        self, kind: Any, about: str, text: str, rule: str, *, side: Any = "none", at: datetime | None = None, advance: bool = True,
        facts: Mapping[str, Any] | None = None,
    ) -> None:  # fmt: skip
        when = max(self.now, at) if at is not None else self.now
        if advance:
            self.now = when
        self.events.append(Event(len(self.events) + 1, kind, when, when, about=about, side=side, facts=facts or {}))
        self._line(when, "event", text, rule)

    def _what(self, one: Obligation) -> str:
        """Whose it is, what, and for whom: "Line manager (raising): Tell the family (c2)"."""
        return f"{_whose(one)}: {one.title}{f' ({one.child})' if self.several and one.child else ''}"

    def _done(self, one: Obligation) -> str:
        """The words of a line that says that something was done, and whose it was."""
        return f"Done: {self._what(one)}"


def _whose(one: Obligation) -> str:
    """Who owes it, with the side where it is one of the two: "Line manager (raising)"."""
    return one.owner.title + (f" ({one.owner.side})" if one.owner.side in ("raising", "responding") else "")
