"""Which mailbox may open a case: one of an organisation of this partnership, wherever somebody types the address of whoever answers."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select

from plugin.extensions import db
from plugin.models import Agency, Invitation, Partnership, Person, RoleHolder
from plugin.services.case.staff import mailboxes
from plugin.services.keeping.clock import machine_now
from tests.pages import Visitor
from tests.plugin.visits import ANSWERS, as_system, fill_raise, on_sqlite_alone, raise_by_hand, start, to_the_question
from tests.world import SCHOOL, World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
REFUSED = "No organisation of this partnership has addresses like this one"


def _known() -> frozenset[str]:
    return mailboxes(db.session(), db.session.scalars(select(Partnership.id)).one())


def test_the_domains_of_people_and_duty_desks_are_known_and_those_of_webmail_are_not(world: World) -> None:
    session = as_system()
    session.get_one(Agency, SCHOOL).duty_desk_email = "Duty@Desk.Hilltop.example"
    session.add(Person(agency_id=SCHOOL, name="Leocadia Brandt", email="leocadia.brandt@gmail.com"))
    session.add(Person(agency_id=SCHOOL, name="Osric Vanterpool", email="osric@left.example", active=False))
    session.flush()
    known = _known()
    assert {"hilltop.example", "desk.hilltop.example", "leocadia.brandt@gmail.com"} <= known
    assert not {"gmail.com", "left.example", ""} & known


def test_who_has_left_the_partnership_lets_nobody_in(world: World) -> None:
    as_system().get_one(Agency, SCHOOL).off_since = machine_now()
    db.session.flush()
    assert "hilltop.example" not in _known()


@pytest.mark.parametrize("address", ["someone.private@gmail.com", "m.tull@hilltop.example.evil.example", "m.tull@nothilltop.example"])
def test_a_disagreement_is_not_raised_with_a_private_mailbox(world: World, address: str) -> None:
    visitor = Visitor(world.app)
    page = to_the_question(visitor, start(visitor, world))
    other = {"person": "someone else", "other_person-name": "Leocadia Brandt", "other_person-email": address}
    page = visitor.press(page, "Check your answers", {**ANSWERS, **other})
    said = page.errors()["other_person-email"]
    assert REFUSED in said and "ask whoever looks after Accord for that organisation to add the person" in said
    sends = page.form("Check your answers").sends
    assert sends["other_person-email"] == address and sends["unsafe"] == ANSWERS["unsafe"], "what was typed is kept"


def test_somebody_in_no_directory_is_named_by_an_address_of_their_organisation(world: World) -> None:
    visitor = Visitor(world.app)
    other = {"person": "someone else", "other_person-name": "Leocadia Brandt", "other_person-email": "L.Brandt@HillTop.example"}
    assert "Leocadia Brandt" in raise_by_hand(visitor, world, start(visitor, world), **other).words


def test_who_does_not_know_whom_to_name_leaves_it_to_the_policy_and_the_duty_desk(world: World) -> None:
    visitor = Visitor(world.app)
    page = raise_by_hand(visitor, world, start(visitor, world), person="not known")
    assert "PD-" in page.h1
    asked = set(as_system().scalars(select(Invitation.person_id)))
    holders = set(db.session.scalars(select(RoleHolder.person_id).where(RoleHolder.agency_id == SCHOOL)))
    assert {f"person:{one}" for one in holders} & asked, "whoever holds the role there is asked"


def test_where_nobody_holds_the_role_the_duty_desk_is_asked(world: World) -> None:
    as_system().execute(delete(RoleHolder).where(RoleHolder.agency_id == SCHOOL), execution_options={"synchronize_session": False})
    db.session.get_one(Agency, SCHOOL).duty_desk_email = "duty@hilltop.example"
    db.session.commit()
    visitor = Visitor(world.app)
    raise_by_hand(visitor, world, start(visitor, world), person="not known")
    assert f"duty:{SCHOOL}" in set(as_system().scalars(select(Invitation.person_id)))


def test_it_is_not_taken_to_the_next_step_by_a_private_mailbox(world: World) -> None:
    visitor = Visitor(world.app)
    page = raise_by_hand(visitor, world, start(visitor, world))
    page = visitor.press(page, "Go on to Line managers")
    other = {"next_person": "someone else", "other_person-name": "Leocadia Brandt", "other_person-email": "l.brandt@gmail.com"}
    said = {"why": "We do not agree.", "safe_meanwhile": "She stays at home.", **other}
    page = visitor.press(page, "Check your answers", said)
    assert REFUSED in page.errors()["other_person-email"]
    page = visitor.press(page, "Check your answers", {**said, "other_person-email": "l.brandt@northleigh.example"})
    assert page.h1 == "Check your answers"


def test_an_officer_may_have_any_mailbox_and_the_page_says_what_they_can_read(world: World) -> None:
    visitor = Visitor(world.app)
    page = to_the_question(visitor, start(visitor, world))
    assert (
        "Whoever reads the mailbox you give can see the child’s name, who disagrees, and what is done when, but not what anybody"
        in page.words
    )
    own = {"flags": "looked after", "officer-name": "Leocadia Brandt", "officer-email": "l.brandt@voices.example"}
    fill_raise(visitor, world, start(visitor, world), **own)
