"""Somebody chosen among the thousands of a large organisation: part of a name is typed, no script needed, and a few are listed."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from werkzeug.datastructures import MultiDict

from plugin.extensions import db
from plugin.models import Person, RoleHolder, new_id, table_of
from plugin.models.scope import System, bind
from plugin.services.case import staff
from tests.pages import Page, Visitor
from tests.plugin.desks import sign_in
from tests.plugin.test_what_a_journey_costs import counted
from tests.plugin.visits import ANSWERS, Mailbox, as_system, enter, on_sqlite_alone, raise_by_hand, start, to_the_question
from tests.world import COUNCIL, World

LOOK = "Check your answers"  # as Enter in the box does: a name that is new is looked for before anything is checked
HAND_ON = "Somebody else should answer this"
LEAD = "m.tull@hilltop.example"


def hire(agency: str, how_many: int = 3000) -> None:
    """Makes an agency large: names like "Ffion Ó Dálaigh-12", every tenth a Zephyrine."""
    bind(db.session, System("test"))
    rows = [
        {
            "id": new_id(),
            "agency_id": agency,
            "name": f"{'Zephyrine' if one % 10 == 0 else 'Ffion'} Ó Dálaigh-{one}",
            "email": f"person-{one}@example.gov.uk",
            "job_title": "Night warden" if one == 7 else "Teacher",
            "team": "",
            "phone": "",
            "active": True,
        }
        for one in range(how_many)
    ]
    db.session.execute(insert(table_of(Person)), rows)
    db.session.commit()


def offered(page: Page) -> list[str]:
    """The ids that can be chosen as the person."""
    assert page.tree is not None
    return [one.get("value", "") for one in page.tree.iter("input") if one.get("name") == "person"]


@pytest.mark.slow
def test_a_person_is_named_among_three_thousand_by_part_of_a_name(world: World) -> None:
    visitor = Visitor(world.app, cookies=False)
    page = to_the_question(visitor, start(visitor, world))
    with counted(world.app) as usual:
        visitor.press(page, LOOK, {"unsafe": "She goes home alone."})
    hire("hill-top-school")
    page = visitor.post(page.form(LOOK).action, {**page.form(LOOK).sends, "do": "open"})
    assert "Many people work there" in page.words and len(offered(page)) < 12
    with counted(world.app) as few:
        page = visitor.press(page, LOOK, {"find": "zephyrine", "unsafe": "She goes home alone."})
    assert not page.errors(), "who looks for somebody has not finished"
    assert page.form(LOOK).sends["unsafe"] == "She goes home alone.", "what was typed is kept"
    assert page.form(LOOK).sends["find"] == "zephyrine"
    assert "The first 20 with “zephyrine” are listed" in page.words and 20 < len(offered(page)) < 32
    assert len(few) <= len(usual), "no more statements than where four people are listed"
    nobody = visitor.press(page, LOOK, {"find": "<Quillfeather>"})
    assert "Nobody found with “<Quillfeather>”" in nobody.words and "choose “Someone else”" in nobody.words
    page = visitor.press(nobody, LOOK, {**ANSWERS, "find": "o dalaigh2999"})
    assert page.h1.startswith("Raise a disagreement") and not page.errors()
    assert "1 person found with “o dalaigh2999”" in page.words
    wanted = as_system().scalars(db.select(Person.id).where(Person.name.endswith("-2999"))).one()
    assert wanted in offered(page)
    sends = page.form(LOOK).sends
    same = visitor.post(page.form(LOOK).action, MultiDict([*sends.items(multi=True), ("find_now", "yes")]))
    assert same.h1 == page.h1 and not same.errors(), "the button Find looks for the same once more, and checks nothing"
    again = visitor.press(page, LOOK, {"person": wanted, "find": "zephyrine 10"})
    assert again.form(LOOK).sends["person"] == wanted, "who was chosen stays, whoever is looked for next"
    page = visitor.press(again, "Check your answers")
    assert page.h1 == "Check your answers" and "Ffion Ó Dálaigh-2999, Teacher" in page.words
    assert visitor.press(page, "Send and start").h1.startswith("Disagreement")


@on_sqlite_alone
@pytest.mark.slow
def test_a_link_is_handed_on_among_three_thousand(world: World) -> None:
    mailbox, visitor = Mailbox(world), Visitor(world.app)
    worker = Visitor(world.app)
    raise_by_hand(worker, world, start(worker, world))
    hire("hill-top-school")
    mailbox.send_due()
    page = visitor.press(enter(visitor, mailbox, LEAD), HAND_ON)
    assert page.form(LOOK).sends["person"] == world.people["osayed"], "the deputy is proposed all the same"
    page = visitor.press(page, LOOK, {"find": "NIGHT wardén", "why": "not me"})
    wanted = as_system().scalars(db.select(Person.id).where(Person.job_title == "Night warden")).one()
    page = visitor.press(page, "Check your answers", {"person": wanted})
    assert page.h1 == "Check your answers", page.errors()
    assert "Ffion Ó Dálaigh-7" in visitor.press(page, "Send").h1


@on_sqlite_alone
def test_the_people_of_a_small_organisation_are_all_listed(world: World) -> None:
    bind(db.session, System("test"))
    found = staff.found(db.session, "hill-top-school")
    assert not found.asks and len(found.people) <= staff.FEW
    hire("hill-top-school", staff.FEW)
    assert staff.found(db.session, "hill-top-school").asks


@on_sqlite_alone
def test_who_holds_the_role_comes_first_and_a_role_of_everybody_lists_nobody(world: World) -> None:
    hire("hill-top-school", 60)
    session = as_system()
    ids = list(session.scalars(db.select(Person.id).where(Person.name.like("Zephyrine%")).order_by(Person.email)))
    session.add_all(RoleHolder(agency_id="hill-top-school", role="harbour", person_id=one, listed=-at) for at, one in enumerate(ids[:3]))
    session.commit()
    found = staff.found(session, "hill-top-school", "ffion", roles=["harbour"])
    assert [one for one, _name in found.people[:3]] == ids[2::-1] and found.more
    everybody = session.scalars(db.select(Person.id).where(Person.agency_id == "hill-top-school"))
    session.add_all(RoleHolder(agency_id="hill-top-school", role="all", person_id=one) for one in everybody)
    session.commit()
    assert staff.found(session, "hill-top-school", roles=["all"]).people == []


@on_sqlite_alone
@pytest.mark.slow
def test_a_deputy_is_found_among_three_thousand_at_the_desk_and_looking_saves_nothing(world: World) -> None:
    hire(COUNCIL)
    desk = sign_in(world)
    page = desk.visitor.get(f"/admin/agencies/{COUNCIL}/people/new")
    typed = {"s.name": "Torvald Nkemelu", "s.email": "t.nkemelu@northleigh.example"}
    page = desk.visitor.post(f"/admin/agencies/{COUNCIL}/people/new", {**page.form("Save").sends.to_dict(), **typed, "do": "add roles"})
    page = desk.visitor.press(page, "Save", {"find": "night warden"})
    assert "1 person found with “night warden”. Choose them as the deputy above." in page.words
    assert page.form("Save").sends["s.name"] == "Torvald Nkemelu" and len(page.text) < 40_000
    session = as_system()
    wanted = session.scalars(db.select(Person.id).where(Person.job_title == "Night warden")).one()
    assert session.scalar(db.select(Person).where(Person.name == "Torvald Nkemelu")) is None
    page = desk.visitor.press(page, "Save", {"s.roles.0.role": "manager", "s.roles.0.deputy_id": wanted})
    assert "deputy: Ffion Ó Dálaigh-7" in page.main, page.errors()
