"""A disagreement inside one organisation: a reviewing officer and a social worker of one council, under a policy that is for that too.

Who stands on which side, who is asked for what, who may act, and one record on the one file.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import select

import forms
from plugin.extensions import db
from plugin.jobs import work
from plugin.models import Delivery, EventRow, Invitation, MailRow, Participant, RoleHolder, begin_writing
from plugin.models.scope import System, bind
from plugin.services.acting import actors, casework, moving, rights
from plugin.services.acting.actors import Member
from plugin.services.acting.casework import Sent
from plugin.services.acting.rights import Actor
from plugin.services.case import cases, chain
from plugin.services.case.cases import Case, NoLongerOpenError
from plugin.services.case.directory import Directory
from plugin.services.case.policies import activate
from plugin.services.case.staff import roles_of
from plugin.services.keeping.clock import machine_now
from plugin.services.write_back import deliveries, records
from policies import Party, Side, State, Viewer, view
from tests.world import COUNCIL, World, make_world, uk, use_trial_adapter

pytestmark = pytest.mark.slow  # left out of make test-quick

RAISED = uk("2027-03-15 10:00")
OFFICER, WORKER, COLLEAGUE, TEAM_MANAGER, REVIEWING_MANAGER = "nc-0521", "nc-1042", "nc-1077", "nc-0815", "nc-0533"
ABOVE, ELSEWHERE = "nc-0207", "nc-0188"


POLICY = Path(__file__).with_name("within.yaml").read_text(encoding="utf-8")


@pytest.fixture
def world(app: Flask) -> World:
    """The demo's people under a policy that is for disagreements within agencies too."""
    return under(make_world(app), POLICY)


def under(world: World, text: str) -> World:
    """The same people under another policy."""
    bind(db.session, System("test"))
    activate(db.session, "demo", text, machine_now(), forms.ids())
    return world


def make_inside(world: World, **more: object) -> str:
    """The reviewing officer raises it with a social worker of the same council."""
    who = world.act_as(OFFICER)
    given = {"person_id": who.person_id, "other_agency": COUNCIL, "other_person": world.people[WORKER], "themes": ["plan"], **more}
    bind(db.session, who)
    return world.make_disagreement(RAISED, **given)


def open_it(world: World, reference: str) -> Case:
    bind(db.session, System("test"))
    return cases.open_case(db.session, world.keys, reference=reference)


def actor(world: World, reference: str, staff: str) -> Actor:
    """Somebody of the council in its record system, as the service finds them; the session is theirs."""
    case = open_it(world, reference)
    person = world.people[staff]
    found = actors.of_staff(db.session, case, Member(person, COUNCIL, roles_of(db.session, person)))
    world.act_as(staff)
    return found


def asked(obligation: str) -> set[str]:
    """Who was asked for it."""
    bind(db.session, System("test"))
    return set(db.session.scalars(select(MailRow.recipient).where(MailRow.obligation == obligation, MailRow.rung == "ask")))


def people(world: World, *staff: str) -> set[str]:
    return {f"person:{world.people[one]}" for one in staff}


class Council:
    """Everybody of the council who acts in a case, each as the service finds them, at a time that goes on."""

    def __init__(self, world: World, reference: str) -> None:
        self.world, self.reference, self.now, self.count = world, reference, RAISED, 0

    def state(self) -> State:
        return open_it(self.world, self.reference).state(self.now)

    def do(self, staff: str, key: str) -> State:
        """Meets an obligation."""
        who, sent = actor(self.world, self.reference, staff), self._sent("done")
        return casework.fulfil(db.session, self.world.keys, self.reference, key, who, sent, self.now, machine_now()).state

    def move(self, staff: str, key: str, **answers: str) -> State:
        """Makes a move."""
        who, sent = actor(self.world, self.reference, staff), self._sent(moving.FORMS[key.split("/")[0]], **answers)
        return moving.make_move(db.session, self.world.keys, self.reference, key, who, sent, self.now, machine_now()).state

    def say_side(self, staff: str, side: str) -> State:
        who, sent = actor(self.world, self.reference, staff), self._sent("side", side=side)
        return actors.say_side(db.session, self.world.keys, self.reference, who, sent, self.now, machine_now()).state

    def _sent(self, form: str, **answers: str) -> Sent:
        self.count += 1
        self.now += timedelta(minutes=5)
        return Sent(form, 1, {"note": "Said.", **answers}, {}, f"council-{self.count}")

    def all_of(self, *staff: str) -> None:
        """Whatever these people may do, until there is nothing more."""
        for _ in range(60):
            state, policy = self.state(), open_it(self.world, self.reference).policy
            who = {one: actor(self.world, self.reference, one) for one in staff}
            owed = [(one.key, by) for one in state.obligations for by in staff if rights.may_fulfil(policy, who[by], one)]
            if not owed:
                return
            self.do(owed[0][1], owed[0][0])
        raise AssertionError("there is always more to do")


