"""Each of the bundled policies runs from the raise to both children's files through the service: every stage, every form, every mail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

import policies
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Delivery, EventRow, MailRow, Participant, Partnership
from plugin.models.scope import Staff, System, bind
from plugin.services.acting import casework, moving, rights
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case import cases, chain
from plugin.services.case.policies import current_policy
from plugin.services.keeping.clock import machine_now
from policies import State
from tests.plugin.visits import on_sqlite_alone
from tests.world import World, make_world, uk, use_trial_adapter

pytestmark = pytest.mark.slow  # left out of make test-quick

RAISED = uk("2027-03-19 18:10")


class Walker:
    """Takes a case through its policy as everybody who may do something."""

    def __init__(self, world: World, reference: str) -> None:
        self.world, self.reference, self.count, self.now = world, reference, 0, RAISED
        bind(db.session, System("test"))
        seats = db.session.execute(select(Participant.agency_id, Participant.side, Participant.person_id)).all()
        every = frozenset(current_policy(db.session, db.session.scalar(select(Partnership.id)) or "").roles)
        self.actors = [Actor(row.person_id, row.agency_id, row.side, every, for_agency=True) for row in seats]
        self.actors.append(Actor("", "", "partnership", every))

    def state(self) -> State:
        bind(db.session, System("test"))
        return cases.open_case(db.session, self.world.keys, reference=self.reference).state(self.now)

    def _sent(self, form: str, **facts: str) -> Sent:
        self.count += 1
        self.now += timedelta(minutes=5)
        return Sent(form, 1, {"note": "Done."}, facts, f"walk-{self.count}")

    def fulfil_all(self) -> None:
        """Everything that is somebody's to do now, until nothing is."""
        for _ in range(60):
            state = self.state()
            policy = cases.open_case(db.session, self.world.keys, reference=self.reference).policy
            owed = [(one, who) for one in state.obligations for who in self.actors if rights.may_fulfil(policy, who, one)]
            if not owed:
                return
            one, who = owed[0]
            self._as(who)
            casework.fulfil(
                db.session, self.world.keys, self.reference, one.key, who, self._sent(one.form or "done"), self.now, machine_now()
            )
        raise AssertionError(f"there is always more to do: {[one.key for one in self.state().obligations if one.status == 'owed']}")

    def move(self, kind: str) -> State | None:
        """The first move of this kind that somebody may make, past its guards if need be; None where there is none."""
        state = self.state()
        for move in state.moves:
            who = next((who for who in self.actors if rights.may_move(who, move)), None)
            if move.kind != kind or who is None or (kind == "resolve" and not move.open):
                continue
            self._as(who)
            if not move.open:
                moving.override(db.session, self.world.keys, self.reference, move.key, who, self._sent("override"), self.now, machine_now())
            sent = self._sent(moving.FORMS.get(kind, "override"))
            return moving.make_move(db.session, self.world.keys, self.reference, move.key, who, sent, self.now, machine_now()).state
        return None

    def _as(self, who: Actor) -> None:
        bind(db.session, Staff(who.agency_id, who.person_id) if who.agency_id else System("partnership"))


@on_sqlite_alone
@pytest.mark.parametrize("pack", policies.pack_ids())
def test_a_policy_runs_from_the_raise_to_both_files(app: Flask, pack: str) -> None:
    world = make_world(app, pack)
    use_trial_adapter()
    policy = policies.pack(pack)
    dates = {one.id: (RAISED - timedelta(days=1)).isoformat() for one in policy.dates}
    reference = world.make_disagreement(RAISED, themes=[policy.themes[0].id], dates=dates, flags=_child_flags(policy))
    walker = Walker(world, reference)
    reached = [walker.state().stage]
    walker.fulfil_all()
    while (state := walker.move("escalate")) is not None:
        reached.append(state.stage)
        walker.fulfil_all()
    assert reached == [stage.id for stage in policy.stages][-len(reached) :], "every stage from where it began"
    assert reached[-1] == policy.stages[-1].id
    assert walker.move("resolve") is not None
    walker.fulfil_all()
    closed = walker.move("close")
    assert closed is not None
    assert closed.status == "closed"
    work.deliver()
    work.send_mail()
    bind(db.session, System("test"))
    assert {row.state for row in db.session.scalars(select(Delivery))} == {"on file"}
    assert chain.first_break(db.session.scalars(select(EventRow).order_by(EventRow.seq))) is None
    assert {row.state for row in db.session.scalars(select(MailRow))} <= {"sent", "cancelled", "on screen", "no address"}


def _child_flags(policy: policies.Policy) -> list[str]:
    return [flag.id for flag in policy.flags if flag.of != "case"][:1]
