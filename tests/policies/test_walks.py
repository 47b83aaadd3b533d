"""A machine that takes only legal steps walks through every policy and never gets stuck."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from policies import Event, Move, Policy, State, evaluate, load, pack, pack_ids
from policies.trying.simulating import plain_facts
from tests.policies.making import at
from tests.policies.rows import every_pack
from tests.policies.test_properties import nowhere_stuck

DAY = timedelta(days=1)


class Walk(RuleBasedStateMachine):
    """Moves that are open, obligations that are owed, guards that may be set aside; nothing else."""

    policy: Policy

    @initialize()
    def raise_it(self) -> None:
        self.now = at("2027-03-19 18:10")
        self.events: list[Event] = []
        self.event("raised", "", **plain_facts(self.policy))

    def event(self, kind: Any, about: str, by: Any = "raising", **facts: Any) -> None:
        self.events.append(Event(len(self.events) + 1, kind, self.now, self.now, about=about, side=by, facts=facts))
        self.state: State = evaluate(self.policy, self.events, self.now)

    def open_moves(self) -> list[Move]:
        return [one for one in self.state.moves if one.open]

    @rule(hours=st.sampled_from([1, 12, 24, 24 * 8]))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self.state = evaluate(self.policy, self.events, self.now)

    @precondition(lambda self: any(one.status in ("owed", "overdue") for one in self.state.obligations))
    @rule(data=st.data())
    def do_what_is_owed(self, data: st.DataObject) -> None:
        owed = [one for one in self.state.obligations if one.status in ("owed", "overdue")]
        one = data.draw(st.sampled_from(owed))
        self.event("fulfilled", one.key)
        assert self.state.obligation(one.key).status in ("done", "done late")

    @precondition(lambda self: self.open_moves())
    @rule(data=st.data())
    def take_an_open_move(self, data: st.DataObject) -> None:
        move = data.draw(st.sampled_from(self.open_moves()))
        stage = self.state.stage
        if move.kind == "escalate":
            self.event("unresolved", stage, by=move.by[0].side)
            assert self.state.stage == (stage if self.policy.moved_on_referral else move.to)
        elif move.kind in ("jump", "send back"):
            self.event("moved", move.to)
            assert self.state.stage == move.to
        elif move.kind == "next tier":
            self.event("moved", move.to, tier=self.state.spells[-1].tier + 1)
        elif move.kind == "choose":
            self.event("fact", move.key.split("/")[1], value=move.to)
        elif move.kind in ("resolve", "withdraw"):
            self.event("resolved", move.to)
            assert self.state.status == ("settled" if self.policy.outcome_by_id[move.to].closes else "open")
        elif move.kind == "unmake":
            self.event("resolved", move.to)
            assert self.state.status != "open"
            assert {one.kind for one in self.state.obligations if one.status in ("not yet", "owed", "overdue")} <= {"record"}
        elif move.kind == "close":
            self.event("closed", self.state.outcome)
            assert self.state.status == "closed"
        else:
            assert move.kind == "reopen"
            self.event("reopened", move.to)
            assert self.state.status == "open"

    @precondition(lambda self: any(not one.open for one in self.state.moves))
    @rule(data=st.data())
    def set_a_guard_aside(self, data: st.DataObject) -> None:
        move = data.draw(st.sampled_from([one for one in self.state.moves if not one.open]))
        for reason in move.closed_because:
            assert reason.guard, "every closed move can be opened by someone entitled to"
            self.event("overridden", reason.guard)
        assert next(one for one in self.state.moves if one.key == move.key).open

    @invariant()
    def nobody_is_stuck(self) -> None:
        if self.events:
            assert nowhere_stuck(self.state)
            assert not [one for one in self.state.warnings if one.code in ("unknown", "guard", "back")]
            assert self.state.spells[-1].stage == self.state.stage


def walk(policy: Policy, examples: int) -> None:
    machine = type("WalkOf", (Walk,), {"policy": policy})
    steady = settings(deadline=None, max_examples=examples, stateful_step_count=30, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=steady)


@pytest.mark.parametrize("pack_id", pack_ids())
def test_legal_walks_never_get_stuck(pack_id: str) -> None:
    walk(pack(pack_id), 25)


@pytest.mark.slow
@pytest.mark.parametrize("name", every_pack())
def test_legal_walks_under_every_other_pack_never_get_stuck(name: str) -> None:
    walk(load(every_pack()[name], source=name), 6)
