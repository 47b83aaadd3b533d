"""A whole case run forward in time: what would be asked of whom, and when, if people were prompt, late or silent.

What lives here: making the run. What does not: its lines (`telling`), its shape (`runs`), what any of it means (`states`).

prompt: everything is done on the next working day, it is settled at the first stage and closed.
late: everything is done on its last day and nothing is settled before the last stage.
none: the other side never answers; those who raised it go on as soon as a limit to the minute ends, and the morning after one that ends
with a day; it stays open at the last stage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from policies.evaluating.ladders import REVIEW_AFTER, place_of
from policies.evaluating.states import evaluate
from policies.parts.model import Policy
from policies.parts.schema import Event, Move, Obligation, State
from policies.trying.happening import Happening
from policies.trying.runs import Answers, Run
from policies.trying.supposing import plain_facts, with_what_is_offered
from policies.trying.telling import Telling

_SECOND = timedelta(seconds=1)
PASSES = 60  # how often what is owed at a stage is looked at again for what follows from it


def simulate(
    policy: Policy,
    raised: datetime,
    answers: Answers = "late",
    facts: Mapping[str, Any] | None = None,
    also: Sequence[Happening] = (),
) -> Run:
    """A run of `policy` from `raised` (aware UTC) to its end. `facts` are those of the `raised` event; a plain case without.

    `also` happens besides, each at its time; what people do after that follows from it. Raises ValueError for one that comes before the
    case was raised, or is about something that this case does not have then.
    """
    runner = _Runner(policy, raised, answers, facts or plain_facts(policy))
    early = next((one for one in also if one.at < raised), None)
    if early is not None:
        raise ValueError(f"'{early.text}' comes before the case was raised.")
    runner.ahead = sorted(also, key=lambda one: one.at)
    return runner.run()


class _Runner(Telling):
    """Makes events until nothing more would happen."""

    def __init__(self, policy: Policy, raised: datetime, answers: Answers, facts: Mapping[str, Any]) -> None:
        super().__init__(policy, raised)
        self.answers = answers
        self.stuck = False  # where nobody answers: the last stage has run out, and it stays there
        self.chosen = set(facts.get("choices", {}))
        facts, self.later = with_what_is_offered(policy, facts)
        self.ahead: list[Happening] = []
        self._event("raised", "", "Raised", "", side="raising", facts=facts)

    def run(self) -> Run:
        state = self._look()
        for _ in range(4 * len(self.policy.stages) + 12 + 4 * len(self.ahead)):
            done = state.status == "closed" or (state.status == "open" and self.answers == "none" and self.stuck)
            if done and self._after_closing(state):
                state = self._look()
            elif done and not self.ahead:
                if not self._waits(state):
                    break
                state = self._look()
            elif done:
                state = self._happens()
            else:
                state = self._settled(state) if state.status == "settled" else self._stage(state)
        return Run(self.policy.id, self.answers, tuple(self.events), tuple(sorted(self.lines, key=lambda one: one.at)), state)

    def _stage(self, state: State) -> State:
        """One stay at a stage: everything asked for is done in time (or not), then it is settled or goes on."""
        last = self._last_day(state)
        for _ in range(PASSES):
            owed = [one for one in state.obligations if one.status in ("owed", "overdue") and self._does(one) and self._by(one, last)]
            if not owed and not self._choose(state):
                break
            several = self._next_done(owed, last)
            for one in several:
                if self._before(self._when(one, last)):
                    return self._happens()
                self._do(one, last)
                if self.later:
                    break  # what was done just now may be what a choice waits for
            state = self._look()
            if state.due is not None and self.answers != "prompt":
                last = max(last, self._last_day(state))  # the limit may count from what was done just now
        if self._before(max(self.now, last)):
            return self._happens()
        self.now = max(self.now, last)
        if self.policy.opens_by_itself and (opened := self._look()).stage != state.stage:
            return opened
        onward = self._next(state)
        if self.answers == "prompt" or (onward is None and self.answers == "late"):
            return self._resolve(state)
        self.stuck = onward is None
        return self._go_on(state, onward) if onward is not None else state

    def _waits(self, state: State) -> bool:
        """At the last stage, where nobody answers: lets the next time pass of which something follows. False where there is none."""
        owed = [one for one in state.obligations if one.status == "owed" and place_of(one.key) in self.policy.watched]
        ends = [one.due.at for one in owed if state.status == "open" and one.due is not None and one.due.at >= self.now]
        if ends:
            self.now, self.stuck = min(ends) + _SECOND, False
        return bool(ends)

    def _before(self, at: datetime) -> bool:
        """Whether something else happens before `at`, or then."""
        return bool(self.ahead) and self.ahead[0].at <= at

    def _happens(self) -> State:
        """The next thing that happens besides."""
        one = self.ahead.pop(0)
        self.now = max(self.now, one.at)
        made = one.make(self.policy, self._look())
        self._event(made.kind, made.about, f"{made.says}{one.who}", "", side=one.side, at=one.at, facts=made.facts)
        self.stuck = False
        return self._look()

    def _choose(self, state: State) -> bool:
        """Answers the first question of the stage that has no answer yet with its first open option."""
        made = self.chosen | {one.about for one in self.events if one.kind == "fact"}
        for move in state.moves:
            name = move.key.split("/")[1] if move.kind == "choose" and self.answers == "late" else ""
            if name and move.open and name not in made and not self.policy.question_by_id[name].default:
                self._event("fact", name, move.title, move.rule, facts={"value": move.to})
                return True
        return False

    def _does(self, one: Obligation) -> bool:
        if self.policy.duty_by_place[place_of(one.key)].done_by is not None:
            return False
        if self.answers == "none":
            return one.automatic or (one.owner.side == "raising" and one.strength != "guide")
        return one.strength != "guide"

    def _by(self, one: Obligation, last: datetime) -> bool:
        """Whether something is done by `last`: what repeats, or waits beside the stages until late, only when its day has come."""
        beside = self.answers == "late" and one.key.startswith("case/")
        return (one.round == 1 and not beside) or one.due is None or one.due.at <= last

    def _next_done(self, owed: list[Obligation], last: datetime) -> list[Obligation]:
        """What is done next, soonest first: all of it, or where things repeat only the first, as the next time may come before the rest."""
        ordered = sorted(owed, key=lambda one: self._when(one, last))
        if any(duty.again is not None for duty in self.policy.duties):
            return [one for one in ordered if self._when(one, last) == self._when(ordered[0], last)]
        return ordered

    def _when(self, one: Obligation, last: datetime) -> datetime:
        """When it would be done: at once, on its last day, or at the end of the stay."""
        if one.automatic or one.at_once:
            return self.now
        at = self._office(one.due.at, 0) if self.answers == "late" and one.due is not None else last
        at = max(min(at, last), self.now)
        return max(min(at, one.due.at), one.since or at) if one.due is not None else at

    def _do(self, one: Obligation, last: datetime) -> None:
        self._event("fulfilled", one.key, self._done(one), one.rule, at=self._when(one, last))

    def _resolve(self, state: State) -> State:
        wanted = [one for one in state.moves if one.kind == "resolve" and one.open]
        at_last = [one for one in wanted if one.by and one.by[0].side == "partnership"] if not self._next(state) else []
        chosen = (at_last or wanted)[0]
        self._event("resolved", chosen.to, chosen.title, chosen.rule)
        return self._look()

    def _settled(self, state: State) -> State:
        owed = [one for one in state.obligations if one.status in ("owed", "overdue") and self._does(one)]
        for one in sorted(owed, key=self._after_the_end):
            if self._before(self._after_the_end(one)):
                return self._happens()
            self._event("fulfilled", one.key, self._done(one), one.rule, at=self._after_the_end(one), advance=False)
        state = self._look()
        close = next(one for one in state.moves if one.kind == "close")
        self.now = max(self.now, *(one.at for one in self.events))
        if close.open:
            self._event("closed", state.outcome, "Closed", "")
        return self._look()

    def _after_closing(self, state: State) -> bool:
        """Does what the closing asks for, as far as nothing else happens first; False where nothing is done."""
        owed = [one for one in state.obligations if one.after_closing and one.status in ("owed", "overdue") and self._does(one)]
        timely = [one for one in sorted(owed, key=self._after_the_end) if not self._before(self._after_the_end(one))]
        for one in timely:
            self._event("fulfilled", one.key, self._done(one), one.rule, at=self._after_the_end(one), advance=False)
        return bool(timely)

    def _after_the_end(self, one: Obligation) -> datetime:
        """When something is done in a case that is settled or closed."""
        at = one.due.at if one.due is not None and self.answers == "late" else self._office(self.now, 1)
        return max(at, self.now)

    def _next(self, state: State) -> Move | None:
        return next((one for one in state.moves if one.kind == "escalate"), None)

    def _go_on(self, state: State, onward: Move) -> State:
        here = state.stage
        self._event("unresolved", here, f"Not settled at {state.stage_title}", onward.rule, side="raising")
        state = self._look()
        if state.stage == here:
            for reason in onward.closed_because:
                self._event("overridden", reason.guard, f"Set aside with a reason: {reason.text}", reason.rule)
            self._event("moved", onward.to, onward.title, onward.rule, side="raising")
            state = self._look()
        return state

    def _last_day(self, state: State) -> datetime:
        if self.answers == "prompt":
            return self._office(self.now, 1)
        if state.due is None:
            return self._office(self.now, REVIEW_AFTER)
        if self.answers == "none":
            return max(self.now, state.due.at + _SECOND) if state.due.precise else self._office(state.due.at, 1)
        return max(self.now, state.due.at if state.due.precise else self._before_closing_time(state.due.local_date))

    def _before_closing_time(self, day: date) -> datetime:
        """The last second of a day's office hours: what comes after it may count as received on the next."""
        calendar = self.policy.calendar
        return datetime.combine(day, calendar.shuts, calendar.zone).astimezone(UTC) - _SECOND

    def _office(self, at: datetime, days: int) -> datetime:
        """Ten in the morning, so many working days later."""
        calendar = self.policy.calendar
        day = calendar.working_day_after(calendar.day_of(at), days)
        return datetime.combine(day, calendar.opens, calendar.zone).astimezone(UTC) + timedelta(hours=1)

    def _look(self) -> State:
        """The state now; notes what has newly become owed. What was to be chosen and is offered only now is chosen."""
        state = evaluate(self.policy, self.events, self.now)
        for move in [one for one in state.moves if one.open and one.kind == "choose"] if self.later else ():
            name = move.key.split("/")[1]
            if self.later.get(name) == move.to:
                del self.later[name]
                self._event("fact", name, move.title, move.rule, facts={"value": move.to})
                state = evaluate(self.policy, self.events, self.now)
        self._tell(state)
        return state


def timeline(policy: Policy, events: Sequence[Event], now: datetime) -> tuple[State, tuple[Event, ...]]:
    """The state at `now`, of the events recorded by then, and those events. Raises ValueError when there is none."""
    known = tuple(one for one in events if one.recorded_at <= now)
    return evaluate(policy, known, now), known
