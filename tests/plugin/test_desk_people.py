"""Agencies, people and accounts at the desk: forms, lists with the line of each fault, somebody who leaves, and who may do what."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from plugin.models import Account, Agency, Invitation, Person, RoleHolder, WebSession
from tests.pages import Visitor
from tests.plugin.desks import sign_in
from tests.plugin.visits import Mailbox, as_system, enter, on_sqlite_alone, post_launch, raise_by_hand, start, token_for
from tests.world import COUNCIL, SCHOOL, World

pytestmark = [pytest.mark.slow, on_sqlite_alone]
PEOPLE = f"/admin/agencies/{COUNCIL}/people"


def test_an_agency_is_made_by_its_form_and_codes_by_mail_need_somebody_who_accepts_the_risk(world: World) -> None:
    desk = sign_in(world, "coordinator")
    page = desk.visitor.press(desk.visitor.get("/admin/agencies/new"), "Save")
    assert {"s-name", "s-type"} <= set(page.errors())
    typed = {"s.name": "Castle Street Nursery", "s.type": "school", "s.duty_desk_email": "duty@castle.example"}
    page = desk.visitor.press(page, "Save", typed)
    assert "say who accepted the risk" in page.errors()["s-risk"], "at the question itself, which then stands open"
    assert "By a code to their mailbox" in page.main and "Mailbox_code" not in page.main
    risk = {"s.risk._use": "yes", "s.risk.name": "Joan Pereira", "s.risk.role": "Head", "s.risk.accepted_on": "soon"}
    page = desk.visitor.press(page, "Save", risk)
    assert "2027-01-18" in page.errors()["s-risk"]
    assert as_system().scalar(select(Agency).where(Agency.name == "Castle Street Nursery")) is None
    page = desk.visitor.press(page, "Save", {"s.risk.accepted_on": "2027-01-18"})
    row = as_system().scalar(select(Agency).where(Agency.name == "Castle Street Nursery"))
    assert row and row.partnership_id == "demo" and row.risk["name"] == "Joan Pereira" and "Castle Street Nursery" in page.h1
    assert "Nobody holds" in page.main, "what is missing is said at once"
    assert "goes to the duty desk." in page.words
    page = desk.visitor.press(desk.visitor.get(f"/admin/agencies/{row.id}"), "Save", {"s.duty_desk_email": ""})
    told = desk.visitor.get(f"/admin/agencies/{row.id}/people").words
    assert "goes to whoever coordinates the partnership: no duty desk is on record." in told


def test_an_administrator_changes_their_own_agency_and_no_other(world: World) -> None:
    desk = sign_in(world)
    page = desk.visitor.press(desk.visitor.get("/admin/agencies/own"), "Save", {"s.duty_desk_email": "new.duty@northleigh.example"})
    assert page.status == 200, page.summary()
    assert as_system().get_one(Agency, COUNCIL).duty_desk_email == "new.duty@northleigh.example"
    field = page.form("Sign out").sends["_fs"]
    for path in (f"/admin/agencies/{SCHOOL}", f"/admin/agencies/{SCHOOL}/people", f"/admin/agencies/{SCHOOL}/people/new"):
        assert desk.visitor.get(path).status == 404
    person = world.people["htull"]
    for path in (f"/admin/agencies/{SCHOOL}/people/list", f"/admin/agencies/{SCHOOL}/people/{person}/left", f"{PEOPLE}/{person}/left"):
        assert desk.visitor.post(path, {"_fs": field, "sure": "yes", "list": "name,email\nX Y,x@y.example"}).status == 404
    assert desk.visitor.get("/admin/agencies").status == 403


def test_somebody_is_added_with_a_role_and_a_deputy(world: World) -> None:
    desk = sign_in(world)
    page = desk.visitor.get(f"{PEOPLE}/new")
    page = desk.visitor.press(page, "Save", {"s.name": "Torvald Nkemelu", "s.email": "amara.lindqvist@northleigh.example"})
    assert "has this email address already" in page.errors()["s-email"]
    page = desk.visitor.post(f"{PEOPLE}/new", {**page.form("Save").sends.to_dict(), "do": "add roles"})
    typed = {"s.email": "t.nkemelu@northleigh.example", "s.roles.0.role": "manager", "s.roles.0.deputy_id": world.people["nc-0622"]}
    page = desk.visitor.press(page, "Save", typed)
    assert "Torvald Nkemelu" in page.main and "deputy: Stellan Obuya" in page.main
    found = as_system().scalar(select(Person).where(Person.name == "Torvald Nkemelu"))
    assert found and found.agency_id == COUNCIL


def test_a_list_of_people_is_put_in_whole_or_not_at_all(world: World) -> None:
    desk = sign_in(world)
    page = desk.visitor.get(f"{PEOPLE}/list")
    for text, said in (
        ("", "Line 1:"),
        ("names;email\nA;b", "Line 1: The first line must name the columns"),
        ("name,email\nAdaeze Holm,not-an-address", "Line 2: “not-an-address” is not an email address."),
        ("name,email\nAdaeze Holm,a@b.example\n,c@d.example", "Line 3: The name is missing."),
        ("name,email,role\nAdaeze Holm,a@b.example,emperor", "Line 2: The policy has no role “emperor”."),
        ("name,email,role,deputy_email\nAdaeze Holm,a@b.example,manager,x@y.example", "Line 2: There is no line for the deputy"),
        (f"agency,name,email\n{SCHOOL},Adaeze Holm,a@b.example", "Line 2: This person is of another agency"),
        (f"name,email,telephone\nAdaeze Holm,a@b.example,{'0' * 41}", "Line 2: The telephone number is too long"),
        ("name,email\nAdaeze, Holm,a@b.example", "Line 2: This line has more entries"),
    ):
        answer = desk.visitor.press(page, "Put them in", {"list": text})
        assert answer.status == 422 and said in answer.errors()["list"], (text, answer.errors())
        assert as_system().scalar(select(Person).where(Person.name.like("Adaeze%"))) is None
    lines = ["name,email,role,deputy_email", "Adaeze Holm,a.holm@northleigh.example,manager,b.ruiz@northleigh.example"]
    good = "\n".join([*lines, "Bo Ruiz,b.ruiz@northleigh.example,,"])
    page = desk.visitor.press(page, "Put them in", {"list": good})
    assert "Adaeze Holm" in page.main and "deputy: Bo Ruiz" in page.main


def test_a_list_may_be_pasted_as_a_spreadsheet_copies_it_with_roles_as_the_policy_calls_them(world: World) -> None:
    desk = sign_in(world)
    page = desk.visitor.get(f"{PEOPLE}/list")
    title = "Line manager, supervisor or named professional"
    assert title in page.main, "the page says the roles as the policy calls them"
    pasted = f"Name\tEmail\tJob title\tRole\nAdaeze Holm\ta.holm@northleigh.example\tTeam manager\t{title.upper()}"
    page = desk.visitor.press(page, "Put them in", {"list": pasted})
    assert "Adaeze Holm" in page.main, page.summary()
    lines = "name,email,telephone\nAdaeze Holm,a.holm@northleigh.example,01632 960 001"
    assert desk.visitor.press(desk.visitor.get(f"{PEOPLE}/list"), "Put them in", {"list": lines}).status == 200
    assert as_system().scalars(select(Person.phone).where(Person.name == "Adaeze Holm")).one() == "01632 960 001"
    page = desk.visitor.press(desk.visitor.get(f"{PEOPLE}/list"), "Put them in", {"list": "name;email\nBo Ruiz;b.ruiz@northleigh.example"})
    assert "Bo Ruiz" in page.main, page.summary()
    held = select(RoleHolder.role).join(Person, Person.id == RoleHolder.person_id).where(Person.name == "Adaeze Holm")
    assert as_system().scalars(held).one() == "manager"


def test_who_leaves_is_out_at_once_and_what_they_were_asked_goes_to_somebody_else(world: World) -> None:
    worker = Visitor(world.app)
    raise_by_hand(worker, world, start(worker, world))
    mailbox = Mailbox(world)
    mailbox.send_due()
    lead = Visitor(world.app)
    page = enter(lead, mailbox, "m.tull@hilltop.example")
    assert page.status == 200
    desk = sign_in(world, agency=SCHOOL)
    person = world.people["htull"]
    page = desk.visitor.press(desk.visitor.get(f"/admin/agencies/{SCHOOL}/people/{person}"), "This person has left")
    assert page.h1 == "Has Marguerite Tull left?"
    page = desk.visitor.press(page, "They have left")
    assert "Left" in page.main
    assert lead.get(page.response.request.path).status == 403
    session = as_system()
    assert session.scalars(select(WebSession).where(WebSession.person_id == person)).all() == []
    assert session.scalars(select(RoleHolder).where(RoleHolder.person_id == person)).all() == []
    live = session.scalars(select(Invitation.person_id).where(Invitation.ended_at.is_(None))).all()
    assert f"person:{person}" not in live
    assert post_launch(Visitor(world.app), token_for(world, "htull", host="school"), "school").status == 403


def test_an_owner_makes_an_account_and_the_link_is_shown_once(world: World) -> None:
    desk = sign_in(world, "owner")
    page = desk.visitor.press(desk.visitor.get("/admin/accounts/new"), "Make the account", {"name": "", "email": "x"})
    assert page.errors()
    typed = {"name": "Tendai Moor", "email": "t.moor@hilltop.example", "role": "administrator", "agency": SCHOOL}
    page = desk.visitor.press(page, "Make the account", typed, headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in page.text, "links are made of the setting, never of a request"
    link = re.search(r"https://accord.example(/admin/welcome/[\w-]+)", page.text)
    assert link and Visitor(world.app).get(link.group(1)).h1 == "Choose your password"
    assert link.group(1) not in desk.visitor.get("/admin/accounts").text
    row = as_system().scalar(select(Account).where(Account.email == "t.moor@hilltop.example"))
    assert row and (row.role, row.agency_id) == ("administrator", SCHOOL)


def test_an_administrator_makes_administrators_of_their_own_agency_alone(world: World) -> None:
    desk, other = sign_in(world), sign_in(world, agency=SCHOOL)
    page = desk.visitor.get("/admin/accounts/new")
    sent = {**page.form("Make").sends, "name": "Ula Brandt", "email": "u.brandt@x.example", "role": "owner", "agency": SCHOOL}
    assert desk.visitor.post("/admin/accounts/new", sent).status == 200
    row = as_system().scalar(select(Account).where(Account.email == "u.brandt@x.example"))
    assert row and (row.role, row.agency_id) == ("administrator", COUNCIL)
    field = page.form("Sign out").sends["_fs"]
    assert other.email not in desk.visitor.get("/admin/accounts").text
    for what in ("link", "switch"):
        for account in (other.account_id, desk.account_id):
            assert desk.visitor.post(f"/admin/accounts/{account}/{what}", {"_fs": field, "sure": "yes"}).status == 404
    taken = {**sent, "email": other.email}
    assert "already" in desk.visitor.post("/admin/accounts/new", taken).errors()["email"]


def test_an_account_that_is_begun_anew_loses_its_app_and_its_sessions(world: World) -> None:
    owner, desk = sign_in(world, "owner"), sign_in(world)
    field = owner.visitor.get("/admin/").form("Sign out").sends["_fs"]
    page = owner.visitor.post(f"/admin/accounts/{desk.account_id}/link", {"_fs": field, "lost": "app"})
    assert page.h1 == "Begin this account anew?" and desk.visitor.get("/admin/").status == 200
    page = owner.visitor.press(page, "Begin anew")
    assert "/admin/welcome/" in page.text and desk.visitor.get("/admin/").status == 403
    row = as_system().get_one(Account, desk.account_id)
    assert (row.totp, row.enrolled, row.password) == (None, False, "")
