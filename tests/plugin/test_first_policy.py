"""A partnership's first policy, put in at the desk by nobody who knows a command; and the people and addresses that it needs."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from plugin.models import Access, Binding, Draft, Partnership, PolicyVersion, begin_writing
from plugin.services.case.policies import current_policy
from plugin.services.keeping.clock import machine_now
from policies import pack_text
from tests.pages import Page, Visitor
from tests.plugin.desks import Desk, sign_in
from tests.plugin.visits import as_system, on_sqlite_alone, start
from tests.world import World

pytestmark = [on_sqlite_alone, pytest.mark.slow]
TEXT = pack_text("wiltshire")
GIVEN = "given.nominated people"


def pasted(desk: Desk, text: str = TEXT) -> Page:
    page = desk.visitor.get("/admin/policies/new")
    return desk.visitor.press(page, "Check it", {"text": text})


def there() -> list[str]:
    return sorted(as_system().scalars(select(Partnership.id)))


def test_a_first_policy_is_checked_shown_and_put_in_force(world: World) -> None:
    desk = sign_in(world, "owner")
    assert "Put in the policy of a new partnership" in desk.visitor.get("/admin/policies").words
    page = pasted(desk)
    assert "Is this your policy?" in page.h1 and "How time is counted" in page.text
    picture = next(part.split('"')[0] for part in page.text.split('src="') if part.startswith("/admin/policies/new/"))
    drawn = desk.visitor.get(picture)
    assert drawn.response.mimetype == "image/svg+xml" and "public" not in drawn.response.headers["Cache-Control"]
    assert there() == ["demo"], "nothing is in force before it is said"
    wrong = desk.visitor.press(page, "Put it in force", {"coordinator_email": "nobody", "areas": "Wiltshire", GIVEN: "The list of May"})
    assert wrong.status == 422 and there() == ["demo"]
    assert set(wrong.errors()) == {"coordinator_email", "areas"}
    assert "The list of May" in wrong.text and 'value="nobody"' in wrong.text, "what was typed is kept"
    done = desk.visitor.press(wrong, "Put it in force", {"coordinator_email": "board@wiltshire.example", "areas": "e06000054"})
    assert "It is in force. Next: say who holds the partnership’s own roles" in done.words and "The list of May" in done.words
    row = as_system().get_one(Partnership, "wiltshire")
    assert (row.title, row.areas, row.coordinator_email) == (
        "Wiltshire Safeguarding Children Board",
        ["E06000054"],
        "board@wiltshire.example",
    )
    assert current_policy(as_system(), "wiltshire").id == "wiltshire"
    assert as_system().scalars(select(Access.subject).where(Access.action == "policy in force")).all() == ["wiltshire"]
    assert as_system().scalars(select(Draft.owner)).all() == [], "and the draft is forgotten"


def test_every_mistake_is_told_at_its_line_and_what_was_pasted_is_kept(world: World) -> None:
    desk = sign_in(world, "owner")
    page = pasted(desk, TEXT.replace("language: 1\n", "", 1))
    assert page.status == 422 and "This key is missing." in page.words and "id: wiltshire" in page.text
    assert pasted(desk, "  ").errors() == {"text": "Paste the text of the policy."}
    kept = desk.visitor.get("/admin/policies/new")
    assert "This is what you typed on" in kept.words


def test_a_partnership_that_is_there_is_not_set_up_twice(world: World) -> None:
    desk = sign_in(world, "owner")
    page = pasted(desk, TEXT.replace("id: wiltshire\n", "id: demo\n", 1))
    refused = desk.visitor.press(page, "Put it in force", {"coordinator_email": "a@b.example", GIVEN: "x"})
    assert refused.status == 422 and "There is a partnership with the id “demo” already." in refused.words
    assert "id: demo" in refused.text


def test_a_first_policy_that_was_taken_back_may_be_put_in_again(world: World) -> None:
    desk = sign_in(world, "owner")
    begins = (machine_now() + timedelta(days=40)).date()
    later = TEXT.replace("effective: {from: 2018-05-01}", f"effective: {{from: {begins}}}")
    mailbox = {"coordinator_email": "board@wiltshire.example", GIVEN: "The list of May"}
    page = desk.visitor.press(pasted(desk, later), "Put it in force", mailbox)
    desk.visitor.press(desk.visitor.press(page, "Take it back"), "Take it back")
    again = desk.visitor.press(pasted(desk), "Put it in force", {**mailbox, "coordinator_email": "office@wiltshire.example"})
    assert "It is in force." in again.words
    assert current_policy(as_system(), "wiltshire").text == TEXT
    assert as_system().get_one(Partnership, "wiltshire").coordinator_email == "office@wiltshire.example"
    assert "There is a partnership with the id" in desk.visitor.press(pasted(desk), "Put it in force", mailbox).words


@pytest.mark.parametrize("role", ["administrator", "coordinator"])
def test_it_is_the_owner_s_to_do(world: World, role: str) -> None:
    desk = sign_in(world, role)
    assert "Put in the policy of a new partnership" not in desk.visitor.get("/admin/policies").words
    assert desk.visitor.get("/admin/policies/new").status == 403


def test_before_its_first_day_a_worker_is_told_what_to_do_instead(world: World) -> None:
    session = as_system()
    begin_writing(session)
    session.execute(update(PolicyVersion).values(activated_at=machine_now() + timedelta(days=3)))
    session.commit()
    page = start(Visitor(world.app), world)
    assert (page.status, page.h1) == (409, "Your partnership’s policy is not in force here yet")
    assert "talk to the other side and to your own safeguarding lead now" in page.words
    assert sign_in(world, "coordinator").visitor.get("/admin/partnership").status == 200, "the desk can be worked at meanwhile"


def test_an_empty_installation_leads_its_owner_to_the_policy(app: Flask) -> None:
    with app.app_context():
        page = sign_in(World(app, {}, {}, itertools.count(1)), "owner").visitor.get("/admin/")
    assert "Nothing is set up yet. Put in the policy of your partnership first" in page.words


# --- people and addresses -----------------------------------------------------------------------------------------------------------------


def test_the_coordinator_says_who_holds_a_role_and_what_was_before_is_kept(world: World) -> None:
    desk = sign_in(world, "coordinator")
    page = desk.visitor.get("/admin/partnership")
    assert "Henrietta Osei-Marsh (Business Manager)" in page.text and "business@partnership.example" in page.text
    wrong = desk.visitor.press(page, "Save", {"email.business manager": "x", "who.chair": "", "coordinator_email": ""})
    assert wrong.status == 422
    assert set(wrong.errors()) == {"email.business-manager", "who.chair", "coordinator_email"}
    done = desk.visitor.press(
        wrong,
        "Save",
        {
            "who.business manager": "Odile Farrant",
            "email.business manager": "o.farrant@partnership.example",
            "who.chair": "",
            "email.chair": "",
            "coordinator_email": "coordinator@partnership.example",
        },
    )
    assert "Saved. It holds from now on" in done.words and "Odile Farrant" in done.text
    assert "Nobody holds: Chair. The coordinator is asked instead" in desk.visitor.get("/admin/").words
    rows = as_system().scalars(select(Binding).where(Binding.name == "business manager").order_by(Binding.valid_from)).all()
    assert [(row.title.split()[0], row.valid_to is None) for row in rows] == [("Henrietta", False), ("Odile", True)]
    assert as_system().scalars(select(Binding.valid_to).where(Binding.name == "chair")).one() is not None
    noted = as_system().scalars(select(Access.result).where(Access.action == "contact changed")).all()
    assert sorted(noted) == ["business manager", "chair"]


def test_another_partnership_s_people_are_not_a_coordinator_s(world: World) -> None:
    owner = sign_in(world, "owner")
    desk_page = owner.visitor.press(pasted(owner), "Put it in force", {"coordinator_email": "board@wiltshire.example", GIVEN: "x"})
    assert desk_page.status == 200
    coordinator = sign_in(world, "coordinator")
    assert coordinator.visitor.get("/admin/partnership/wiltshire").status == 404
    assert coordinator.visitor.get("/admin/partnership").status == 200, "their own, straight away"
    assert "Wiltshire Safeguarding Children Board" in owner.visitor.get("/admin/partnership").words
    assert sign_in(world, "administrator").visitor.get("/admin/partnership").status == 403
    mine = coordinator.visitor.get("/admin/partnership/demo").form("Save").sends.to_dict()
    assert "areas" not in mine, "whose policy a child comes under is for an owner to say"
    assert coordinator.visitor.post("/admin/partnership/wiltshire", mine).status == 404


def test_an_area_is_of_one_partnership_and_an_owners_to_say(world: World) -> None:
    owner, coordinator = sign_in(world, "owner"), sign_in(world, "coordinator")
    session = as_system()
    begin_writing(session)
    session.get_one(Partnership, "demo").areas = ["E06000025"]
    session.add(Partnership(id="another", title="Another board", coordinator_email="c@another.example", areas=["E06000054"]))
    session.commit()
    page = owner.visitor.get("/admin/partnership/demo")
    wrong = owner.visitor.press(page, "Save", {"areas": "E06000025\nE06000054"})
    assert wrong.status == 422 and "E06000054 is an area of Another board" in wrong.errors()["areas"]
    mine = coordinator.visitor.get("/admin/partnership/demo")
    assert "Its policy holds in E06000025" in mine.words
    coordinator.visitor.post("/admin/partnership/demo", {**mine.form("Save").sends.to_dict(), "areas": "E06000099"})
    assert as_system().get_one(Partnership, "demo").areas == ["E06000025"]
    assert owner.visitor.press(page, "Save", {"areas": "E06000025 E06000023"}).status == 200
    assert as_system().get_one(Partnership, "demo").areas == ["E06000023", "E06000025"]
