"""An agency leaves the partnership as a whole, and is back: nobody comes in, nothing new with it, what it owed goes to the partnership."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from plugin.models import Access, Agency, Connection, Delivery, Disagreement, MailRow, WebSession, begin_writing
from plugin.services.acting import consequences
from plugin.services.case import cases
from plugin.services.case.staff import other_agencies
from plugin.services.desk import taking_part
from plugin.services.keeping.clock import machine_now
from plugin.services.notices import alarms
from tests.pages import Visitor
from tests.plugin.desks import sign_in
from tests.plugin.visits import as_system, on_sqlite_alone, post_launch, start, to_where, token_for
from tests.world import COUNCIL, SCHOOL, World, uk

pytestmark = [pytest.mark.slow, on_sqlite_alone]
NOW = uk("2027-03-16 10:00")


def leave(world: World, agency: str = SCHOOL) -> int:
    return taking_part.leave(as_system(), world.keys, agency, NOW + timedelta(hours=1), machine_now(), by="someone")


def come_back(world: World, agency: str = SCHOOL) -> int:
    return taking_part.come_back(as_system(), world.keys, agency, NOW + timedelta(hours=2), machine_now(), by="someone")


def rows(recipient: str = "") -> list[Any]:
    session = as_system()
    wanted = select(MailRow).order_by(MailRow.created_at)
    return list(session.scalars(wanted.where(MailRow.recipient == recipient) if recipient else wanted))


def test_what_it_was_asked_goes_to_the_partnership_at_once_and_comes_back_to_it(world: World) -> None:
    world.make_disagreement(NOW)
    owed = {row.obligation for row in rows() if row.recipient == f"person:{world.people['htull']}" and row.rung == "ask"}
    assert owed and not rows("coordinator")
    assert leave(world) == 1
    told = rows("coordinator")
    assert owed <= {row.obligation for row in told} and {row.template for row in told} == {"nobody_reached"}
    ringing = [one for one in alarms.open_alarms(as_system(), NOW, machine_now(), 15) if one.kind == "organisation left"]
    assert owed <= {one.obligation for one in ringing} and {name for one in ringing for _id, name in one.agencies} == {"Hill Top School"}
    assert come_back(world) == 1
    assert not [one for one in alarms.open_alarms(as_system(), NOW, machine_now(), 15) if one.kind == "organisation left"]
    assert not [row for row in rows() if "does not take part" in row.reason], "what was not sent is decided anew"


def test_a_mail_that_waited_is_not_sent_to_it_and_is_once_it_is_back(world: World) -> None:
    reference = world.make_disagreement(NOW)
    person = f"person:{world.people['htull']}"
    leave(world)
    session = as_system()
    case = cases.open_case(session, world.keys, reference=reference)
    later = NOW + timedelta(days=9)  # every rung has come
    begin_writing(session)
    consequences.carry_out(session, case, case.state(later), later, machine_now=machine_now())
    session.commit()
    unsent = [row for row in rows(person) if "does not take part" in row.reason]
    assert unsent and {row.state for row in unsent} == {"no address"}
    come_back(world)
    assert not [row for row in rows(person) if row.state == "no address"]


def test_nobody_comes_in_and_no_link_opens_until_it_is_back(world: World) -> None:
    assert start(Visitor(world.app), world, "htull", host="school").status == 200
    leave(world)
    session = as_system()
    assert not session.scalars(select(WebSession).where(WebSession.agency_id == SCHOOL)).all()
    refused = post_launch(Visitor(world.app), token_for(world, "htull", host="school"), "school")
    assert refused.status == 403 and "does not take part in this safeguarding partnership now" in refused.words
    last = as_system().scalars(select(Access.result).where(Access.action == "launch").order_by(Access.at.desc())).first()
    assert last == "agency does not take part"
    come_back(world)
    assert start(Visitor(world.app), world, "htull", host="school").status == 200


def test_no_disagreement_is_raised_with_it_and_the_page_says_why_and_what_to_do(world: World) -> None:
    session = as_system()
    assert SCHOOL in {one.id for one in other_agencies(session, "demo", COUNCIL)}
    visitor = Visitor(world.app)
    assert "take part" not in to_where(visitor, start(visitor, world)).words
    leave(world)
    assert SCHOOL not in {one.id for one in other_agencies(as_system(), "demo", COUNCIL)}
    visitor = Visitor(world.app)
    page = to_where(visitor, start(visitor, world))
    assert f'value="{SCHOOL}"' not in page.text
    assert "because it does not take part in the partnership now: Hill Top School." in page.words
    assert "call them, and tell whoever coordinates the partnership (" in page.words


def test_the_partnership_is_told_each_time_that_it_leaves(world: World) -> None:
    world.make_disagreement(NOW)
    leave(world)
    once = rows("coordinator")
    come_back(world)
    assert len(rows("coordinator")) == len(once) > 0, "its people are asked again, nobody else"
    leave(world)
    assert sorted(row.obligation for row in rows("coordinator")) == sorted(2 * [row.obligation for row in once])


def test_what_goes_onto_its_files_waits_also_what_is_decided_meanwhile(world: World) -> None:
    reference = world.make_disagreement(NOW)
    leave(world)
    world.resolve(reference, "reasons understood", world.actor("nc-1042", "raising"), NOW + timedelta(hours=2))
    session = as_system()
    case_id = session.scalar(select(Disagreement.id).where(Disagreement.reference == reference))
    theirs = session.scalars(select(Delivery).where(Delivery.disagreement_id == case_id, Delivery.agency_id == SCHOOL)).all()
    assert theirs and {(row.state, row.connection_id) for row in theirs} == {("due", "school")}
    assert session.get_one(Connection, "school").enabled is False
    come_back(world)
    assert as_system().get_one(Connection, "school").enabled is True


def test_a_connection_that_was_paused_before_stays_paused_and_twice_is_once(world: World) -> None:
    session = as_system()
    begin_writing(session)
    session.get_one(Connection, "school").enabled = False
    session.commit()
    leave(world)
    assert leave(world) == 0
    come_back(world)
    assert come_back(world) == 0
    session = as_system()
    assert session.get_one(Connection, "school").enabled is False
    assert session.scalars(select(Access.action).where(Access.action.like("agency o%")).order_by(Access.at)).all() == [
        "agency off",
        "agency on",
    ]


def test_the_desk_switches_it_after_asking_and_every_page_says_so(world: World) -> None:
    owner = sign_in(world, "owner")
    page = owner.visitor.get(f"/admin/agencies/{SCHOOL}")
    sure = owner.visitor.press(page, "It leaves the partnership")
    assert sure.h1 == "Does Hill Top School leave the partnership?" and as_system().get_one(Agency, SCHOOL).off_since is None
    page = owner.visitor.press(sure, "It leaves")
    assert "does not take part in the partnership, since" in page.words
    for path in ("/admin/agencies", f"/admin/agencies/{SCHOOL}/people", "/admin/connections/school", "/admin/"):
        assert "not take part" in owner.visitor.get(path).words, path
    assert "Let it go on" not in owner.visitor.get("/admin/connections/school").buttons()
    theirs = sign_in(world, agency=SCHOOL)
    assert "Hill Top School does not take part in the partnership now, since" in theirs.visitor.get("/admin/").words
    assert "It takes part again" not in theirs.visitor.get(f"/admin/agencies/{SCHOOL}").buttons()
    page = owner.visitor.press(owner.visitor.get(f"/admin/agencies/{SCHOOL}"), "It takes part again")
    page = owner.visitor.press(page, "It takes part again")
    assert "does not take part" not in page.words


def test_an_administrator_cannot_switch_an_agency(world: World) -> None:
    desk = sign_in(world, agency=SCHOOL)
    form = desk.visitor.get(f"/admin/agencies/{SCHOOL}").form("Save")
    answer = desk.visitor.post(f"/admin/agencies/{SCHOOL}/part", {"_fs": form.sends["_fs"], "sure": "yes"})
    assert answer.status == 403 and as_system().get_one(Agency, SCHOOL).off_since is None


def test_the_case_says_who_does_not_take_part(world: World) -> None:
    reference = world.make_disagreement(NOW)
    leave(world)
    visitor = Visitor(world.app)
    start(visitor, world)
    assert "Hill Top School does not take part in the partnership now" in visitor.get(f"/case/{reference}").words