def at_the_head(world: World, **chosen: str) -> Council:
    """A case that has come to the head of service, who is above both sides unless one side has `chosen` them."""
    council = Council(world, make_inside(world))
    council.move(OFFICER, "escalate/2")
    council.move(OFFICER, "escalate/3", **chosen)
    return council


def test_there_is_one_participant_on_both_sides_and_the_first_event_says_so(world: World) -> None:
    reference = make_inside(world)
    case = open_it(world, reference)
    row = db.session.scalars(select(Participant)).one()
    assert (row.side, row.person_id, row.answering_id) == ("both", world.people[OFFICER], world.people[WORKER])
    assert [(one["agency"], one["side"]) for one in case.events[0].facts["parties"]] == [(COUNCIL, "raising"), (COUNCIL, "responding")]


def test_whoever_was_named_is_asked_and_the_raiser_is_not(world: World) -> None:
    make_inside(world)
    bind(db.session, System("test"))
    queued = {row.recipient for row in db.session.scalars(select(MailRow).where(MailRow.state == "queued"))}
    assert queued == people(world, WORKER)


def test_a_side_goes_by_the_record_then_by_the_team(world: World) -> None:
    reference = make_inside(world)
    on = {one: actor(world, reference, one).side for one in (OFFICER, REVIEWING_MANAGER, WORKER, COLLEAGUE, TEAM_MANAGER, ABOVE)}
    assert on == {
        OFFICER: "raising",
        REVIEWING_MANAGER: "raising",
        WORKER: "responding",
        COLLEAGUE: "responding",
        TEAM_MANAGER: "responding",
        ABOVE: "",
    }


def test_nobody_answers_their_own_challenge(world: World) -> None:
    council = Council(world, make_inside(world))
    with pytest.raises(NoLongerOpenError):
        council.do(OFFICER, "1/answer")
    with pytest.raises(NoLongerOpenError):
        council.do(REVIEWING_MANAGER, "1/answer")
    assert council.do(COLLEAGUE, "1/answer").obligation("1/answer").status == "done"
    with pytest.raises(ValueError, match="themselves"):
        make_inside(world, other_person=world.people[OFFICER])


def test_each_side_s_manager_is_asked_by_their_team(world: World) -> None:
    council = Council(world, make_inside(world))
    council.move(OFFICER, "escalate/2")
    assert asked("2/view/raising") == people(world, REVIEWING_MANAGER)
    assert asked("2/view/responding") == people(world, TEAM_MANAGER)
    with pytest.raises(NoLongerOpenError):
        council.do(REVIEWING_MANAGER, "2/view/responding")


def test_somebody_above_both_sides_has_one_link_and_acts_for_each_by_their_role(world: World) -> None:
    council = at_the_head(world)
    assert asked("3/say/raising") == asked("3/say/responding") == people(world, ABOVE)
    links = list(db.session.scalars(select(Invitation).where(Invitation.person_id.in_(people(world, ABOVE)))))
    assert [(one.role, one.side) for one in links] == [("senior manager", "both")]
    above = actor(world, council.reference, ABOVE)
    assert (above.side, "practitioner" in above.roles) == ("both", False)
    council.do(ABOVE, "3/say/raising")
    assert council.do(ABOVE, "3/say/responding").obligation("3/say/responding").status == "done"
    with pytest.raises(NoLongerOpenError):
        council.do(ABOVE, "case/ask lead/raising")


def test_the_only_one_there_is_stands_above_both_even_if_one_side_chose_them(world: World) -> None:
    council = at_the_head(world, next_person=world.people[ABOVE])
    assert asked("3/say/raising") == asked("3/say/responding") == people(world, ABOVE)
    assert actor(world, council.reference, ABOVE).side == "both"


def test_somebody_chosen_by_one_side_is_not_asked_for_the_other_where_there_is_another(world: World) -> None:
    bind(db.session, System("test"))
    begin_writing(db.session)
    db.session.add(RoleHolder(agency_id=COUNCIL, role="senior manager", person_id=world.people[ELSEWHERE], listed=7))
    db.session.commit()
    council = at_the_head(world, next_person=world.people[ABOVE])
    assert (asked("3/say/raising"), asked("3/say/responding")) == (people(world, ABOVE), people(world, ELSEWHERE))
    assert [actor(world, council.reference, one).side for one in (ABOVE, ELSEWHERE)] == ["raising", "responding"]


def test_whoever_is_on_neither_side_says_first_for_which_they_speak(world: World) -> None:
    council = Council(world, make_inside(world))
    reader = actor(world, council.reference, ELSEWHERE)
    assert actors.must_say_side(reader)
    with pytest.raises(NoLongerOpenError):
        council.do(ELSEWHERE, "1/answer")
    with pytest.raises(NoLongerOpenError):
        council.move(ELSEWHERE, "escalate/2")
    with pytest.raises(NoLongerOpenError):
        casework.add_information(
            db.session, world.keys, council.reference, reader, Sent("changes", 1, {"what": "?"}, {}, "x"), RAISED, machine_now()
        )
    council.say_side(ELSEWHERE, "responding")
    assert actor(world, council.reference, ELSEWHERE).side == "responding"
    with pytest.raises(NoLongerOpenError):
        council.say_side(ELSEWHERE, "raising")
    assert council.do(ELSEWHERE, "1/answer").obligation("1/answer").status == "done"


def test_a_slip_about_the_side_is_mended_and_the_other_side_cannot_void_it(world: World) -> None:
    council = Council(world, make_inside(world))
    council.say_side(ELSEWHERE, "responding")
    said = open_it(world, council.reference).events[-1]
    assert not rights.may_correct(actor(world, council.reference, OFFICER), said)
    mine = actor(world, council.reference, ELSEWHERE)
    assert rights.may_correct(mine, said)
    sent = Sent("correction", 1, {"why": "The wrong one."}, {}, "mend")
    casework.correct(db.session, world.keys, council.reference, str(said.seq), mine, sent, council.now, machine_now())
    assert actor(world, council.reference, ELSEWHERE).side == ""


def test_somebody_asked_in_an_other_s_stead_is_of_their_side(world: World) -> None:
    """The social worker's deputy is of their team; the officer has none, and the worker never stands in for the officer."""
    council = Council(world, make_inside(world))
    case = open_it(world, council.reference)
    directory = Directory(db.session, case)
    party = Party("raising", "practitioner", "", COUNCIL)
    assert directory.recipients(party, "deputy") == directory.recipients(party, "duty desk")
    deputies = directory.recipients(Party("responding", "practitioner", "", COUNCIL), "deputy")
    assert [one.key for one in deputies] == sorted(people(world, COLLEAGUE))


def test_what_is_private_to_one_side_is_not_shown_to_the_other(world: World) -> None:
    council = Council(world, make_inside(world))
    case = open_it(world, council.reference)
    for staff, seen in ((OFFICER, {"raising"}), (WORKER, {"responding"}), (ELSEWHERE, set())):
        side = cast("Side", actor(world, council.reference, staff).side or "none")
        shown = view(case.state(RAISED), Viewer(COUNCIL, side))
        assert {one.owner.side for one in shown.obligations if one.private} == seen


@pytest.mark.parametrize("by", ["every", "each"])
def test_the_whole_of_it_ends_in_one_record_on_the_one_file(app: Flask, by: str) -> None:
    world = under(make_world(app), POLICY.replace("by: every practitioner", f"by: {by} practitioner"))
    use_trial_adapter()
    council = at_the_head(world)
    council.do(WORKER, "case/ask lead/responding")
    council.do(ABOVE, "3/decide")
    state = council.move(ABOVE, "resolve/agreed", outcome="agreed", agreed="A plan.", reasons="It is safer.")
    assert state.status == "settled"
    work.deliver()
    bind(db.session, System("test"))
    delivered = db.session.scalars(select(Delivery)).one()
    assert (delivered.record, delivered.agency_id, delivered.state) == (f"{council.reference}/v1", COUNCIL, "on file")
    assert {one.status for one in council.state().obligations if one.kind == "record"} == {"done"}
    assert council.move(OFFICER, "close").status == "closed"
    bind(db.session, System("test"))
    assert chain.first_break(db.session.scalars(select(EventRow).order_by(EventRow.seq))) is None


def test_the_record_names_the_people_of_each_side_and_says_for_which_they_spoke(world: World) -> None:
    use_trial_adapter()
    council = at_the_head(world)
    council.move(ABOVE, "resolve/agreed", outcome="agreed", agreed="A plan.", reasons="It is safer.")
    bind(db.session, System("test"))
    claimed = deliveries.as_read(db.session, db.session.scalars(select(Delivery.id)).one(), machine_now())
    record = records.record_for(db.session, world.keys, claimed)
    text = " ".join(record.documents[1].content.decode().split())
    assert "Raised by Dorothea Kaminski, Northleigh Council" in text
    assert "Raised with Amara Lindqvist, Northleigh Council" in text
    assert "Beatriz Holloway, Northleigh Council" in text
